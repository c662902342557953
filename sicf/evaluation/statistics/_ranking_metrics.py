"""Metrics of how scores rank the samples: area under the ROC curve, and average precision."""

import numpy as np

from sicf.evaluation.statistics._draws import in_chunks, ratio


def area_and_precision(positive, score, weights):
    """Area under the ROC curve and average precision for many weightings of the samples.

    Parameters
    ----------
    positive : ndarray of bool of shape (n,)
    score : ndarray of shape (n,)
    weights : ndarray of shape (B, n)
        How often each sample occurs.

    Returns
    -------
    area, precision : ndarray of shape (B,)
        Ties count one half in the area; samples of one score enter the precision together. nan
        where a side is empty.
    """
    true, false = cumulative_counts(positive, score, weights)
    n_true, n_false = true[:, -1], false[:, -1]
    new_true = np.diff(true, axis=1, prepend=0)
    new_false = np.diff(false, axis=1, prepend=0)
    won = np.einsum("bi,bi->b", new_false, true - new_true / 2)
    called = np.maximum(true + false, 1e-300)  # 0 only where no positive is met either
    found = np.einsum("bi,bi->b", new_true, true / called)
    return ratio(won, n_true * n_false), ratio(found, n_true)


def cumulative_counts(positive, score, weights):
    """Positives and negatives called at each different score and above it, from the highest down.

    Returns
    -------
    true, false : ndarray of shape (B, number of different scores)
    """
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.flatnonzero(np.r_[score[1:] != score[:-1], True])
    ordered = weights[:, order].astype(float)
    true = np.cumsum(ordered * positive, axis=1)
    false = np.cumsum(ordered, axis=1) - true
    return (true, false) if last.size == score.size else (true[:, last], false[:, last])


def resampled_ranking(is_class, scores, patient, draws):
    """Both metrics of every class in every resample.

    Parameters
    ----------
    is_class : ndarray of bool of shape (n, K)
    scores : ndarray of shape (n, K)
    patient : ndarray of int of shape (n,)
    draws : ndarray of shape (B, P)

    Returns
    -------
    dict of str to ndarray of shape (B, K)
    """
    found = np.empty((2, len(draws), scores.shape[1]))
    start = 0
    for some in in_chunks(draws, len(scores)):
        weights, stop = some[:, patient], start + len(some)
        for k in range(scores.shape[1]):
            found[:, start:stop, k] = area_and_precision(is_class[:, k], scores[:, k], weights)
        start = stop
    return {"AUC": found[0], "average precision": found[1]}
