import pickle
import warnings

import cv2
import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import clone

from sicf import CachedRows, TorchEmbedder
from sicf._batch import check_images
from sicf.features import _network
from sicf.features._network_pictures import NetworkPictures

CALLS = []


class Tiny(torch.nn.Module):
    """Two convolutions and a head; counts what it is asked to compute."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 5, 3)
        self.second = torch.nn.Conv2d(5, 7, 3)
        self.norm = torch.nn.BatchNorm2d(7)
        self.drop = torch.nn.Dropout(0.5)
        self.unused = torch.nn.Linear(2, 2)
        self.head = torch.nn.Linear(7, 3)

    def forward(self, pictures):
        CALLS.append(len(pictures))
        hidden = self.drop(self.norm(self.second(torch.relu(self.first(pictures)))))
        return self.head(hidden.mean(dim=(2, 3)))


def tiny():
    return Tiny()


def hungry():
    """A network that has memory for two pictures."""
    network = Tiny()
    network.register_forward_pre_hook(_refuse_more_than_two)
    return network


def _refuse_more_than_two(module, inputs):
    if len(inputs[0]) > 2:
        # More than any machine has: torch's own allocator refuses it.
        torch.empty(2**60, dtype=torch.uint8)


def explosive():
    network = Tiny()
    torch.nn.init.constant_(network.first.weight, float("inf"))
    return network


def needs_numbers():
    """A network whose making fails on torch's "meta" device."""
    network = Tiny()
    float(network.first.weight.sum())
    return network


def not_a_network():
    return 3


@pytest.fixture
def X(rng):
    return rng.integers(0, 256, size=(5, 40, 36, 2), dtype=np.uint8)


def embedder(**parameters):
    return TorchEmbedder(**({"model": tiny, "layer": "norm", "input_size": 24} | parameters))


def by_hand(planes, pool=(2, 3)):
    """torchvision's own preprocessing and torch's own forward, one picture at a time."""
    from torchvision.transforms.v2 import functional as F

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Tiny().eval()
    picture = F.resize(torch.from_numpy(np.stack(planes).copy()).float() / 255, [24, 24])
    picture = F.normalize(picture, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])[None]
    with torch.no_grad():
        output = network.norm(network.second(torch.relu(network.first(picture))))
    return output.mean(dim=pool)[0].numpy()


def test_rows_are_those_of_a_plain_forward_averaged_over_sequences(X):
    rows = embedder().fit_transform(X)
    for image, row in zip(X, rows, strict=True):
        expected = np.mean([by_hand([image[..., m]] * 3) for m in range(2)], axis=0)
        np.testing.assert_allclose(row, expected, rtol=1e-4, atol=1e-6)


def test_three_sequences_are_the_three_channels_by_rgb(rng):
    X = rng.integers(0, 256, size=(2, 40, 36, 3), dtype=np.uint8)
    rows = embedder(fuse_sequences="rgb").fit_transform(X)
    expected = by_hand([X[1, :, :, m] for m in range(3)])
    np.testing.assert_allclose(rows[1], expected, rtol=1e-4, atol=1e-6)


def test_concat_and_max_of_the_sequences(X):
    each = embedder(fuse_sequences="concat", sequence_names=("T1", "T2")).fit(X)
    rows = each.transform(X)
    assert each.get_feature_names_out()[[0, 7]].tolist() == ["T1_norm_0", "T2_norm_0"]
    np.testing.assert_array_equal(
        embedder(fuse_sequences="max").fit_transform(X), rows.reshape(5, 2, 7).max(axis=1)
    )


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_batch_size_is_no_part_of_the_result(X, batch_size):
    expected = embedder().fit_transform(X)
    rows = embedder(batch_size=batch_size).fit_transform(X)
    np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-6)


def test_pictures_of_many_sizes(rng):
    X = [rng.integers(0, 256, size, np.uint8) for size in [(40, 36), (17, 90), (64, 64)]]
    rows = embedder().fit_transform(X)
    np.testing.assert_allclose(rows[1], by_hand([X[1]] * 3), rtol=1e-4, atol=1e-6)


