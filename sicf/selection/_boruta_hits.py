"""Boruta's decision: has a column beaten the best shadow more, or less, often than a coin would?"""

import numpy as np
from scipy.stats import binom


def decide(hits, rounds, alpha, two_step):
    """Which columns are better than chance after some rounds, and which are worse.

    Parameters
    ----------
    hits : ndarray of int of shape (p,)
        Rounds in which each undecided column was above the shadows.
    rounds : int
    alpha : float
        Level of the tests.
    two_step : bool
        Benjamini and Hochberg's correction over the columns and Bonferroni's over the rounds;
        otherwise Bonferroni's over the columns, as published.

    Returns
    -------
    better, worse : ndarray of bool of shape (p,)
    """
    above = binom.sf(hits - 1, rounds, 0.5)
    below = binom.cdf(hits, rounds, 0.5)
    return tuple(_significant(p_values, rounds, alpha, two_step) for p_values in (above, below))


def _significant(p_values, rounds, alpha, two_step):
    if not two_step:
        return p_values <= alpha / len(p_values)
    return _false_discovery(p_values, alpha) & (p_values <= alpha / rounds)


def _false_discovery(p_values, alpha):
    """Benjamini and Hochberg's step-up procedure."""
    n = len(p_values)
    ordered = np.sort(p_values)
    passed = np.flatnonzero(ordered <= alpha * np.arange(1, n + 1) / n)
    return p_values <= ordered[passed[-1]] if passed.size else np.zeros(n, dtype=bool)
