"""Resizing that keeps the dtype, and keeps labels labels."""

import numbers

import cv2
import numpy as np

OPENCV_DTYPES = (np.uint8, np.uint16, np.float32, np.float64)


def resize_plane(plane, size):
    """Resize a picture of one sequence.

    Parameters
    ----------
    plane : ndarray of shape (H, W)
        Any real dtype.
    size : tuple of (int, int)
        Rows and columns.

    Returns
    -------
    ndarray of shape `size`, of the dtype of `plane`
        Area averages where the picture shrinks, bilinear where it grows.
    """
    rows, columns = size
    if plane.shape == (rows, columns):
        return plane
    shrinks = rows <= plane.shape[0] and columns <= plane.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    known = plane.dtype in OPENCV_DTYPES
    resized = cv2.resize(
        np.ascontiguousarray(plane if known else plane.astype(np.float64)),
        (columns, rows),
        interpolation=way,
    )
    if known or plane.dtype.kind == "f":
        return resized.astype(plane.dtype, copy=False)
    return np.rint(resized).astype(plane.dtype)


def resize_labels(labels, size):
    """Resize a mask by its nearest pixels, so that no label appears that was not there.

    Parameters
    ----------
    labels : ndarray of shape (H, W)
    size : tuple of (int, int)
        Rows and columns.

    Returns
    -------
    ndarray of shape `size`
    """
    nearest = [
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for new, old in zip(size, labels.shape, strict=True)
    ]
    return labels[np.ix_(*nearest)]


def check_size(size, name="size"):
    """Give rows and columns for an integer or a pair."""
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2 or not all(_is_count(side) for side in pair):
        raise ValueError(
            f"{name} must be a number of pixels, or rows and columns. Got {size!r} instead."
        )
    return int(pair[0]), int(pair[1])


def _is_count(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and value >= 1
