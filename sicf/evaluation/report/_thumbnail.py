"""Small grey pictures of images: every sequence beside the next."""

import numpy as np

LONGEST = 160
MOST_SEQUENCES = 4


def thumbnail(image, number):
    """A small picture of one image.

    Parameters
    ----------
    image : array-like of shape (H, W) or (H, W, M)
    number : int
        Of the sample, for errors.

    Returns
    -------
    ndarray of uint8
        The first four sequences side by side, each from its 1st to its 99th percentile.
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3) or not image.size or image.dtype.kind not in "buif":
        raise ValueError(
            "images must hold arrays of numbers of shape (H, W) or (H, W, M). Image "
            f"{number} has shape {image.shape} and dtype {image.dtype}."
        )
    sequences = image[..., np.newaxis] if image.ndim == 2 else image[..., :MOST_SEQUENCES]
    step = max(1, int(np.ceil(max(sequences.shape[:2]) / LONGEST)))
    small = [
        _shrunk(np.nan_to_num(plane.astype(float)), step) for plane in np.moveaxis(sequences, -1, 0)
    ]
    return np.concatenate([_grey(plane) for plane in small], axis=1)


def _shrunk(plane, step):
    """Means of squares of pixels; what is left over at the far edges is dropped."""
    height, width = max(1, plane.shape[0] // step), max(1, plane.shape[1] // step)
    plane = plane[: height * step, : width * step]
    rows = np.add.reduceat(plane, np.arange(0, plane.shape[0], step), axis=0)
    sums = np.add.reduceat(rows, np.arange(0, plane.shape[1], step), axis=1)
    counts = [np.diff(np.append(np.arange(0, n, step), n)) for n in plane.shape]
    return sums / np.outer(*counts)


def _grey(plane):
    low, high = np.percentile(plane, [1, 99])
    if high == low:
        low, high = plane.min(), max(plane.max(), plane.min() + 1)
    return np.clip(255 * (plane - low) / (high - low), 0, 255).astype(np.uint8)
