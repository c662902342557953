"""Tests of two classifiers on the same samples, and what many tests together ask for."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr
from scipy.stats import binom, rankdata


class DeLong(NamedTuple):
    """What the test of DeLong finds.

    Parameters
    ----------
    z, p : float
        Of the difference of the two areas; p is two-sided.
    areas : ndarray of shape (2,)
    covariance : ndarray of shape (2, 2)
        Of the areas.
    """

    z: float
    p: float
    areas: np.ndarray
    covariance: np.ndarray


def delong(is_positive, scores, others):
    """Compare two areas under the ROC curve on the same, independent samples.

    Parameters
    ----------
    is_positive : ndarray of bool of shape (n,)
    scores, others : ndarray of shape (n,)

    Returns
    -------
    DeLong
        z and p are nan with fewer than two samples on a side. Scores that rank alike have p = 1.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more
       correlated receiver operating characteristic curves, Biometrics 44, 837-845.
       :doi:`10.2307/2531595`
    .. [2] Sun and Xu (2014), Fast implementation of DeLong's algorithm, IEEE Signal Process. Lett.
       21, 1389-1393. :doi:`10.1109/LSP.2014.2337313`
    """
    both = np.stack([scores, others])
    above, below = both[:, is_positive], both[:, ~is_positive]
    m, n = above.shape[1], below.shape[1]
    if min(m, n) < 2:
        return DeLong(np.nan, np.nan, np.full(2, np.nan), np.full((2, 2), np.nan))
    together = rankdata(np.hstack([above, below]), axis=1)
    # How often each positive beats a negative, and the reverse; ties count one half.
    of_positive = (together[:, :m] - rankdata(above, axis=1)) / n
    of_negative = 1 - (together[:, m:] - rankdata(below, axis=1)) / m
    areas = of_positive.mean(axis=1)
    covariance = np.cov(of_positive) / m + np.cov(of_negative) / n
    difference = areas[0] - areas[1]
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if np.isclose(variance, 0, atol=1e-15):
        z = 0.0 if np.isclose(difference, 0, atol=1e-12) else np.copysign(np.inf, difference)
    else:
        z = difference / np.sqrt(variance)
    return DeLong(float(z), float(2 * ndtr(-abs(z))), areas, covariance)


def mcnemar_midp(is_right, other_is_right):
    """Compare how many of the same, independent samples two classifiers have right.

    Parameters
    ----------
    is_right, other_is_right : ndarray of bool of shape (n,)

    Returns
    -------
    float
        Two-sided mid-p value [1]_; 1 where they are right about the same samples.

    References
    ----------
    .. [1] Fagerland, Lydersen and Laake (2013), The McNemar test for binary matched-pairs data, BMC
       Med. Res. Methodol. 13, 91. :doi:`10.1186/1471-2288-13-91`
    """
    only_one = int(np.count_nonzero(is_right & ~other_is_right))
    only_other = int(np.count_nonzero(~is_right & other_is_right))
    n, fewer = only_one + only_other, min(only_one, only_other)
    return float(2 * binom.cdf(fewer, n, 0.5) - binom.pmf(fewer, n, 0.5))


def paired_bootstrap(differences, observed):
    """A p-value from differences over the same resamples.

    Parameters
    ----------
    differences : ndarray of shape (B,)
        nan where one of the two metrics is undefined; those are left out.
    observed : float
        The difference on the samples as they are.

    Returns
    -------
    float
        Two-sided, and never 0: the level at which the percentile interval begins to hold 0, ties
        with 0 counted by half. nan where nothing is defined.
    """
    defined = differences[~np.isnan(differences)]
    if not defined.size or np.isnan(observed):
        return np.nan
    at_zero = np.count_nonzero(defined == 0) / 2
    beyond = min(np.count_nonzero(defined < 0), np.count_nonzero(defined > 0)) + at_zero
    return float(min(1.0, 2 * (beyond + 1) / (defined.size + 1)))


def holm(p_values):
    """Adjust p-values for their number, step by step from the smallest [1]_.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        nan stays nan and does not count.

    Returns
    -------
    ndarray of shape (m,)
        In the order given.

    References
    ----------
    .. [1] Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6,
       65-70. https://www.jstor.org/stable/4615733
    """
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted
