"""All that a search draws beside its steps: who is reserved, the folds, the seeds."""

import numbers
import warnings
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state

from sicf.selection._folds import draw_folds
from sicf.selection._mask_fitness import Round
from sicf.selection._reserved import judging_folds, reserve_rows

N_TRIES = 20


class Rounds:
    """Draws of folds, each made when it is asked for, and always the same.

    Parameters
    ----------
    searched : ndarray of int
        Rows.
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
        Of all rows.
    cv : int, splitter, "oob" or None
    classifier : bool
    seed : int
    """

    def __init__(self, searched, y, groups, cv, classifier, seed):
        self.searched = searched
        self.y = y[searched]
        self.groups = None if groups is None else groups[searched]
        self.cv = check_cv(cv) if hasattr(cv, "__iter__") and not isinstance(cv, str) else cv
        self.classifier = classifier
        self.seed = seed
        self._last = None, None

    def __call__(self, number, *, final=False):
        """Draw one round of the search or of its finals.

        Parameters
        ----------
        number : int
        final : bool

        Returns
        -------
        Round
            By numbers of rows among all.

        Raises
        ------
        ValueError
            See `draw_folds`; a draw that is unlucky is made again.
        """
        if self._last[0] != (number, final):
            self._last = (number, final), self._draw(number, final)
        return self._last[1]

    def _draw(self, number, final):
        rng = np.random.RandomState(np.random.MT19937([self.seed, number, final]))
        drawn = self.cv is None or isinstance(self.cv, numbers.Integral)
        n_tries = N_TRIES if drawn else 1
        for last in [False] * (n_tries - 1) + [True]:
            try:
                folds = draw_folds(
                    self.cv, self.y, self.groups, classifier=self.classifier, seed=_draw(rng)
                )
            except ValueError:
                if last:
                    raise
            else:
                return Round([self._among_all(*fold) for fold in folds], _draw(rng))

    def _among_all(self, train, test):
        return self.searched[train], None if test is None else self.searched[test]


class SearchPlan(NamedTuple):
    """The draws of a search.

    Parameters
    ----------
    searched, reserved : ndarray of int
        Rows.
    rounds : Rounds
    judging : Round
        Each reserved row is tested once, by what is trained on all rows but its part of the
        reserve.
    search_seed : int
        Of the search's own generator.
    """

    searched: np.ndarray
    reserved: np.ndarray
    rounds: Rounds
    judging: Round
    search_seed: int


def draw_plan(seed, y, groups, *, cv, reserve, classifier):
    """Draw a plan; whatever makes it impossible is found here, before any work.

    Parameters
    ----------
    seed : int
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
    cv : int, splitter, "oob" or None
    reserve : float or None
    classifier : bool

    Returns
    -------
    SearchPlan
    """
    rng = check_random_state(seed)
    searched, reserved, reason = reserve_rows(
        reserve, cv, y, groups, classifier=classifier, seed=_draw(rng)
    )
    rounds = Rounds(searched, y, groups, cv, classifier, _draw(rng))
    rounds(0)
    if reason is not None:
        warnings.warn(f"Nobody is reserved, so best_score_ is nan: {reason}", stacklevel=3)
    folds = judging_folds(searched, reserved, groups, seed=_draw(rng))
    search_seed = _draw(rng)
    return SearchPlan(searched, reserved, rounds, Round(folds, _draw(rng)), search_seed)


def _draw(rng):
    return int(rng.randint(np.iinfo(np.int32).max))
