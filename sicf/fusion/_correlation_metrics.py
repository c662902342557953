"""Metrics of means: standard deviation, correlation, and correlation of the differences (SCD)."""

import numpy as np

# Grey levels of 255 within which an image counts as constant; below it is rounding.
FLAT = 1e-9


def standard_deviation(fused):
    """Standard deviation of the pixels, divided by their number."""
    return fused.std()


def correlation(first, second, fused):
    """Mean of Pearson's correlations with both sources."""
    return (_pearson(first, fused) + _pearson(second, fused)) / 2


def correlation_of_differences(first, second, fused):
    """What was added to one source, correlated with the other, both ways, added up."""
    return _pearson(fused - second, first) + _pearson(fused - first, second)


def _pearson(one, other):
    """NaN where one of both is constant."""
    if np.ptp(one) <= FLAT or np.ptp(other) <= FLAT:
        return np.nan
    one, other = one - one.mean(), other - other.mean()
    return (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())
