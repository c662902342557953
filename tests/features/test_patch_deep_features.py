import numpy as np
import pytest
import torch
from torchvision.models import get_model

from sicf import CachedRows, PatchDeepFeatures
from sicf.features._network_pictures import IMAGENET_MEAN, IMAGENET_STD
from sicf.features._patch_rows import cut

SMALL = {"model": "squeezenet1_1", "layers": ("features.2", "features.3"), "weights": None}


def small(**parameters):
    """A seeded SqueezeNet that is read at its first pooling and its first block."""
    return PatchDeepFeatures(**{**SMALL, "patch_sizes": (16, 24), "size": 48, **parameters})


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).integers(0, 256, size=(3, 48, 48), dtype=np.uint8)


def seeded_network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return get_model("squeezenet1_1").eval()


def by_hand(picture, patch_sizes, resize=None):
    """Blocks of one picture, patch by patch: lists of rows by size and layer."""
    network = seeded_network().features
    mean, std = (torch.tensor(v)[:, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD))
    tensor = (torch.from_numpy(picture).float() / 255 - mean) / std
    blocks = []
    for size in patch_sizes:
        found = ([], [])
        for top in range(0, 48 - size + 1, size):
            for left in range(0, 48 - size + 1, size):
                patch = tensor[None, :, top : top + size, left : left + size]
                if resize is not None:
                    patch = torch.nn.functional.interpolate(
                        patch, size=resize, mode="bilinear", antialias=True
                    )
                with torch.no_grad():
                    first = network[:3](patch)
                    second = network[3](first)
                for rows, output in zip(found, (first, second), strict=True):
                    rows.append(output.mean(dim=(2, 3))[0].numpy())
        blocks += [np.stack(rows) for rows in found]
    return blocks


@pytest.mark.parametrize("resize", [None, 40])
@pytest.mark.parametrize("pool", ["concat", "mean", "max"])
def test_rows_are_what_the_network_gives_for_each_patch(X, pool, resize):
    rows = small(pool=pool, patch_resize=resize).fit_transform(X)
    join = {"concat": np.ravel, "mean": lambda b: b.mean(axis=0), "max": lambda b: b.max(axis=0)}
    for row, picture in zip(rows, X, strict=True):
        expected = np.concatenate([join[pool](b) for b in by_hand(picture, (16, 24), resize)])
        np.testing.assert_allclose(row, expected, rtol=1e-3, atol=1e-4)


def test_names_say_layer_size_patch_and_column(X):
    features = small().fit(X)
    names = features.get_feature_names_out()
    assert names[0] == "features.2@16_0_00"
    assert names[-1] == "features.3@24_3_127"
    assert len(names) == len(set(names)) == features.transform(X).shape[1] == (9 + 4) * 192
    pooled = small(pool="max", fuse_sequences="concat", sequence_names=("T1", "T2"))
    stack = np.stack([X, X[::-1]], axis=-1)
    names = pooled.fit(stack).get_feature_names_out()
    assert names[[0, -1]].tolist() == ["T1_features.2@16_00", "T2_features.3@24_127"]


def test_batch_size_is_no_part_of_the_result_and_equal_pictures_have_equal_rows(X):
    doubled = np.concatenate([X, X[:1]])
    rows = small(batch_size=5).fit_transform(doubled)
    np.testing.assert_allclose(rows, small().fit_transform(doubled), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(rows[0], rows[-1])


def test_published_layers_of_resnet_come_from_one_run(X):
    features = PatchDeepFeatures(weights=None, patch_sizes=(32,), size=32, pool="mean")
    rows = features.fit_transform(X)
    assert rows.shape == (3, 3048)
    assert features.get_feature_names_out()[2048] == "fc@32_000"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        head = get_model("resnet50").fc
    with torch.no_grad():
        logits = head(torch.from_numpy(rows[:, :2048])).numpy()
    np.testing.assert_allclose(rows[:, 2048:], logits, rtol=1e-3, atol=1e-4)


def test_cut_keeps_raster_order_and_leaves_the_edge():
    picture = torch.arange(25.0).reshape(1, 1, 5, 5)
    assert cut(picture, 2)[0, :, 0].flatten(1).tolist() == [
        [0, 1, 5, 6],
        [2, 3, 7, 8],
        [10, 11, 15, 16],
        [12, 13, 17, 18],
    ]


def test_cache_keeps_rows_and_knows_what_changes_them(X, tmp_path):
    kept = CachedRows(small(), tmp_path)
    expected = small().fit_transform(X)
    for _ in range(2):
        np.testing.assert_array_equal(kept.fit_transform(X), expected)
    same = small(batch_size=3, device="cpu").fit(X).rows_depend_on()
    assert same == small().fit(X).rows_depend_on()
    for change in ({"pool": "max"}, {"patch_resize": 32}, {"random_state": 1}):
        assert small(**change).fit(X).rows_depend_on() != same


def test_weights_come_from_a_file_and_are_held_to_it(X, tmp_path):
    path = tmp_path / "net.pth"
    torch.save(seeded_network().state_dict(), path)
    features = small(weights=path).fit(X)
    np.testing.assert_allclose(features.transform(X), small().fit_transform(X), rtol=1e-5)
    state = seeded_network().state_dict()
    state["features.0.bias"] += 1
    torch.save(state, path)
    with pytest.raises(ValueError, match="weights must be those that fit saw"):
        features.transform(X)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"pool": "avg"}, ValueError, "pool must be one of .* Got 'avg'"),
        ({"patch_sizes": (16, 16)}, ValueError, "patch_sizes must be different sides"),
        ({"patch_sizes": 16}, ValueError, "patch_sizes must be different sides. Got 16"),
        ({"patch_sizes": (64,)}, ValueError, "patch_sizes must be at most size=48.* Got 64"),
        ({"patch_sizes": (2.5,)}, TypeError, "patch_sizes must be a whole number. Got 2.5"),
        ({"patch_resize": 0}, ValueError, "patch_resize must be at least 1. Got 0"),
        ({"layers": "fc"}, ValueError, "layers must be several names of modules. Got 'fc'"),
        ({"random_state": None}, TypeError, "random_state must be an int"),
        ({"fuse_sequences": "rgb"}, ValueError, "fuse_sequences must be one of"),
    ],
)
def test_wrong_parameters_are_named(X, parameters, error, message):
    with pytest.raises(error, match=message):
        small(**parameters).fit(X)


def test_layers_that_never_run_are_named(X):
    with pytest.raises(ValueError, match="layer must be one of the network's"):
        small(layers=("features.2", "fc9")).fit_transform(X)
