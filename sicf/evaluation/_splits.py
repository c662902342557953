"""The outer splits and the splits inside them, drawn and checked before any work."""

import numbers

import numpy as np
from sklearn.model_selection import check_cv

from sicf.evaluation._schemes import (
    Cohort,
    GivenSplitter,
    LeaveOneSiteOut,
    RepeatedFolds,
    check_members,
    stratified_folds,
)


def draw_splits(outer, cohort, rng):
    """Draw the outer splits, and check that each can be learnt from.

    Parameters
    ----------
    outer : int, "site", scheme or splitter
    cohort : Cohort
    rng : RandomState

    Returns
    -------
    list of Split
    """
    splits = _scheme(outer).splits(cohort, rng)
    for number, split in enumerate(splits):
        _check_classes(number, split.train, cohort)
        _check_apart(number, split, cohort.groups)
    return splits


def draw_inner(inner, splits, cohort, rng):
    """Draw the splits by which an inner search chooses, for every outer split.

    Parameters
    ----------
    inner : int, splitter or None
        None is 5.
    splits : list of Split
    cohort : Cohort
    rng : RandomState

    Returns
    -------
    list of list of (train, test)
        Numbers of samples of the whole cohort.
    """
    return [
        [(split.train, split.validation)]
        if split.chooses
        else _inner_folds(inner, number, split.train, cohort, rng)
        for number, split in enumerate(splits)
    ]


def _scheme(outer):
    if hasattr(outer, "splits"):
        return outer
    if isinstance(outer, str):
        if outer != "site":
            raise ValueError(f'outer must be "site" where it is text. Got {outer!r} instead.')
        return LeaveOneSiteOut()
    if outer is None:
        raise TypeError("outer must be a number of folds or a splitter. Got None instead.")
    if not isinstance(outer, numbers.Integral):
        return GivenSplitter(check_cv(outer))
    if outer < 2:
        raise ValueError(f"outer must be at least 2 folds. Got {outer} instead.")
    return RepeatedFolds(outer, n_repeats=1)


def _inner_folds(inner, number, train, cohort, rng):
    part = Cohort(
        cohort.target[train],
        cohort.classes,
        None if cohort.groups is None else cohort.groups[train],
    )
    inner = 5 if inner is None else inner
    if isinstance(inner, numbers.Integral):
        if inner < 2:
            raise ValueError(f"inner must be at least 2 folds. Got {inner} instead.")
        check_members(inner, part, f"In the training part of fold {number}, inner={inner} folds")
        folds = stratified_folds(inner, part, rng)
    else:
        folds = list(check_cv(inner).split(np.zeros(len(train)), part.target, part.groups))
    for inside, _ in folds:
        _check_classes(f"{number}, inner,", inside, part)
    if part.groups is not None and any(_shared(part.groups, *fold) for fold in folds):
        raise ValueError(
            "A patient must stand on one side of an inner split; give inner= a splitter that takes "
            "groups."
        )
    return [(train[inside], train[held]) for inside, held in folds]


def _check_classes(number, train, cohort):
    missing = np.setdiff1d(cohort.target, cohort.target[train])
    if missing.size:
        raise ValueError(
            f"Every training fold must hold every class. Fold {number} lacks "
            f"{cohort.classes[missing].tolist()}."
        )


def _check_apart(number, split, groups):
    if np.intersect1d(split.train, split.test).size:
        raise ValueError(f"No sample may be trained on and tested. Fold {number} has such a one.")
    if groups is None:
        return
    both = _shared(groups, split.train, split.test)
    if both:
        raise ValueError(
            f"A patient must stand on one side of a split. {both[0]!r} stands on both sides of "
            f"fold {number}; use a splitter that takes groups."
        )


def _shared(groups, one, other):
    return np.intersect1d(groups[one], groups[other]).tolist()
