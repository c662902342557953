"""One documented way from any intensity scale to eight bits."""

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
    plane = plane.astype(np.float64)
    low, high = plane.min(), plane.max()
    if low == high:
        return np.zeros(plane.shape, np.uint8)
    # Halves first: the range of a float64 picture may itself overflow.
    scaled = (plane / 2 - low / 2) / (high / 2 - low / 2)
    return np.rint(scaled * 255).astype(np.uint8)
