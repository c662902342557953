"""What is checked before any work: labels, groups and folds."""

import numbers
import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

from sicf._one_for_each import one_for_each


def check_labels(X, y, groups):
    """Check lengths and labels.

    Returns
    -------
    classes : ndarray of shape (K,)
    target : ndarray of int of shape (n,)
        Numbers of the classes.
    groups : ndarray of shape (n,) or None
    """
    check_consistent_length(X, y, groups)
    y = one_for_each(y, "y")
    classes, target = np.unique(y, return_inverse=True)
    if classes.size < 2:
        raise ValueError(f"y must hold at least 2 classes. Got 1 class: {classes.tolist()[0]!r}.")
    return classes, target, None if groups is None else one_for_each(groups, "groups")


def check_estimators(estimators):
    """Check that there is something to fit, and that it gives scores.

    Returns
    -------
    dict of str to estimator
    """
    if not isinstance(estimators, dict):
        estimators = {type(estimators).__name__: estimators}
    if not estimators:
        raise ValueError("estimators must hold at least 1 estimator. Got an empty dict.")
    for name, estimator in estimators.items():
        if not hasattr(estimator, "fit") or not hasattr(estimator, "get_params"):
            raise TypeError(
                "estimators must be a classifier, or a dict of names to classifiers. "
                f"Got {name!r}: {estimator!r}."
            )
        if not any(hasattr(estimator, way) for way in ("predict_proba", "decision_function")):
            raise TypeError(
                "An estimator must have predict_proba or decision_function, since AUC comes from "
                f"scores. {name!r} has neither."
            )
    return estimators


def warn_of_ungrouped_splits(estimators):
    """Warn of splits inside an estimator that may part the samples of a group."""
    for name, estimator in estimators.items():
        parts = {"": estimator} | estimator.get_params(deep=True)
        for path, part in parts.items():
            if hasattr(part, "get_params") and not isinstance(part, type) and _parts_groups(part):
                warnings.warn(
                    f"{type(part).__name__} of {name!r} splits by cv={part.cv!r}, which knows of "
                    "no groups: a group can stand on both sides of its splits. Give it a splitter "
                    f"such as StratifiedGroupKFold{f' ({path}__cv)' if path else ''}.",
                    stacklevel=3,
                )


def _parts_groups(part):
    """Whether an estimator has a cv that ignores groups, and does not see to them by itself."""
    if "cv" not in part.get_params(deep=False) or part.cv == "prefit":
        return False
    if hasattr(part.cv, "split"):
        return not get_routing_for_object(part.cv).consumes("split", ["groups"])
    own = get_routing_for_object(part)
    return not (isinstance(own, MetadataRequest) and own.consumes("fit", ["groups"]))


def check_options(n_bootstrap, confidence_level, positive_label, classes):
    """Check the options of the intervals, and the class that they are about."""
    if not isinstance(n_bootstrap, numbers.Integral) or n_bootstrap < 1:
        raise ValueError(f"n_bootstrap must be an integer of at least 1. Got {n_bootstrap!r}.")
    if not isinstance(confidence_level, numbers.Real) or not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level must lie between 0 and 1. Got {confidence_level!r}.")
    if positive_label is None:
        return
    if len(classes) != 2:
        raise ValueError(f"positive_label needs 2 classes. Got {len(classes)}: {classes.tolist()}.")
    if positive_label not in classes.tolist():
        raise ValueError(
            f"positive_label must be one of {classes.tolist()}. Got {positive_label!r} instead."
        )


def draw_folds(outer, target, groups, classes, random_state):
    """Draw the outer folds and check that each can be learnt from.

    Returns
    -------
    list of (train, test)
    """
    splitter = _splitter(outer, groups, random_state)
    if isinstance(outer, numbers.Integral):
        _check_counts(outer, target, groups, classes)
    folds = list(splitter.split(np.zeros(len(target)), target, groups))
    for number, (train, test) in enumerate(folds):
        missing = np.setdiff1d(target, target[train])
        if missing.size:
            raise ValueError(
                f"Every training fold must hold every class. Fold {number} lacks "
                f"{classes[missing].tolist()}."
            )
        _check_groups_apart(number, groups, train, test)
    tested = np.concatenate([test for _, test in folds])
    if not np.array_equal(np.sort(tested), np.arange(len(target))):
        raise ValueError("The outer folds must test every sample exactly once.")
    return folds


def _splitter(outer, groups, random_state):
    if outer is None:
        raise TypeError("outer must be a number of folds or a splitter. Got None instead.")
    if not isinstance(outer, numbers.Integral):
        return check_cv(outer)
    if outer < 2:
        raise ValueError(f"outer must be at least 2 folds. Got {outer} instead.")
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    return kind(outer, shuffle=True, random_state=seed)


def _check_counts(outer, target, groups, classes):
    unit = "sample(s)" if groups is None else "group(s)"
    members = np.arange(len(target)) if groups is None else groups
    if len(np.unique(members)) < outer:
        raise ValueError(
            f"outer={outer} folds need at least {outer} {unit}. Got {len(np.unique(members))}."
        )
    for number, label in enumerate(classes.tolist()):
        held = len(np.unique(members[target == number]))
        if held < outer:
            raise ValueError(
                f"outer={outer} folds need at least {outer} {unit} of every class. "
                f"Class {label!r} has {held}."
            )


def _check_groups_apart(number, groups, train, test):
    if groups is None:
        return
    both = np.intersect1d(groups[train], groups[test])
    if both.size:
        raise ValueError(
            f"A group must stand on one side of a split. Group {both.tolist()[0]!r} stands on both "
            f"sides of fold {number}; use a splitter that takes groups."
        )