def test_pooling(X):
    plane, average = X[..., 0], embedder(pool="avg").fit_transform(X[..., 0])
    flat = embedder(pool=None).fit_transform(plane)
    assert flat.shape == (5, 7 * 20 * 20)
    places = flat.reshape(5, 7, 400)
    np.testing.assert_allclose(average, places.mean(axis=2), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(embedder(pool="max").fit_transform(plane), places.max(axis=2))


def test_later_layers_are_not_computed(X):
    network = tiny().eval()
    network.second.register_forward_pre_hook(lambda *args: pytest.fail("computed too much"))
    output = _network.read_layer(network, "first", torch.zeros(1, 3, 24, 24))
    assert output.shape == (1, 5, 22, 22)


def test_network_is_built_once_in_a_process(X, monkeypatch):
    _network._networks.clear()
    built = []
    monkeypatch.setattr(_network, "find_factory", lambda model: lambda: built.append(1) or Tiny())
    for _ in range(3):
        embedder().fit(X).transform(X)
    assert len(built) == 1


def test_global_generator_is_left_alone(X):
    _network._networks.clear()
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    embedder().fit_transform(X)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_seed_makes_another_network(X):
    assert not np.allclose(
        embedder().fit_transform(X), embedder(random_state=1).fit_transform(X), atol=1e-3
    )


def test_out_of_memory_halves_the_batch_with_one_warning(X):
    plane = X[..., 0]
    with pytest.warns(
        UserWarning, match="Out of memory with 5 pictures at once; went on with 2."
    ) as caught:
        rows = embedder(model=hungry).fit_transform(plane)
    assert len(caught) == 1
    np.testing.assert_allclose(rows, embedder().fit_transform(plane), rtol=1e-5, atol=1e-6)


def test_bfloat16_stays_close(X, monkeypatch):
    monkeypatch.setattr("sicf.features._network_engine.computes_in", lambda device, dtype: True)
    rows, close = embedder().fit_transform(X), embedder(dtype="bfloat16").fit_transform(X)
    assert close.dtype == np.float32
    assert not np.array_equal(close, rows)
    np.testing.assert_allclose(close, rows, atol=0.05 * np.abs(rows).max())


def test_precision_that_the_processor_lacks_is_said_in_fit(X, monkeypatch):
    monkeypatch.setattr(
        "sicf.features._network_engine.computes_in", lambda device, dtype: dtype == "float32"
    )
    with pytest.warns(UserWarning, match="cpu does not compute in bfloat16; .* runs in float32"):
        other = embedder(dtype="bfloat16").fit(X)
    np.testing.assert_array_equal(other.transform(X), embedder().fit_transform(X))


def test_equal_pictures_are_embedded_once(X):
    repeated = np.concatenate([X[:2], X[:1, :, :, ::-1], X[1:2]])
    for how in ("mean", "max", "concat"):
        CALLS.clear()
        rows = embedder(fuse_sequences=how).fit_transform(repeated)
        assert CALLS == [4]
        np.testing.assert_array_equal(rows[3], rows[1])
        swapped = rows[2].reshape(-1, 7)[::-1].ravel()
        np.testing.assert_array_equal(swapped, rows[0])
        alone = embedder(fuse_sequences=how).fit_transform(X[:2])
        np.testing.assert_array_equal(rows[:2], alone)


def test_layers_of_one_network_can_be_read_at_the_same_time(X):
    expected = {name: embedder(layer=name).fit_transform(X) for name in ("first", "norm")}
    names = ["first", "norm"] * 20
    rows = Parallel(4, backend="threading")(
        delayed(embedder(layer=name).fit_transform)(X) for name in names
    )
    for name, row in zip(names, rows, strict=True):
        np.testing.assert_allclose(row, expected[name], rtol=1e-5, atol=1e-6)


def test_wide_convolutions_are_quickened_on_the_cpu(X):
    """Rows of a network that has them, beside torch's own forward of the same network."""
    from torchvision.models import resnet18

    wide = TorchEmbedder("resnet18", "layer2", input_size=64).fit(X)
    network = _network.loaded(
        wide._source(), wide._fingerprint(), torch.device("cpu"), torch.float32
    )
    assert "forward" in vars(network.layer2[1].conv1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = resnet18().eval()
    pictures = NetworkPictures(check_images(X[..., 0]), 64, False).tensor(0, 5)
    with torch.no_grad():
        expected = (
            plain.layer2(plain.layer1(plain.maxpool(plain.relu(plain.bn1(plain.conv1(pictures))))))
            .mean(dim=(2, 3))
            .numpy()
        )
    rows = wide.set_params(fuse_sequences="concat").transform(X)[:, :128]
    np.testing.assert_allclose(rows, expected, atol=1e-5 * expected.max())


def test_says_what_its_rows_depend_on(X):
    fitted = embedder(batch_size=3).fit(X)
    said = fitted.rows_depend_on()
    assert said["weights"] == fitted.weights_fingerprint_
    assert (said["device"], said["dtype"], said["engine"]) == (
        "cuda" if torch.cuda.is_available() else "cpu",
        "float32",
        "torch",
    )
    assert "batch_size" not in said
    assert said != embedder(layer="first").fit(X).rows_depend_on()


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_from_a_file(X, tmp_path, suffix):
    path = tmp_path / f"tiny{suffix}"
    torch.manual_seed(7)
    save_state(Tiny().state_dict(), path)
    from_file = embedder(weights=path).fit(X)
    rows = from_file.transform(X)
    np.testing.assert_array_equal(rows, embedder(random_state=7).fit_transform(X))
    again = pickle.loads(pickle.dumps(from_file))
    np.testing.assert_array_equal(again.transform(X), rows)
    save_state(Tiny().state_dict(), path)
    with pytest.raises(ValueError, match="weights must be those that fit saw"):
        again.transform(X)


def save_state(state, path):
    if path.suffix == ".safetensors":
        from safetensors.torch import save_file

        save_file(state, path)
    else:
        torch.save({"state_dict": state}, path)


def test_pickle_is_small(X):
    assert len(pickle.dumps(embedder().fit(X))) < 5000


def test_threads_are_limited_in_workers_and_restored(X):
    before = torch.get_num_threads()

    def job():
        start = torch.get_num_threads()
        seen = []
        network = _network.loaded(
            embedder()._source(), embedder()._fingerprint(), torch.device("cpu"), torch.float32
        )
        handle = network.first.register_forward_hook(
            lambda *a: seen.append(torch.get_num_threads())
        )
        embedder().fit_transform(X)
        handle.remove()
        return start, max(seen), torch.get_num_threads()

    assert job()[1] == before
    for start, seen, after in Parallel(2, backend="threading")(delayed(job)() for _ in range(2)):
        assert seen == 1
        assert start == after
    assert torch.get_num_threads() == before


def test_no_warning_without_reason(X):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clone(embedder()).fit_transform(X)


def test_other_depth_is_stretched_by_image(rng):
    scene = cv2.GaussianBlur(rng.random((40, 36)), (0, 0), 2)
    scene = np.rint((scene - scene.min()) / np.ptp(scene) * 4095)[np.newaxis]
    stored = [scene.astype(np.uint16), scene / 4095]
    rows = [embedder().fit_transform(x) for x in stored]
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"model": Tiny()}, TypeError, "not the network itself: clone would copy it"),
        ({"model": 3}, TypeError, "name or a function. Got int"),
        ({"model": "resnet81"}, ValueError, "Got 'resnet81' instead; near: resnet18|resnet"),
        ({"model": lambda: Tiny()}, TypeError, "function that can be imported"),
        ({"model": "nomod:fn"}, ValueError, "can be imported.*Got 'nomod:fn'.*No module"),
        ({"model": "torchvision:fn"}, ValueError, "can be imported.*Got 'torchvision:fn'"),
        ({"model": "torchvision:__version__"}, TypeError, "'torchvision:__version__' is a str"),
        ({"model": not_a_network}, TypeError, "must give a torch.nn.Module.*gave int"),
        ({"layer": "nrom"}, ValueError, "Got 'nrom' instead; near: norm"),
        ({"layer": "unused"}, ValueError, "'unused' was never called"),
        ({"weights": "IMAGENET1K_V1"}, ValueError, "network that is not torchvision's"),
        ({"weights": "missing.pth"}, FileNotFoundError, "file that exists. Got 'missing.pth'"),
        ({"pool": "median"}, ValueError, "pool must be one of"),
        ({"dtype": "int8"}, ValueError, "dtype must be one of"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1. Got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be a whole number. Got 2.5"),
        ({"input_size": (48, 48)}, TypeError, r"input_size must be a whole number. Got \(48, 48\)"),
        ({"sequence_names": "T1"}, TypeError, "must be a list of names.*Got 'T1'"),
        ({"fuse_sequences": "rgb"}, ValueError, "needs 3 sequences. Got 2"),
        ({"fuse_sequences": "sum"}, ValueError, "fuse_sequences must be one of"),
        ({"sequence_names": ["T1"]}, ValueError, r"must be 2 different name\(s\)"),
        ({"random_state": None}, TypeError, "random_state must be an int"),
        ({"model": explosive}, ValueError, "non-finite number for image 0"),
    ],
)
def test_wrong_parameter_is_named(X, parameters, error, message):
    with pytest.raises(error, match=message):
        embedder(**parameters).fit(X).transform(X)


