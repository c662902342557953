"""All that a search draws before it begins: who is reserved, the folds, the seeds."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from sicf.selection._folds import draw_folds
from sicf.selection._mask_fitness import Round
from sicf.selection._reserved import reserve_rows


class SearchPlan(NamedTuple):
    """The draws of a search.

    Parameters
    ----------
    searched, reserved : ndarray of int
        Rows.
    rounds : list of Round
    search_seed, judge_seed : int
        Of the search's own generator, and of the estimators that judge the result.
    """

    searched: np.ndarray
    reserved: np.ndarray
    rounds: list
    search_seed: int
    judge_seed: int


def draw_plan(seed, y, groups, *, cv, reserve, classifier, n_rounds):
    """Draw a plan; whatever makes it impossible is found here, before any work.

    Parameters
    ----------
    seed : int
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
    cv : int, splitter, "oob" or None
    reserve : float or None
    classifier : bool
    n_rounds : int

    Returns
    -------
    SearchPlan
    """
    rng = check_random_state(seed)
    searched, reserved, reason = reserve_rows(
        reserve, cv, y, groups, classifier=classifier, seed=_draw(rng)
    )
    draws = draw_folds(
        cv,
        y[searched],
        None if groups is None else groups[searched],
        classifier=classifier,
        n_draws=n_rounds,
        rng=rng,
    )
    rounds = [Round([_rows(searched, *fold) for fold in folds], _draw(rng)) for folds in draws]
    if reason is not None:
        warnings.warn(f"Nobody is reserved, so best_score_ is nan: {reason}", stacklevel=3)
    return SearchPlan(searched, reserved, rounds, _draw(rng), _draw(rng))


def _draw(rng):
    return int(rng.randint(np.iinfo(np.int32).max))


def _rows(searched, train, test):
    """A fold of the searched rows by their numbers among all rows."""
    return searched[train], None if test is None else searched[test]
