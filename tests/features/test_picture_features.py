import numpy as np
import pytest

from sicf import CachedRows, DWTFeatures, GLCMFeatures, LBPFeatures, ThumbnailFeatures
from sicf.features._cache_key import recipe

ALL = [DWTFeatures(), GLCMFeatures(), LBPFeatures(), ThumbnailFeatures()]


@pytest.fixture
def X(rng):
    coarse = rng.integers(0, 256, size=(4, 16, 16, 2))
    return np.kron(coarse, np.ones((1, 4, 4, 1))).astype(np.uint8)


@pytest.mark.parametrize("features", ALL, ids=lambda features: type(features).__name__)
def test_scale_of_the_pixels_does_not_matter(features, X):
    X[:, 0, 0], X[:, 0, 1] = 0, 255
    expected = features.fit_transform(X)
    for scaled in (X / 255, X.astype(np.float32) * 16, X.astype(np.uint16) * 100):
        np.testing.assert_array_equal(features.fit_transform(scaled), expected)


@pytest.mark.parametrize("features", ALL, ids=lambda features: type(features).__name__)
def test_sequences_are_fused_as_told(features, X):
    each = [features.fit_transform(X[..., m]) for m in range(2)]
    kept = features.get_params()
    told = {"concat": np.hstack(each), "mean": np.mean(each, axis=0), "max": np.max(each, axis=0)}
    for how, expected in told.items():
        fused = type(features)(**kept | {"fuse_sequences": how}).fit(X)
        np.testing.assert_allclose(fused.transform(X), expected, rtol=1e-5, atol=1e-7)
    named = type(features)(**kept | {"fuse_sequences": "concat", "sequence_names": ("T1", "T2")})
    names = named.fit(X).get_feature_names_out()
    assert names[0].startswith("T1_")
    assert names[len(names) // 2] == "T2" + names[0][2:]


@pytest.mark.parametrize("features", ALL, ids=lambda features: type(features).__name__)
def test_workers_are_no_part_of_the_result_or_of_the_cache_key(features, X):
    two = type(features)(**features.get_params() | {"n_jobs": 2})
    np.testing.assert_array_equal(two.fit_transform(X), features.fit_transform(X))
    assert recipe(two.fit(X)) == recipe(features.fit(X))
    other = type(features)(**features.get_params() | {"size": 40})
    assert recipe(other.fit(X)) != recipe(features.fit(X))


def test_resized_pictures_of_any_size_give_rows_of_thumbnails_seen_by_hand(X):
    rows = ThumbnailFeatures(16).fit_transform(X[..., 0])
    blocks = X[..., 0].reshape(4, 16, 4, 16, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(rows, blocks.reshape(4, -1) / 255, atol=1e-6)
    mixed = [np.pad(image, ((0, 8 * i), (0, 0))) for i, image in enumerate(X[..., 0])]
    assert GLCMFeatures(size=32).fit_transform(mixed).shape == (4, 36)


def test_rows_are_kept(X, tmp_path):
    kept = CachedRows(LBPFeatures(), tmp_path).fit(X)
    first = kept.transform(X)
    np.testing.assert_array_equal(kept.transform(X), first)
    np.testing.assert_array_equal(first, LBPFeatures().fit_transform(X))


@pytest.mark.parametrize("features", ALL, ids=lambda features: type(features).__name__)
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"fuse_sequences": "rgb"}, ValueError, "fuse_sequences must be one of"),
        ({"size": 0}, ValueError, "size must be at least 1. Got 0"),
        ({"size": 32.0}, TypeError, "size must be a whole number. Got 32.0"),
        ({"sequence_names": ("a",)}, ValueError, r"must be 2 different name\(s\)"),
    ],
)
def test_wrong_parameters_are_named_in_fit(features, change, error, message, X):
    with pytest.raises(error, match=message):
        type(features)(**features.get_params() | change).fit(X)