@pytest.mark.parametrize("device", ["gpu", "cuda", "cuda:1", "meta"])
def test_device_that_is_not_there_is_refused_in_fit(X, monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match=f"device must be None or .*Got '{device}' instead: "):
        embedder(device=device).fit(X)


@pytest.mark.parametrize("model", [tiny, needs_numbers])
def test_weights_of_another_network_name_the_difference(X, tmp_path, model):
    torch.save({"first.weight": torch.zeros(1)}, tmp_path / "other.pth")
    other = embedder(model=model, weights=tmp_path / "other.pth")
    with pytest.raises(ValueError, match="are of another network. Missing key.*second.weight"):
        other.fit(X).transform(X)


def test_file_of_weights_is_judged_in_fit_without_building_the_network(X, tmp_path, monkeypatch):
    monkeypatch.setattr(_network, "loaded", None)
    path = tmp_path / "tiny.pth"
    torch.save(Tiny().state_dict(), path)
    embedder(weights=path).fit(X)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ValueError, match="tiny.pth cannot be read"):
        embedder(weights=path).fit(X)
    torch.save({"first.weight": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="are of another network. Missing key.*second.weight"):
        embedder(weights=path).fit(X)


def test_file_is_read_once_to_be_judged(X, tmp_path, monkeypatch):
    torch.save(Tiny().state_dict(), tmp_path / "tiny.pth")
    embedder(weights=tmp_path / "tiny.pth").fit(X)
    monkeypatch.setattr(_network, "read_state_dict", None)
    embedder(weights=tmp_path / "tiny.pth").fit(X)


def test_names_say_the_whole_layer():
    names = TorchEmbedder("squeezenet1_1", "features.2", input_size=32).get_feature_names_out()
    assert (names[0], names[-1]) == ("features.2_00", "features.2_63")


def test_enum_member_as_weights_survives_clone_and_cache(X, tmp_path, monkeypatch):
    from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

    torch.save(squeezenet1_1().state_dict(), tmp_path / "net.pth")
    monkeypatch.setattr(_network, "find_weights", lambda model, weights: tmp_path / "net.pth")
    deep = TorchEmbedder(
        "squeezenet1_1",
        "features.2",
        input_size=32,
        weights=SqueezeNet1_1_Weights.IMAGENET1K_V1,
    )
    rows = CachedRows(clone(deep), tmp_path / "rows").fit_transform(X)
    np.testing.assert_allclose(rows, deep.fit_transform(X), rtol=1e-4, atol=1e-5)
