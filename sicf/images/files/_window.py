"""Windows: which value is black and which is white, in eight bits."""

import numbers

import numpy as np

from sicf.images.files._guarded import Fault

WHITE = 255


def apply_window(values, centre, width, function="LINEAR_EXACT"):
    """Bring values to eight bits as a screen shows them.

    Parameters
    ----------
    values : ndarray
    centre, width : float
    function : {"LINEAR_EXACT", "LINEAR", "SIGMOID"}
        DICOM's names: PS3.3, C.11.2.1.

    Returns
    -------
    ndarray of uint8
    """
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise Fault("a window needs finite values, and some are not")
    if function == "SIGMOID":
        with np.errstate(over="ignore"):
            share = 1 / (1 + np.exp(-4 * (values - centre) / width))
    elif function == "LINEAR" and width > 1:
        share = (values - (centre - 0.5)) / (width - 1) + 0.5
    elif function == "LINEAR":
        share = (values > centre - 0.5).astype(np.float64)
    else:
        share = (values - centre) / width + 0.5
    return np.rint(np.clip(share, 0, 1) * WHITE).astype(np.uint8)


def check_window(window):
    """Raise where `window` is neither None nor "file" nor a centre and a width above 0."""
    if window is None or (isinstance(window, str) and window == "file"):
        return
    if (
        not isinstance(window, (tuple, list))
        or len(window) != 2
        or not all(isinstance(number, numbers.Real) for number in window)
        or not all(np.isfinite(number) for number in window)
        or not window[1] > 0
    ):
        raise ValueError(
            "window must be None, 'file', or a centre and a width above 0, such as (600, 1200). "
            f"Got {window!r} instead."
        )
