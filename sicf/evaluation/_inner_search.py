"""Parameters chosen inside a training part, by splits of it alone."""

from collections.abc import Mapping

import numpy as np
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, ParameterGrid

from sicf.evaluation._sample_digests import take


def check_grids(param_grids, estimators, single):
    """Grids by the name of their estimator.

    Parameters
    ----------
    param_grids : dict or None
        By estimator; of a single estimator, its grid as it is.
    estimators : dict of str to estimator
    single : bool
        Whether the estimator was given alone.

    Returns
    -------
    dict of str to dict or list
    """
    if param_grids is None:
        return {}
    if single and not (isinstance(param_grids, Mapping) and set(param_grids) == set(estimators)):
        param_grids = {next(iter(estimators)): param_grids}
    if not isinstance(param_grids, Mapping):
        raise TypeError(
            f"param_grids must be a dict of estimators' names to grids. Got {param_grids!r}."
        )
    unknown = sorted(set(param_grids) - set(estimators))
    if unknown:
        raise ValueError(
            f"param_grids must name estimators of {list(estimators)}. Got {unknown} instead."
        )
    for name, grid in param_grids.items():
        _check_parameters(name, grid, estimators[name])
    return dict(param_grids)


def choose(estimator, grid, scoring, X, y, splits, metadata):
    """Choose parameters by a grid search over given splits.

    Parameters
    ----------
    estimator : estimator
    grid : dict or list of dict
    scoring : str or callable
    X : array, list or data frame
    y : ndarray
    splits : list of (train, test)
        Numbers of samples of X.
    metadata : dict of str to ndarray
        What the estimator asked for, one value for each sample of X.

    Returns
    -------
    estimator
        With the chosen parameters, not fitted.
    chosen : dict
    score : float
        Of the chosen parameters, inside: optimistic, as the best of several.
    """
    rows = np.unique(np.concatenate([np.concatenate(split) for split in splits]))
    within = [tuple(np.searchsorted(rows, part) for part in split) for split in splits]
    search = GridSearchCV(
        estimator,
        grid,
        scoring=_unweighted(scoring, metadata),
        cv=within,
        refit=False,
        error_score="raise",
    )
    search.fit(take(X, rows), y[rows], **{name: value[rows] for name, value in metadata.items()})
    chosen = search.best_params_
    settled = clone(estimator).set_params(**clone(chosen, safe=False))
    return settled, chosen, float(search.best_score_)


def _unweighted(scoring, metadata):
    scorer = get_scorer(scoring)
    if "sample_weight" in metadata and hasattr(scorer, "set_score_request"):
        return scorer.set_score_request(sample_weight=False)
    return scorer


def _check_parameters(name, grid, estimator):
    known = estimator.get_params(deep=True)
    try:
        settings = ParameterGrid(grid)
    except (TypeError, ValueError) as exc:
        exc.add_note(f"Raised by the grid of {name!r} in param_grids.")
        raise
    for parameter in {key for part in settings.param_grid for key in part}:
        if parameter not in known and parameter.split("__")[0] not in known:
            raise ValueError(
                f"The grid of {name!r} must name parameters of it. Got {parameter!r} instead."
            )
