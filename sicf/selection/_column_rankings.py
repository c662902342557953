"""How well each column does by itself and in a forest: two rankings that seed the search."""

import numpy as np
from joblib import effective_n_jobs
from scipy.stats import rankdata
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import f_regression

from sicf._spread import spread_in_order
from sicf.selection._budget import BudgetSpent

NUMBERS_AT_ONCE = 2**15  # so that copies stay small beside a large table
FILTERS = ("F test", "forest importance")


class ColumnRankings:
    """Rank the columns by the F test and by the importance that a forest gives them.

    Parameters
    ----------
    X, y : ndarray of shape (n, p), (n,)
    classifier : bool
    forest : CompiledForest, RandomForestClassifier or RandomForestRegressor
        Gives the importance.
    n_jobs : int or None
    """

    def __init__(self, X, y, classifier, forest, n_jobs=None):
        self.X = X
        self.y = y
        self.classifier = classifier
        self.forest = forest
        self.n_jobs = n_jobs

    def __call__(self, rows, seed):
        """Rank the columns as the given rows tell.

        Parameters
        ----------
        rows : ndarray of int
            No other row is looked at.
        seed : int

        Returns
        -------
        ndarray of shape (2, n_columns)
            One row a filter, from 0 to 1 for the best column; equal columns share their mean.
        """
        scores = np.stack([self._f_values(rows), self._importances(rows, seed)])
        return (rankdata(scores, axis=1) - 1) / max(1, scores.shape[1] - 1)

    def in_folds(self, round_, budget=None):
        """Rank the columns by the training rows of each fold of a round.

        Parameters
        ----------
        round_ : Round
        budget : Budget, default=None
            Asked for its time before each fold, or as many as there are workers.

        Raises
        ------
        BudgetSpent
        """
        training = [(train, round_.seed) for train, _ in round_.folds]
        timed = budget is not None and budget.max_time is not None
        step = effective_n_jobs(self.n_jobs) if timed else len(training)
        rankings = []
        for start in range(0, len(training), step):
            if timed and budget.out_of_time():
                raise BudgetSpent
            some = training[start : start + step]
            rankings += spread_in_order(_rank, self, some, n_jobs=self.n_jobs, prefer="threads")
        return rankings

    def _f_values(self, rows):
        test = _f_of_classes if self.classifier else _f_of_line
        return f_values(self.X, self.y, rows, test)

    def _importances(self, rows, seed):
        if hasattr(self.forest, "importances"):
            return self.forest.importances(rows, seed)
        forest = clone(self.forest).set_params(random_state=seed)
        return forest.fit(self.X[rows], self.y[rows]).feature_importances_


def _rank(rankings, training):
    return rankings(*training)


def f_values(X, y, rows, test=None):
    """F statistic of each column, in blocks of columns, as the given rows tell.

    Parameters
    ----------
    X, y : ndarray of shape (n, p), (n,)
    rows : ndarray of int
    test : callable, default=None
        Takes a block of columns and y. None is the analysis of variance between classes.

    Returns
    -------
    ndarray of shape (p,)
        0 for constant columns.
    """
    test = _f_of_classes if test is None else test
    return np.nan_to_num(in_blocks(lambda block: test(block, y[rows]), X, rows), nan=0.0)


def in_blocks(measure, X, rows):
    """Measure each column, in blocks of columns whose gaps are filled, as the given rows tell."""
    values = []
    with np.errstate(all="ignore"):  # constant columns
        step = max(1, NUMBERS_AT_ONCE // len(rows))
        for first in range(0, X.shape[1], step):
            block = X[rows, first : first + step].astype(float)
            values.append(measure(_without_gaps(block)))
    return np.concatenate(values)


def _f_of_classes(block, y):
    """Variance between the classes over that within: `f_classif`, which warns of what we expect."""
    between, within = 0.0, 0.0
    for label in np.unique(y):
        part = block[y == label]
        between += len(part) * (part.mean(axis=0) - block.mean(axis=0)) ** 2
        within += ((part - part.mean(axis=0)) ** 2).sum(axis=0)
    varies = block.max(axis=0) > block.min(axis=0)
    return np.where(varies, between / within, 0)


def _f_of_line(block, y):
    return f_regression(block, y)[0]


def _without_gaps(block):
    """A block of columns whose missing values are their columns' means."""
    known = ~np.isnan(block)
    means = np.where(known, block, 0).sum(axis=0) / np.maximum(1, known.sum(axis=0))
    return np.where(known, block, means)


def ranking_forest(engine, score_fold, classifier):
    """The forest whose importances rank the columns.

    It is that of the search where this is compiled; else, beside any other estimator, the paper's,
    compiled where it can be, without the user's weights.

    Parameters
    ----------
    engine : {"auto", "sklearn", "compiled"}
    score_fold : EstimatorScore or CompiledForestScore
    classifier : bool

    Returns
    -------
    CompiledForest, RandomForestClassifier or RandomForestRegressor
    """
    if not classifier:
        # By default each split would look at all columns, which costs more than the search.
        return RandomForestRegressor(max_depth=20, max_features="sqrt")
    if hasattr(score_fold, "forest"):
        return score_fold.forest
    forest = RandomForestClassifier(max_depth=20, class_weight="balanced")
    if engine == "sklearn":
        return forest
    from sicf.selection.forest import CompiledForest, unsupported

    X, y = score_fold.X, score_fold.y
    return CompiledForest(forest, X, y) if unsupported(forest, X) is None else forest
