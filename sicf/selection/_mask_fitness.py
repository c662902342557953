"""What subsets of columns are worth: cross-validated scores, in parallel, each computed once."""

from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs

from sicf._spread import spread_in_order
from sicf.selection._budget import BudgetSpent


class Round(NamedTuple):
    """One draw of folds, and the seed of the estimators that are fitted on them.

    Parameters
    ----------
    folds : list of (train, test)
        Rows; `test` is None where the rows are to be scored out of bag.
    seed : int
    """

    folds: list
    seed: int


class MaskFitness:
    """Score subsets of columns, in parallel over the subsets.

    Parameters
    ----------
    score_fold : EstimatorScore or CompiledForestScore
        Called with columns, training rows, test rows and a seed.
    budget : Budget
    n_jobs : int or None

    Attributes
    ----------
    known : dict
        Scores by seed and bits. A subset met again under the same folds and seed costs nothing.
    """

    def __init__(self, score_fold, budget, n_jobs=None):
        self.score_fold = score_fold
        self.budget = budget
        self.n_jobs = n_jobs
        self.known = {}

    def score(self, masks, round_, *, partly=False):
        """Mean score of each subset over the folds of a round.

        Parameters
        ----------
        masks : ndarray of bool of shape (m, p) or (m, n_folds, p)
            Subsets, the same in every fold or one for each.
        round_ : Round
        partly : bool
            Whether a spent budget gives nan for the subsets it did not reach. Otherwise all are
            scored or none.

        Returns
        -------
        ndarray of shape (m,)

        Raises
        ------
        BudgetSpent
        """
        keys = [(round_.seed, np.packbits(mask).tobytes()) for mask in masks]
        new = {key: mask for key, mask in zip(keys, masks, strict=True) if key not in self.known}
        room = self.budget.affords(len(new))
        if room < len(new) and not partly:
            raise BudgetSpent
        try:
            self._score_new(dict(list(new.items())[:room]), round_)
        except BudgetSpent:
            if not partly:
                raise
        return np.array([self.known.get(key, np.nan) for key in keys])

    def remembered(self, mask, round_):
        """The score of a subset that was scored before, else nan."""
        return self.known.get((round_.seed, np.packbits(mask).tobytes()), np.nan)

    def scored(self, round_):
        """Subsets that were scored in a round, the same in every fold, in their order."""
        n_columns = self.score_fold.X.shape[1]
        bits = [np.frombuffer(key, np.uint8) for seed, key in self.known if seed == round_.seed]
        if not bits:
            return np.empty((0, n_columns), dtype=bool)
        return np.unpackbits(bits, axis=1, count=n_columns).astype(bool)

    def judge(self, masks, round_):
        """One score over the test rows of all folds together, a subset for each; an evaluation."""
        self.budget.spend(1)
        columns = [np.flatnonzero(mask) for mask in masks]
        return float(self.score_fold.together(columns, *round_))

    def _score_new(self, new, round_):
        """Score subsets that are not known, the largest first, which keeps all workers busy."""
        keys = sorted(new, key=lambda key: -np.count_nonzero(new[key]))
        timed = self.budget.max_time is not None
        step = effective_n_jobs(self.n_jobs) if timed else max(1, len(keys))
        for start in range(0, len(keys), step):
            if self.budget.out_of_time():
                raise BudgetSpent
            chunk = keys[start : start + step]
            scores = spread_in_order(
                _cross_validated,
                (self.score_fold, round_),
                [new[key] for key in chunk],
                n_jobs=self.n_jobs,
                prefer=self.score_fold.prefer,
            )
            self.known.update(zip(chunk, scores, strict=True))
            self.budget.spend(len(chunk))


def cross_validated(score_fold, mask, round_):
    """Mean score of one subset of columns over the folds of a round."""
    masks = np.broadcast_to(mask, (len(round_.folds), mask.shape[-1]))
    scores = [
        score_columns(score_fold, np.flatnonzero(mask), fold, round_.seed)
        for mask, fold in zip(masks, round_.folds, strict=True)
    ]
    if not np.isfinite(scores).all():
        raise ValueError(
            f"The score of every fold must be finite. Got {scores}: scoring is undefined on a fold."
        )
    return float(np.mean(scores))


def _cross_validated(shared, mask):
    score_fold, round_ = shared
    return cross_validated(score_fold, mask, round_)


def score_columns(score_fold, columns, fold, seed):
    """Score of some columns on the test rows of a fold or, where it has none, out of bag."""
    train, test = fold
    if test is None:
        return score_fold.out_of_bag(columns, train, seed)
    return score_fold(columns, train, test, seed)
