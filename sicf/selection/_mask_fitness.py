"""What subsets of columns are worth: cross-validated scores, in parallel, each computed once."""

import numpy as np
from sklearn.utils.parallel import Parallel, delayed


class MaskFitness:
    """Score subsets of columns, in parallel over the subsets.

    Parameters
    ----------
    score_fold : EstimatorScore or CompiledForestScore
        Called with columns, training rows, test rows and a seed.
    n_jobs : int or None

    Attributes
    ----------
    n_evaluations : int
        Cross-validations made. A subset met again under the same folds and seed costs none.
    """

    def __init__(self, score_fold, n_jobs=None):
        self.score_fold = score_fold
        self.n_jobs = n_jobs
        self.n_evaluations = 0
        self._known = {}

    def score(self, masks, rounds, seed):
        """Mean score of each subset over all folds of the given rounds.

        Parameters
        ----------
        masks : ndarray of bool of shape (m, p)
        rounds : list of list of (train, test)
        seed : int
            For the estimators; part of what a score is remembered by.

        Returns
        -------
        ndarray of shape (m,)
        """
        keys = [(seed, np.packbits(mask).tobytes()) for mask in masks]
        new = {key: mask for key, mask in zip(keys, masks, strict=True) if key not in self._known}
        scores = Parallel(n_jobs=self.n_jobs, prefer=self.score_fold.prefer)(
            delayed(cross_validated)(self.score_fold, np.flatnonzero(mask), rounds, seed)
            for mask in new.values()
        )
        self._known.update(zip(new, scores, strict=True))
        self.n_evaluations += len(new) * len(rounds)
        return np.array([self._known[key] for key in keys])


def cross_validated(score_fold, columns, rounds, seed):
    """Mean score of one subset of columns over all folds of the given rounds."""
    scores = [score_fold(columns, *fold, seed) for folds in rounds for fold in folds]
    if not np.isfinite(scores).all():
        raise ValueError(
            f"The score of every fold must be finite. Got {scores}: scoring is undefined on a fold."
        )
    return float(np.mean(scores))
