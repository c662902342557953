"""Patients of the training data that are not trained on, but say when to stop."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold


def split_validation(share, target, groups, seed):
    """Part rows into those that are trained on and those that are validated on.

    Parameters
    ----------
    share : float
        Of the patients, or of the rows where there are no groups: the nearest of a half, a third, a
        quarter and so on that leaves every class on both sides. 0 validates on nobody.
    target : ndarray of int of shape (n,)
    groups : ndarray of shape (n,) or None
    seed : int

    Returns
    -------
    training, validation : ndarray of int

    Raises
    ------
    ValueError
        A class has one patient, or no split leaves every class on both sides.
    """
    if share == 0:
        return np.arange(len(target)), np.arange(0)
    n_parts = min(round(1 / share), _fewest(target, groups))
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(n_parts, shuffle=True, random_state=seed)
    n_classes = len(np.unique(target))
    for training, validation in splitter.split(target, target, groups):
        if all(len(np.unique(target[rows])) == n_classes for rows in (training, validation)):
            return training, validation
    raise ValueError(
        "A validation split must leave every class on both sides. The patients' classes are too "
        f"unlike for validation={share}; validation=0 trains without it."
    )


def _fewest(target, groups):
    """Patients, or rows, of the class that has the fewest."""
    units = np.arange(len(target)) if groups is None else groups
    counts = {label: len(np.unique(units[target == label])) for label in np.unique(target)}
    label = min(counts, key=counts.get)
    if counts[label] < 2:
        raise ValueError(
            f"A validation split needs at least 2 {'rows' if groups is None else 'patients'} of "
            f"every class. Class number {label} has {counts[label]}; validation=0 trains without "
            "it."
        )
    return counts[label]
