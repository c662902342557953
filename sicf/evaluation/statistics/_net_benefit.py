"""Net benefit: what acting on a probability is worth, at each threshold."""

import numpy as np

from sicf.evaluation.statistics._draws import ratio


def net_benefit(is_positive, probability, thresholds, weights):
    """Net benefit of treating whoever's probability reaches a threshold.

    Parameters
    ----------
    is_positive : ndarray of bool of shape (n,)
    probability : ndarray of shape (n,)
    thresholds : ndarray of shape (T,)
        In (0, 1): the probability from which one would treat, which says what a false alarm costs.
    weights : ndarray of shape (B, n)

    Returns
    -------
    ndarray of shape (B, T)
        True positives less ``t / (1 - t)`` times the false ones, as a share of all samples [1]_.

    References
    ----------
    .. [1] Vickers and Elkin (2006), Decision curve analysis: a novel method for evaluating
       prediction models, Med. Decis. Making 26, 565-574. :doi:`10.1177/0272989X06295361`
    """
    weights, thresholds = np.asarray(weights, dtype=float), np.asarray(thresholds)
    treated = probability[:, np.newaxis] >= thresholds
    true = weights @ (treated & is_positive[:, np.newaxis])
    false = weights @ (treated & ~is_positive[:, np.newaxis])
    odds = thresholds / (1 - thresholds)
    return ratio(true - odds * false, weights.sum(axis=1, keepdims=True))
