import numpy as np
import pytest

from sicf.images._resize import resize_labels, resize_plane


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int32, np.float32, np.float64])
def test_dtype_is_kept_and_areas_are_averaged(dtype):
    plane = np.kron(np.array([[0, 1], [1, 0]]), np.ones((4, 6))).astype(dtype)
    small = resize_plane(plane, (2, 2))
    assert small.dtype == dtype
    np.testing.assert_allclose(small, np.array([[0, 1], [1, 0]], dtype), atol=1e-6)


def test_labels_are_those_that_were_there():
    labels = np.array([[0, 200], [7, 3]], np.uint16)
    big = resize_labels(labels, (5, 4))
    assert set(np.unique(big)) == {0, 3, 7, 200}
    np.testing.assert_array_equal(resize_labels(big, (2, 2)), labels)
