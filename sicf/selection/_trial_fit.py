"""One fit before a search: whether the estimator, the scorer and the folds go together."""

import numbers

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from sicf.selection._mask_fitness import score_columns

ROWS_OF_A_CLASS = 50


def check_trial_fit(score, scoring, n_columns, fold, *, reserves):
    """Score the first columns on one fold, and again in the way of the reserved rows.

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
    columns, name = np.arange(n_columns), type(score.estimator).__name__
    if type(score.estimator) is RandomForestClassifier:  # fits few rows as it fits many
        fold = [None if rows is None else _few(rows, score.y) for rows in fold]
    try:
        value = score_columns(score, columns, fold, seed=0)
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


def _few(rows, y):
    """Some rows of each class."""
    of_class = [rows[y[rows] == label][:ROWS_OF_A_CLASS] for label in np.unique(y[rows])]
    return np.concatenate(of_class)
