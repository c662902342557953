"""What is checked before any work: labels, groups and folds."""

import numbers

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils import check_consistent_length, check_random_state


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
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(f"y must be one label for each sample. Got shape {y.shape} instead.")
    missing = np.flatnonzero([label is None or label != label for label in y.tolist()])
    if missing.size:
        raise ValueError(
            f"y must hold a label for every sample. Sample {missing[0]} has {y[missing[0]]!r}"
            f"{f', and {missing.size - 1} more' if missing.size > 1 else ''}."
        )
    classes, target = np.unique(y, return_inverse=True)
    if classes.size < 2:
        raise ValueError(f"y must hold at least 2 classes. Got 1 class: {classes.tolist()[0]!r}.")
    return classes, target, None if groups is None else np.asarray(groups)


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
