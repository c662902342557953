"""One documented way from any intensity scale to eight bits."""

import math

import numpy as np


def to_uint8(plane):
    """Bring one plane of an image to eight bits.

    Eight-bit planes pass as they are. Any other dtype is stretched from its own minimum and
    maximum to 0 and 255, so that the same scene stored as float in [0, 1], float in [0, 4095] or
    uint16 gives the same bytes. A constant plane becomes 0.

    Parameters
    ----------
    plane : ndarray of shape (H, W)
        Finite values of any real dtype.

    Returns
    -------
    ndarray of uint8 of shape (H, W)
        `plane` itself if it is eight-bit already.
    """
    if plane.dtype == np.uint8:
        return plane
    return np.rint(stretch(plane) * 255).astype(np.uint8)


def stretch(plane):
    """Stretch one plane from its own minimum and maximum to 0 and 1; a constant one becomes 0.

    Parameters
    ----------
    plane : ndarray of shape (H, W)
        Finite values of any real dtype.

    Returns
    -------
    ndarray of float64 of shape (H, W)
    """
    plane = plane.astype(np.float64)
    low, high = float(plane.min()), float(plane.max())
    if low == high:
        return np.zeros(plane.shape)
    # Halves where the range itself overflows, and only there: halving loses subnormal numbers.
    unit = 1 if math.isfinite(high - low) else 2
    return (plane / unit - low / unit) / (high / unit - low / unit)
