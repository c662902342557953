"""One fit before a search: whether the estimator, the scorer and the folds go together."""

import numbers

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from sicf.selection._column_rankings import in_blocks
from sicf.selection._mask_fitness import score_columns

ROWS_OF_A_CLASS = 50


def check_trial_fit(score, scoring, n_columns, fold, *, reserves):
    """Score a few columns on one fold, and again in the way of the reserved rows.

    The first ones or, where the estimator refuses these, which may be constant, those that vary
    most.

    Parameters
    ----------
    score : EstimatorScore
    scoring : str, callable or None
        As the user gave it, for the errors.
    n_columns : int
        The smallest number of columns that the search may ask for.
    fold : (train, test)
    reserves : bool
        Whether reserved rows will be judged.

    Raises
    ------
    ValueError
    """
    name = type(score.estimator).__name__
    if type(score.estimator) is RandomForestClassifier:  # fits few rows as it fits many
        fold = [None if rows is None else _few(rows, score.y) for rows in fold]
    try:
        columns, value = _first_that_works(score, n_columns, fold)
    except (AttributeError, ValueError) as exc:
        raise ValueError(
            f"estimator must fit the data, and have what scoring={scoring!r} needs. {name} does "
            f"not: {exc}"
        ) from exc
    if not isinstance(value, numbers.Real):
        raise ValueError(f"scoring must give one number. {scoring!r} gave {value!r} instead.")
    try:
        if reserves and fold[1] is not None:  # out of bag no scorer of one's own is allowed
            score.together([columns], [fold], seed=0)
    except AttributeError as exc:
        raise ValueError(
            "scoring must ask for predictions alone, because reserved patients are judged by "
            f"several estimators together; reserve=0 reserves nobody. Got {scoring!r}: {exc}"
        ) from exc


def _first_that_works(score, n_columns, fold):
    """Columns that the estimator takes, and their score."""
    columns = np.arange(n_columns)
    try:
        return columns, score_columns(score, columns, fold, seed=0)
    except (AttributeError, ValueError):
        varies = in_blocks(lambda block: block.var(axis=0), score.X, fold[0])
        columns = np.sort(np.argsort(-varies, kind="stable")[:n_columns])
        return columns, score_columns(score, columns, fold, seed=0)


def _few(rows, y):
    """Some rows of each class."""
    of_class = [rows[y[rows] == label][:ROWS_OF_A_CLASS] for label in np.unique(y[rows])]
    return np.concatenate(of_class)
