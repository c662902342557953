"""Slope and intercept of calibration: what a logistic regression makes of the predicted logit."""

import numpy as np
from scipy.special import expit, logit

from sicf.evaluation.statistics._draws import in_chunks

LEAST = 1e-6
N_STEPS = 60
PRECISION = 1e-9
LARGEST = 1e3  # a slope beyond this is a separation that Newton's method runs after


def calibration_line(is_positive, probability, weights):
    """Logistic recalibration for many weightings of the samples.

    Parameters
    ----------
    is_positive : ndarray of bool of shape (n,)
    probability : ndarray of shape (n,)
        Clipped to [1e-6, 1 - 1e-6]: a forest says 0 and 1.
    weights : ndarray of shape (B, n)

    Returns
    -------
    slope, intercept : ndarray of shape (B,)
        The slope is that of the outcome on ``logit(probability)``; 1 is right, below 1 the
        probabilities are too extreme. The intercept is taken with the slope fixed at 1
        (calibration in the large): 0 is right, above 0 the probabilities are too low [1]_. nan
        where a side is empty, where all probabilities are the same, or where they separate the
        sides, so that no slope is the best.

    References
    ----------
    .. [1] Van Calster et al. (2019), Calibration: the Achilles heel of predictive analytics, BMC
       Medicine 17, 230. :doi:`10.1186/s12916-019-1466-7`
    """
    x = logit(np.clip(probability, LEAST, 1 - LEAST))
    weights, y = np.asarray(weights, dtype=float), is_positive.astype(float)
    has_both = (weights @ y > 0) & (weights @ (1 - y) > 0)
    slope, intercept = np.full((2, len(weights)), np.nan)
    intercept[has_both] = _offset(x, y, weights[has_both])
    if np.ptp(x) > 0:
        slope[has_both] = _slope(x, y, weights[has_both])
    return slope, intercept


def resampled_lines(is_class, probability, patient, draws):
    """Slopes and intercepts of every class in every resample: a dict of arrays (B, K)."""
    found = np.empty((2, len(draws), probability.shape[1]))
    start = 0
    for some in in_chunks(draws, len(probability)):
        weights, stop = some[:, patient], start + len(some)
        for k in range(probability.shape[1]):
            line = calibration_line(is_class[:, k], probability[:, k], weights)
            found[:, start:stop, k] = line
        start = stop
    return {"calibration slope": found[0], "calibration intercept": found[1]}


def _offset(x, y, weights):
    """Newton's method for the intercept alone; the likelihood is concave and has a maximum."""
    a = np.zeros(len(weights))
    for _ in range(N_STEPS):
        p = expit(a[:, np.newaxis] + x)
        gradient = np.einsum("bn,bn->b", weights, y - p)
        step = gradient / np.einsum("bn,bn->b", weights, p * (1 - p))
        # A full step from far away can overshoot.
        a += np.clip(step, -2, 2)
        if np.abs(step).max(initial=0) < PRECISION:
            break
    return a


def _slope(x, y, weights):
    """Newton's method for both, from 0; nan where it does not come to rest."""
    unit = x.std()
    x = x / unit
    a, b = np.zeros((2, len(weights)))
    for _ in range(N_STEPS):
        p = expit(a[:, np.newaxis] + b[:, np.newaxis] * x)
        missed, spread = weights * (y - p), weights * p * (1 - p)
        g0, g1 = missed.sum(axis=1), missed @ x
        h00, h01, h11 = spread.sum(axis=1), spread @ x, spread @ x**2
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            determinant = h00 * h11 - h01**2
            step = np.stack([h11 * g0 - h01 * g1, h00 * g1 - h01 * g0]) / determinant
            step *= np.minimum(1, 2 / np.abs(step).max(axis=0))
        a, b = a + step[0], b + step[1]
        moving = ~(np.abs(step).max(axis=0) < PRECISION)
        if not (moving & np.isfinite(b) & (np.abs(b) < LARGEST)).any():
            break
    return np.where(moving | (np.abs(b) >= LARGEST), np.nan, b / unit)
