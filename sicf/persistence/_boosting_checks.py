"""Gradient boosting: as many columns of trees as there are scores for them to be added to."""

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

from sicf.persistence._object_walk import walk
from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._width import width_of

BOOSTING = (GradientBoostingClassifier, GradientBoostingRegressor)


def check_stages(model):
    """Check the array of trees against the classes.

    Parameters
    ----------
    model : GradientBoostingClassifier or GradientBoostingRegressor
    """
    wanted = model.n_estimators_, _n_scores(model)
    trees = model.estimators_
    if not isinstance(trees, np.ndarray) or trees.shape != wanted or 0 in wanted:
        raise PersistenceError(
            f"Gradient boosting must have trees of shape {wanted}, by its stages and classes. Got "
            f"{np.shape(trees)}."
        )
    if model.n_trees_per_iteration_ != wanted[1]:
        raise PersistenceError(
            f"Gradient boosting must have {wanted[1]} tree(s) in a stage. It claims "
            f"{model.n_trees_per_iteration_}."
        )


def check_starts(parts):
    """Check that what the trees are added to has a column for each.

    It comes from a model of its own, `init_`, which may be of any kind, so it is asked for two rows
    of zeros and for three. Whatever it is made of has to be checked before.

    Parameters
    ----------
    parts : iterable of object
    """
    checked = set()
    for part in parts:
        if isinstance(part, BOOSTING) and "estimators_" in vars(part):
            _check_start(part, checked)


def _check_start(model, checked):
    if id(model) in checked:
        return
    checked.add(id(model))
    for part in walk(model.init_):
        if isinstance(part, BOOSTING):
            _check_start(part, checked)
    for n_rows in (2, 3):
        start = model._raw_predict_init(np.zeros((n_rows, width_of(model)), np.float32))
        if start.shape != (n_rows, _n_scores(model)):
            raise PersistenceError(
                f"Gradient boosting must begin with {_n_scores(model)} score(s) of each sample. "
                f"Its init_ gives {start.shape} for {n_rows}."
            )


def _n_scores(model):
    if isinstance(model, GradientBoostingRegressor):
        return 1
    n_classes = len(model.classes_)
    return 1 if n_classes == 2 else n_classes
