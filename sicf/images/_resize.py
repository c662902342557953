"""Resizing that keeps the dtype, and keeps labels labels."""

import numbers

import numpy as np

OPENCV_DTYPES = (np.uint8, np.uint16)


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
    import cv2

    rows, columns = size
    if plane.shape == (rows, columns):
        return plane
    shrinks = rows <= plane.shape[0] and columns <= plane.shape[1]
    if plane.dtype.kind == "f":
        return _resize_floats(plane, size, shrinks)
    known = plane.dtype in OPENCV_DTYPES
    resized = cv2.resize(
        np.ascontiguousarray(plane if known else plane.astype(np.float64)),
        (columns, rows),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    return resized if known else np.rint(resized).astype(plane.dtype)


def _resize_floats(plane, size, shrinks):
    """What OpenCV computes, but where the picture is flat it stays flat to the last bit.

    OpenCV's weights sum to 1 only nearly. The noise that it leaves on flat ground is far below any
    grey level, but equalization goes by rank and would spread it over the whole range.
    """
    # Halves, since the step from one pixel to the next may overflow where the pixels do not.
    halves = plane.astype(np.result_type(plane, np.float32)) / 2
    for new in size:
        halves = _resize_rows(halves, new, shrinks).T
    return (2 * halves).astype(plane.dtype)


def _resize_rows(plane, new, shrinks):
    """Resize the first axis: a pixel, and a share of each step from it to the next ones."""
    old = len(plane)
    place = np.arange(new)[:, np.newaxis]
    steps = np.arange(old - 1)
    if shrinks:
        first = place * old // new
        share = ((place + 1) * old - (steps + 1) * new) / old
    else:
        centre = np.clip((place + 0.5) * old / new - 0.5, 0, old - 1)
        first = centre.astype(int)
        share = centre - steps
    share = np.clip(share, 0, 1) * (steps >= first)
    return plane[first[:, 0]] + share.astype(plane.dtype) @ np.diff(plane, axis=0)


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
