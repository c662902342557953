"""Metrics of errors: peak signal-to-noise ratio."""

import numpy as np

from sicf.fusion._metric_images import PEAK


def peak_signal_to_noise(first, second, fused, peak=PEAK):
    """Peak over the mean squared error to both sources, in decibels.

    Infinity where the fused image equals both. `peak=None` takes the fused image's own highest
    pixel; where that is 0 the ratio is NaN.
    """
    peak = fused.max() if peak is None else peak
    error = (np.mean((first - fused) ** 2) + np.mean((second - fused) ** 2)) / 2
    if peak == 0:
        return np.nan
    return np.inf if error == 0 else 10 * np.log10(peak**2 / error)
