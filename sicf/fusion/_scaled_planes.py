"""What a fusion network sees of an image: its sequences in [0, 1], at a size it can take."""

import numpy as np

from sicf._intensity import stretch


def scaled_planes(batch, index, channels=None):
    """Bring sequences of an image to [0, 1].

    Eight-bit images are divided by 255. Any other dtype is stretched, each sequence from its own
    minimum and maximum; a constant one becomes 0.

    Parameters
    ----------
    batch : ImageBatch
    index : int
    channels : sequence of int, default=None
        Which of the sequences, counted without the mask. None is all.

    Returns
    -------
    ndarray of float32 of shape (number of sequences, H, W)
    """
    planes = np.moveaxis(batch.sequences(index), 2, 0)
    planes = planes if channels is None else planes[list(channels)]
    if planes.dtype == np.uint8:
        return planes.astype(np.float32) / np.float32(255)
    return np.stack([stretch(plane) for plane in planes]).astype(np.float32)


def pad_planes(planes, step, least):
    """Enlarge planes to sides that a network takes, at the end, by their own mirror image.

    Parameters
    ----------
    planes : ndarray of shape (..., H, W)
    step : int
        Sides become multiples of this.
    least : int
        And at least this.

    Returns
    -------
    ndarray of shape (..., H', W')
    """
    rows, columns = (max(-(-side // step) * step, least) for side in planes.shape[-2:])
    missing = (rows - planes.shape[-2], columns - planes.shape[-1])
    if not any(missing):
        return planes
    around = [(0, 0)] * (planes.ndim - 2) + [(0, side) for side in missing]
    return np.pad(planes, around, mode="reflect")
