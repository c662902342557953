"""The folds inside the search: drawn and checked before any work."""

import copy
import numbers

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    check_cv,
)

DEFAULT_FOLDS = 5


def draw_folds(cv, y, groups, *, classifier, seed):
    """Draw the folds of one round of the search.

    Parameters
    ----------
    cv : int, splitter, "oob" or None
        None is 5. An integer is shuffled and stratified for a classifier, and keeps groups together
        where there are groups. A splitter is used as it is. With "oob" there are no folds: all rows
        are trained on, and each is tested by the trees that did not draw it.
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
    classifier : bool
    seed : int

    Returns
    -------
    list of (train, test)

    Raises
    ------
    ValueError
        Fewer groups or members of a class than folds, a training fold that lacks a class, or a
        group on both sides of a split.
    """
    cv = DEFAULT_FOLDS if cv is None else cv
    if isinstance(cv, str):
        return [(np.arange(len(y)), None)]
    _check_counts(cv, y, groups, classifier)
    splitter = make_splitter(cv, groups, classifier, seed)
    folds = list(splitter.split(np.zeros(len(y)), y, groups))
    _check_training_folds(folds, y, classifier)
    _check_groups_apart(folds, groups)
    return folds


def make_splitter(cv, groups, classifier, seed):
    """A splitter as it is; of an integer, the one that is stratified and grouped where it can."""
    if not isinstance(cv, numbers.Integral):
        return _seeded(check_cv(cv), seed)
    kind = {
        (True, True): StratifiedGroupKFold,
        (True, False): StratifiedKFold,
        (False, True): GroupKFold,
        (False, False): KFold,
    }[classifier, groups is not None]
    return kind(cv, shuffle=True, random_state=seed)


def _seeded(splitter, seed):
    """A splitter that would draw from NumPy's global generator, with a seed of ours instead."""
    if getattr(splitter, "random_state", seed) is not None:
        return splitter
    splitter = copy.copy(splitter)
    if getattr(splitter, "shuffle", True):
        splitter.random_state = seed
    return splitter


def _check_counts(cv, y, groups, classifier):
    if not isinstance(cv, numbers.Integral):
        return
    if cv < 2:
        raise ValueError(f"cv must be at least 2 folds. Got {cv} instead.")
    if groups is not None and len(np.unique(groups)) < cv:
        raise ValueError(
            f"groups must hold at least cv={cv} different groups. Got {len(np.unique(groups))}."
        )
    if not classifier:
        return
    for label in np.unique(y).tolist():
        members = np.count_nonzero(y == label)
        if members < cv:
            raise ValueError(
                f"Every class must have at least cv={cv} members. Class {label!r} has {members}."
            )


def _check_training_folds(folds, y, classifier):
    if not classifier:
        return
    for number, (train, _) in enumerate(folds):
        missing = np.setdiff1d(y, y[train])
        if missing.size:
            raise ValueError(
                f"Every training fold must hold every class. Inner fold {number} lacks "
                f"{missing.tolist()}; its members belong to too few groups for cv={len(folds)}."
            )


def _check_groups_apart(folds, groups):
    if groups is None:
        return
    for number, (train, test) in enumerate(folds):
        both = np.intersect1d(groups[train], groups[test])
        if both.size:
            raise ValueError(
                f"A group must stand on one side of a split. Group {both.tolist()[0]!r} stands on "
                f"both sides of inner fold {number}; use a cv that takes groups."
            )
