"""Labels as numbers of classes."""

import numpy as np


def number_classes(labels):
    """Number the classes in the order of their names.

    Parameters
    ----------
    labels : list of str

    Returns
    -------
    names : list of str
    numbers : ndarray of int
    """
    names, numbers = np.unique(labels, return_inverse=True)
    if names.size < 2:
        raise ValueError(f"There must be at least 2 classes. Got {names.tolist()}.")
    return names.tolist(), numbers
