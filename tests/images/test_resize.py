import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicf.images._resize import resize_labels, resize_plane


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.float32, np.float64])
def test_dtype_is_kept_and_areas_are_averaged(dtype):
    plane = np.kron(np.array([[0, 1], [1, 0]]), np.ones((4, 6))).astype(dtype)
    small = resize_plane(plane, (2, 2))
    assert small.dtype == dtype
    np.testing.assert_allclose(small, np.array([[0, 1], [1, 0]], dtype), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    old=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    new=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_floats_are_resized_as_by_opencv_but_flat_ground_stays_flat(old, new, dtype):
    plane = np.random.default_rng(0).random(old).astype(dtype)
    shrinks = new[0] <= old[0] and new[1] <= old[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    expected = cv2.resize(plane, new[::-1], interpolation=way)
    np.testing.assert_allclose(resize_plane(plane, new), expected, atol=1e-5)
    assert np.unique(resize_plane(np.full(old, 0.37, dtype), new)).tolist() == [dtype(0.37)]


def test_extreme_floats_do_not_overflow():
    plane = np.array([[-1.7e308, 1.7e308], [1.7e308, -1.7e308]])
    assert np.isfinite(resize_plane(plane, (5, 7))).all()
    assert resize_plane(plane, (1, 1)).tolist() == [[0.0]]


def test_labels_are_those_that_were_there():
    labels = np.array([[0, 200], [7, 3]], np.uint16)
    big = resize_labels(labels, (5, 4))
    assert set(np.unique(big)) == {0, 3, 7, 200}
    np.testing.assert_array_equal(resize_labels(big, (2, 2)), labels)
