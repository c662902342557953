"""Intervals by the bootstrap over patients: a patient is drawn with all slices, or not at all."""

from typing import NamedTuple

import numpy as np

from sicf.evaluation._metrics import confusion_metrics, macro_auc

VALUES_AT_ONCE = 5_000_000


class Interval(NamedTuple):
    """A metric with its interval.

    Parameters
    ----------
    value : float
        On the samples as they are.
    low, high : float
        Percentiles over the resamples in which the metric is defined.
    n_defined : int
        Number of such resamples: where a class has few patients, some resamples lack it.
    """

    value: float
    low: float
    high: float
    n_defined: int

    def __str__(self):
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def draw_patients(n_patients, n_bootstrap, rng):
    """How often each patient is drawn in each resample.

    Parameters
    ----------
    n_patients, n_bootstrap : int
    rng : Generator

    Returns
    -------
    ndarray of int of shape (n_bootstrap, n_patients)
        Rows sum to `n_patients`.
    """
    return rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_bootstrap)


def in_chunks(draws, n_samples):
    """Draws a few at a time, so that weights of every sample stay small in memory."""
    at_once = max(1, VALUES_AT_ONCE // n_samples)
    for start in range(0, len(draws), at_once):
        yield draws[start : start + at_once]


def bootstrap_metrics(target, predicted, scores, patient, draws, *, level=0.95, positive=None):
    """All metrics with their percentile intervals.

    Parameters
    ----------
    target, predicted : ndarray of int of shape (n,)
        Numbers of true and predicted classes, 0 to K - 1.
    scores : ndarray of shape (n, K)
    patient : ndarray of int of shape (n,)
        Number of each sample's patient.
    draws : ndarray of shape (B, number of patients)
        From `draw_patients`.
    level : float
        Coverage of the intervals.
    positive : int, default=None
        See `confusion_metrics`; AUC is then that class's own.

    Returns
    -------
    dict of str to Interval
    """
    once = np.ones((1, draws.shape[1]), dtype=draws.dtype)
    point, resampled = (
        _metrics(target, predicted, scores, patient, d, positive) for d in (once, draws)
    )
    return {name: _interval(point[name][0], resampled[name], level) for name in point}


def _metrics(target, predicted, scores, patient, draws, positive):
    n_classes = scores.shape[1]
    each = np.zeros((draws.shape[1], n_classes, n_classes))
    np.add.at(each, (patient, target, predicted), 1)
    metrics = confusion_metrics(np.tensordot(draws, each, axes=1), positive)
    is_class = target[:, np.newaxis] == np.arange(n_classes)
    if positive is not None:
        is_class, scores = is_class[:, [positive]], scores[:, [positive]]
    areas = [macro_auc(is_class, scores, d[:, patient]) for d in in_chunks(draws, len(target))]
    return {**metrics, "AUC": np.concatenate(areas)}


def _interval(value, resampled, level):
    defined = resampled[~np.isnan(resampled)]
    if not defined.size:
        return Interval(float(value), np.nan, np.nan, 0)
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(value), float(low), float(high), defined.size)
