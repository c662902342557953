import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sicf import HistEqualize


def test_global_equals_opencv_on_eight_bits(rng):
    X = rng.integers(20, 90, size=(3, 40, 33), dtype=np.uint8)
    expected = np.stack([cv2.equalizeHist(x) for x in X])
    np.testing.assert_array_equal(HistEqualize().fit_transform(X), expected)


def test_the_formula_of_other_dtypes_is_that_of_opencv(rng):
    eight_bits = rng.integers(20, 90, size=(2, 40, 33), dtype=np.uint8)
    as_floats = HistEqualize().fit_transform(eight_bits.astype(np.float64) * 16.1 + 3)
    np.testing.assert_allclose(as_floats, HistEqualize().fit_transform(eight_bits), atol=1)


@pytest.mark.parametrize("method", ["global", "clahe"])
def test_same_scene_on_other_scales_gives_the_same_bytes(rng, method):
    scene = rng.integers(0, 4096, size=(1, 64, 48))
    stored = [
        scene.astype(np.uint16),
        scene / 4095.0,
        scene.astype(np.float32),
        scene.astype(np.int32),
    ]
    outputs = [HistEqualize(method).fit_transform(x) for x in stored]
    for other in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], other)


def test_full_depth_is_used_before_eight_bits_are_written(rng):
    narrow = rng.integers(30_000, 30_256, size=(1, 64, 64)).astype(np.uint16)
    narrow[0, 0, 0] = 65_535
    assert len(np.unique(HistEqualize().fit_transform(narrow))) > 200


@pytest.mark.parametrize("method", ["global", "clahe"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_constant_stays_constant(method, dtype):
    X = np.full((1, 32, 32), 7, dtype)
    level = 7 if dtype is np.uint8 else 0
    assert np.unique(HistEqualize(method).fit_transform(X)).tolist() == [level]


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.just(1), st.integers(16, 40), st.integers(16, 40)),
        elements=st.floats(-1e300, 1e300),
    )
)
def test_order_of_grey_levels_is_kept(X):
    equalized = HistEqualize().fit_transform(X)
    assert equalized.dtype == np.uint8
    order = np.argsort(X.ravel(), kind="stable")
    assert (np.diff(equalized.ravel()[order].astype(int)) >= 0).all()


def test_mask_channel_is_carried_untouched(rng):
    X = rng.integers(0, 1000, size=(2, 32, 32, 3)).astype(np.uint16)
    X[..., 1] = rng.integers(0, 4, size=(2, 32, 32))
    equalized = HistEqualize(mask=1).fit_transform(X)
    np.testing.assert_array_equal(equalized[..., 1], X[..., 1])
    np.testing.assert_array_equal(
        equalized[..., [0, 2]], HistEqualize().fit_transform(X[..., [0, 2]])
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_whole_numbers_among_floats_are_labels(rng, dtype):
    X = rng.random((1, 32, 32, 2)).astype(dtype)
    X[..., 1] = rng.integers(0, 4, size=(1, 32, 32))
    equalized = HistEqualize(mask=1).fit_transform(X)
    np.testing.assert_array_equal(equalized[..., 1], X[..., 1])


def test_soft_mask_is_refused_not_wiped(rng):
    X = rng.random((1, 32, 32, 2))
    X[..., 1] = 0.9
    with pytest.raises(ValueError, match="Image 0 holds 0.9"):
        HistEqualize(mask=1).fit(X)


def test_clahe_takes_the_whole_range_of_floats(rng):
    X = rng.uniform(-1.0, 1.0, size=(1, 64, 64))
    X[0, 0, :2] = -1, 1
    clahe = HistEqualize("clahe")
    np.testing.assert_array_equal(clahe.fit_transform(X * 1.7e308), clahe.fit_transform(X))


def test_clahe_tiles_run_over_rows_then_columns(rng):
    X = rng.integers(0, 256, size=(1, 60, 90), dtype=np.uint8)
    expected = cv2.createCLAHE(3.0, (5, 2)).apply(X[0])
    np.testing.assert_array_equal(
        HistEqualize("clahe", clip_limit=3.0, tile_grid=(2, 5)).fit_transform(X)[0], expected
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "local"}, "method must be one of"),
        ({"clip_limit": 0}, "clip_limit must be above 0"),
        ({"clip_limit": "high"}, "clip_limit must be above 0. Got 'high'"),
        ({"tile_grid": (0, 8)}, "tile_grid must be two whole numbers"),
        ({"tile_grid": 8}, "tile_grid must be two whole numbers of at least 1. Got 8 instead"),
        ({"tile_grid": (8.0, 8.0)}, r"tile_grid must be two whole numbers.*Got \(8.0, 8.0\)"),
        ({"fill_nan": "mean"}, "fill_nan must be None or a finite number. Got 'mean'"),
    ],
)
def test_wrong_parameter_is_named(parameters, message, rng):
    with pytest.raises(ValueError, match=message):
        HistEqualize(**parameters).fit(rng.random((1, 32, 32)))


def test_label_that_eight_bits_cannot_hold_is_refused():
    X = np.zeros((1, 32, 32, 2), np.uint16)
    X[0, 0, 0, 1] = 300
    with pytest.raises(ValueError, match="Image 0 holds 0 to 300"):
        HistEqualize(mask=1).fit_transform(X)
