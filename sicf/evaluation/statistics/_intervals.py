"""From resampled values to an interval."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

METHODS = ("percentile", "bca")


class Interval(NamedTuple):
    """A metric with its interval.

    Parameters
    ----------
    value : float
        On the samples as they are.
    low, high : float
        Of the resamples in which the metric is defined.
    n_defined : int
        Number of such resamples: where a class has few patients, some resamples lack it.
    """

    value: float
    low: float
    high: float
    n_defined: int

    def __str__(self):
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def interval(value, resampled, *, level=0.95, method="percentile", jackknife=None):
    """An interval by the bootstrap.

    Parameters
    ----------
    value : float
        Of the samples as they are.
    resampled : ndarray of shape (B,)
        nan where undefined.
    level : float, default=0.95
    method : {"percentile", "bca"}, default="percentile"
        "bca" corrects the percentiles for bias and for an error that changes with the value [1]_.
    jackknife : ndarray of shape (P,), default=None
        For "bca": values with each patient left out.

    Returns
    -------
    Interval
        nan where no resample has a value. "bca" falls back on nothing: where its correction is
        undefined (all resamples on one side of the value), its ends are nan.

    References
    ----------
    .. [1] Efron (1987), Better bootstrap confidence intervals, J. Am. Stat. Assoc. 82, 171-185.
       :doi:`10.1080/01621459.1987.10478410`
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}. Got {method!r} instead.")
    defined = resampled[~np.isnan(resampled)]
    if not defined.size or np.isnan(value):
        return Interval(float(value), np.nan, np.nan, defined.size)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _corrected(tails, value, defined, jackknife)
    low, high = np.quantile(defined, tails) if np.isfinite(tails).all() else (np.nan, np.nan)
    return Interval(float(value), float(low), float(high), defined.size)


def _corrected(tails, value, resampled, jackknife):
    if np.ptp(resampled) == 0:
        return tails
    below = np.mean(resampled < value) + np.mean(resampled == value) / 2
    bias = ndtri(below)
    pull = np.nanmean(jackknife) - jackknife[~np.isnan(jackknife)]
    spread = np.sum(pull**2) ** 1.5
    acceleration = np.sum(pull**3) / (6 * spread) if spread > 0 else 0.0
    with np.errstate(invalid="ignore"):
        shifted = bias + ndtri(tails)
        return ndtr(bias + shifted / (1 - acceleration * shifted))
