"""Metrics of classification from confusion matrices and scores, for one or many weightings."""

import numpy as np

METRICS = ("accuracy", "balanced accuracy", "sensitivity", "specificity", "F1", "AUC")


def confusion_metrics(confusion, positive=None):
    """Metrics of one or many confusion matrices.

    Parameters
    ----------
    confusion : ndarray of shape (..., K, K)
        Rows are true classes, columns predicted ones.
    positive : int, default=None
        With two classes: the one that sensitivity, specificity and F1 are about. None takes
        one-vs-rest metrics of every class and their mean.

    Returns
    -------
    dict of str to ndarray of shape (...)
        nan where a metric is undefined, as when a class does not occur.
    """
    confusion = np.asarray(confusion, dtype=float)
    hit = np.diagonal(confusion, axis1=-2, axis2=-1)
    total = confusion.sum(axis=(-2, -1))
    actual, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    rest = total[..., np.newaxis] - actual
    sensitivity = _ratio(hit, actual)
    specificity = _ratio(rest - (predicted - hit), rest)
    # A class that neither occurs nor is predicted has no F1; one never predicted has 0.
    f1 = _ratio(2 * hit, actual + predicted)
    pick = (lambda m: m.mean(axis=-1)) if positive is None else (lambda m: m[..., positive])
    return {
        "accuracy": _ratio(hit.sum(axis=-1), total),
        "balanced accuracy": sensitivity.mean(axis=-1),
        "sensitivity": pick(sensitivity),
        "specificity": pick(specificity),
        "F1": pick(f1),
    }


def macro_auc(is_class, scores, weights):
    """Mean one-vs-rest area under the ROC curve, for many weightings of the samples.

    Parameters
    ----------
    is_class : ndarray of bool of shape (n, K)
        Which class each sample has.
    scores : ndarray of shape (n, K)
    weights : ndarray of shape (B, n)
        How often each sample occurs.

    Returns
    -------
    ndarray of shape (B,)
        nan where a class, or its rest, does not occur.
    """
    areas = [auc(is_class[:, k], scores[:, k], weights) for k in range(scores.shape[1])]
    return np.mean(areas, axis=0)


def auc(positive, score, weights):
    """Area under the ROC curve for many weightings of the samples; ties count one half.

    Parameters
    ----------
    positive : ndarray of bool of shape (n,)
    score : ndarray of shape (n,)
    weights : ndarray of shape (B, n)

    Returns
    -------
    ndarray of shape (B,)
    """
    order = np.argsort(score, kind="stable")
    score = score[order]
    start = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
    ordered = weights[:, order].astype(float)
    of_positive = np.add.reduceat(ordered * positive[order], start, axis=1)
    of_negative = np.add.reduceat(ordered * ~positive[order], start, axis=1)
    below = np.cumsum(of_negative, axis=1) - of_negative / 2
    won = (of_positive * below).sum(axis=1)
    return _ratio(won, of_positive.sum(axis=1) * of_negative.sum(axis=1))


def _ratio(part, whole):
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
