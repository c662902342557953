"""Feature maps of an image, of which feature mutual information takes its windows."""

import numpy as np


def feature_map(image, feature):
    """Map of one image; a wavelet's map is its four bands in a square."""
    return FEATURES[feature](image)


def _pixels(image):
    return image


def _gradient(image):
    return np.gradient(image, axis=1)


def _cosines(image):
    from scipy.fft import dctn

    return dctn(image, norm="ortho")


def _wavelet(image):
    import pywt

    approximation, details = pywt.dwt2(image, "dmey")
    horizontal, vertical, diagonal = details
    return np.block([[approximation, horizontal], [vertical, diagonal]])


def _edges(image):
    """Where Sobel's squared strength is above four times its mean: 1, else 0."""
    from scipy.ndimage import sobel

    strengths = sobel(image, axis=0) ** 2 + sobel(image, axis=1) ** 2
    return (strengths > 4 * strengths.mean()).astype(np.float64)


FEATURES = {
    "pixel": _pixels,
    "gradient": _gradient,
    "dct": _cosines,
    "wavelet": _wavelet,
    "edge": _edges,
}
