"""Who is called positive as the threshold falls: what ROC and PR curves are made of."""

from typing import NamedTuple

import numpy as np


class RankedCounts(NamedTuple):
    """Positives and negatives called at each different score, from the highest down.

    Parameters
    ----------
    true, false : ndarray of shape (B, number of different scores)
        For B weightings of the samples.
    """

    true: np.ndarray
    false: np.ndarray


def ranked_counts(positive, score, weights):
    """Count what each threshold calls; samples of equal score are called together.

    Parameters
    ----------
    positive : ndarray of bool of shape (n,)
    score : ndarray of shape (n,)
    weights : ndarray of shape (B, n)

    Returns
    -------
    RankedCounts
    """
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.flatnonzero(np.r_[score[1:] != score[:-1], True])
    ordered = weights[:, order].astype(float)
    true = np.cumsum(ordered * positive, axis=1)[:, last]
    return RankedCounts(true, np.cumsum(ordered, axis=1)[:, last] - true)
