"""One fit before a search: whether the estimator, the scorer and the folds go together."""

import numbers

import numpy as np

from sicf.selection._mask_fitness import score_columns


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
    try:
        value = score_columns(score, columns, fold, seed=0)
    except (AttributeError, ValueError) as exc:
        raise ValueError(
            f"estimator must have what scoring={scoring!r} needs. {name} does not: {exc}"
        ) from exc
    if not isinstance(value, numbers.Real):
        raise ValueError(f"scoring must give one number. {scoring!r} gave {value!r} instead.")
    try:
        if reserves and fold[1] is not None:  # out of bag no scorer of one's own is allowed
            score.together(columns, [fold], seed=0)
    except AttributeError as exc:
        raise ValueError(
            "scoring must ask for predictions alone, because reserved patients are judged by "
            f"several estimators together; reserve=0 reserves nobody. Got {scoring!r}: {exc}"
        ) from exc
