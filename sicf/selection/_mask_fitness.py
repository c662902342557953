"""What a subset of columns is worth: cross-validated scores, each computed once."""

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed


class MaskFitness:
    """Score subsets of columns by cross-validation, in parallel over the subsets.

    Parameters
    ----------
    estimator : estimator
        Cloned for each fit, and seeded.
    X, y : ndarray of shape (n, p), (n,)
    scorer : callable ``scorer(estimator, X, y) -> float``
    sample_weight : ndarray of shape (n,) or None
        For `fit` alone.
    n_jobs : int or None

    Attributes
    ----------
    n_evaluations : int
        Cross-validations made. A subset met again under the same folds and seed costs none.
    """

    def __init__(self, estimator, X, y, scorer, *, sample_weight=None, n_jobs=None):
        self.estimator = estimator
        self.X = X
        self.y = y
        self.scorer = scorer
        self.sample_weight = sample_weight
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
        scores = Parallel(n_jobs=self.n_jobs)(
            delayed(cross_validated)(
                self.estimator, self.X, self.y, mask, rounds, seed, self.scorer, self.sample_weight
            )
            for mask in new.values()
        )
        self._known.update(zip(new, scores, strict=True))
        self.n_evaluations += len(new) * len(rounds)
        return np.array([self._known[key] for key in keys])


def cross_validated(estimator, X, y, mask, rounds, seed, scorer, sample_weight=None):
    """Mean score of one subset of columns over all folds of the given rounds."""
    columns = X[:, mask]
    scores = [
        _fold_score(estimator, columns, y, train, test, seed, scorer, sample_weight)
        for folds in rounds
        for train, test in folds
    ]
    if not np.isfinite(scores).all():
        raise ValueError(
            f"The score of every fold must be finite. Got {scores}: scoring is undefined on a fold."
        )
    return float(np.mean(scores))


def seeded(estimator, seed):
    """Clone an estimator and give each of its `random_state` parameters the seed."""
    copy = clone(estimator)
    names = [n for n in copy.get_params(deep=True) if n.rpartition("__")[2] == "random_state"]
    return copy.set_params(**dict.fromkeys(names, seed))


def _fold_score(estimator, X, y, train, test, seed, scorer, sample_weight):
    fit_params = {} if sample_weight is None else {"sample_weight": sample_weight[train]}
    fitted = seeded(estimator, seed).fit(X[train], y[train], **fit_params)
    return scorer(fitted, X[test], y[test])
