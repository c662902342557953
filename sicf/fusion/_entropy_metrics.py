"""Entropy, and mutual information with the sources: of histograms of 256 grey levels."""

import numpy as np

LEVELS = 256


def entropy(fused):
    """Entropy of the grey levels in bits."""
    return _entropy_of(np.bincount(grey_levels(fused).ravel(), minlength=LEVELS))


def mutual_information(first, second, fused, in_nats=False):
    """Mutual information of the fused image with each source, added up."""
    bits = _shared_bits(first, fused) + _shared_bits(second, fused)
    return bits * np.log(2) if in_nats else bits


def grey_levels(image):
    """Whole grey levels; a half is rounded up, as in MATLAB and unlike in numpy."""
    return np.floor(image + 0.5).astype(np.intp)


def _shared_bits(source, fused):
    pairs = grey_levels(source).ravel() * LEVELS + grey_levels(fused).ravel()
    joint = np.bincount(pairs, minlength=LEVELS**2).reshape(LEVELS, LEVELS)
    # The rows add up to the histogram of the source, the columns to that of the fused image.
    bits = _entropy_of(joint.sum(axis=1)) + _entropy_of(joint.sum(axis=0)) - _entropy_of(joint)
    return max(bits, 0.0)


def _entropy_of(counts):
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0
