"""Patients whom neither filter nor search sees, so that the chosen columns can be judged."""

import numbers

import numpy as np
from sklearn.model_selection import PredefinedSplit

from sicf.selection._folds import make_splitter

SHARE = 0.2
N_PARTS = 5


def reserve_rows(reserve, cv, y, groups, *, classifier, seed):
    """Part the rows into those that are searched and those that are reserved.

    Parameters
    ----------
    reserve : float or None
        Share of the patients, or of the rows where there are no groups. None is a fifth, where
        there are enough.
    cv : int, splitter, list or "oob"
    y : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
    classifier : bool
        Whether both parts must hold every class.
    seed : int

    Returns
    -------
    searched, reserved : ndarray of int
    reason : str or None
        Why nobody is reserved, though `reserve` is None.

    Raises
    ------
    ValueError
        The given share cannot be had.
    """
    everyone = np.arange(len(y)), np.arange(0)
    if reserve == 0:
        return *everyone, None
    try:
        parts = _part(SHARE if reserve is None else reserve, cv, y, groups, classifier, seed)
    except ValueError as exc:
        if reserve is not None:
            raise
        return *everyone, str(exc)
    return *parts, None


def judging_folds(searched, reserved, groups, *, seed):
    """Folds that test the reserved rows part by part, the rest of them being trained on as well.

    So what is judged has seen nearly as many patients as the forest that comes after the selector.

    Parameters
    ----------
    searched, reserved : ndarray of int
    groups : ndarray of shape (n,) or None
    seed : int

    Returns
    -------
    list of (train, test)
        Empty where nobody is reserved.
    """
    inside = None if groups is None else groups[reserved]
    n_units = len(reserved) if groups is None else len(np.unique(inside))
    if n_units < 2:
        return [(searched, reserved)] if n_units else []
    splitter = make_splitter(min(N_PARTS, n_units), inside, False, seed)
    return [
        (np.concatenate([searched, reserved[train]]), reserved[test])
        for train, test in splitter.split(reserved, groups=inside)
    ]


def _part(share, cv, y, groups, classifier, seed):
    given = isinstance(cv, PredefinedSplit) or not hasattr(cv, "split")
    if given and not isinstance(cv, numbers.Integral | str):
        raise ValueError("A cv of given rows knows all rows; it needs reserve=0.")
    n_parts = round(1 / share)
    _check_counts(n_parts, cv, y, groups, classifier)
    for searched, reserved in make_splitter(n_parts, groups, classifier, seed).split(y, y, groups):
        if not classifier or len(np.unique(y[reserved])) == len(np.unique(y[searched])):
            return searched, reserved
    raise ValueError(
        f"reserve={share} must leave every class on both sides. The classes' groups are too few or "
        "too unlike; reserve=0 reserves nobody."
    )


def _check_counts(n_parts, cv, y, groups, classifier):
    """Every class must be in each part and, once one part is gone, in every fold."""
    folds = cv if isinstance(cv, numbers.Integral) else 2
    least = max(n_parts, folds + 1)
    for label in np.unique(y).tolist() if classifier else [None]:
        rows = np.full(len(y), True) if label is None else y == label
        members = np.count_nonzero(rows) if groups is None else len(np.unique(groups[rows]))
        if members < least:
            whose = "Every class" if classifier else "The data"
            named = f"Class {label!r}" if classifier else "They"
            raise ValueError(
                f"{whose} must have at least {least} {'members' if groups is None else 'groups'}, "
                f"for cv={cv} and reserved ones beside them. {named} has {members}; reserve=0 "
                "reserves nobody."
            )
