"""Metrics of local structure: structural similarity and visual information fidelity."""

import numpy as np
from scipy.ndimage import correlate1d

from sicf.fusion._metric_images import PEAK

GAUSSIAN = "gaussian"
UNIFORM = "uniform"
K1, K2 = 0.01, 0.03
# Visual information fidelity: sides of the windows of its four scales, and the noise of the eye.
SIDES = (17, 9, 5, 3)
NOISE = 2.0
TINY = 1e-10


def structural_similarity(first, second, fused, window=GAUSSIAN, peak=PEAK):
    """Sum of the fused image's mean structural similarities to both sources, each at most 1.

    `window` is Wang's Gaussian of 11 x 11 pixels, or a uniform one of 7 x 7 with the sample's
    covariance, which is scikit-image's default.
    """
    return sum(_mean_similarity(source, fused, window, peak) for source in (first, second))


def visual_information(first, second, fused, of_nothing=np.nan):
    """Sum of the visual information fidelities of the fused image to both sources, in pixels.

    `of_nothing` stands for a source that has no information: a constant one.
    """
    return sum(_fidelity(source, fused, of_nothing) for source in (first, second))


def _mean_similarity(source, fused, window, peak):
    if window == GAUSSIAN:
        weights, of_sample = _gaussian(11, 1.5), 1.0
    else:
        weights, of_sample = np.full(7, 1 / 7), 49 / 48
    means, variances, covariance = _local_moments(source, fused, weights)
    variances, covariance = [of_sample * value for value in variances], of_sample * covariance
    c1, c2 = (K1 * peak) ** 2, (K2 * peak) ** 2
    luminance = (2 * means[0] * means[1] + c1) / (means[0] ** 2 + means[1] ** 2 + c1)
    structure = (2 * covariance + c2) / (variances[0] + variances[1] + c2)
    return (luminance * structure).mean()


def _fidelity(source, fused, of_nothing):
    """Information that passes through source to fused image, over that of the source itself."""
    if np.ptp(source) == 0:
        return of_nothing
    kept = whole = 0.0
    for scale, side in enumerate(SIDES):
        weights = _gaussian(side, side / 5)
        if scale:
            source, fused = (_smooth(image, weights)[::2, ::2] for image in (source, fused))
        _, variances, covariance = _local_moments(source, fused, weights)
        gain, noise = _channel(*variances, covariance)
        of_source = np.where(variances[0] < TINY, 0, variances[0])
        kept += np.log2(1 + gain**2 * of_source / (noise + NOISE)).sum()
        whole += np.log2(1 + of_source / NOISE).sum()
    return kept / whole if whole > 0 else of_nothing


def _channel(of_source, of_fused, covariance):
    """Gain and noise of the channel through which each window of the source came."""
    of_source, of_fused = np.maximum(of_source, 0), np.maximum(of_fused, 0)
    gain = covariance / (of_source + TINY)
    noise = of_fused - gain * covariance
    flat_source, flat_fused = of_source < TINY, of_fused < TINY
    # A contrast turned round is no information: the fused image is all noise there.
    lost = flat_source | (gain < 0)
    gain = np.where(lost | flat_fused, 0, gain)
    noise = np.where(flat_fused, 0, np.where(lost, of_fused, noise))
    return gain, np.maximum(noise, TINY)


def _local_moments(one, other, weights):
    """Means, variances and covariance in the windows that lie inside the images."""
    means = _smooth(one, weights), _smooth(other, weights)
    variances = [
        _smooth(image**2, weights) - mean**2
        for image, mean in zip((one, other), means, strict=True)
    ]
    return means, variances, _smooth(one * other, weights) - means[0] * means[1]


def _smooth(image, weights):
    radius = len(weights) // 2
    rows = correlate1d(image, weights, axis=0)[radius:-radius]
    return correlate1d(rows, weights, axis=1)[:, radius:-radius]


def _gaussian(side, sigma):
    places = np.arange(side) - side // 2
    weights = np.exp(-(places**2) / (2 * sigma**2))
    return weights / weights.sum()
