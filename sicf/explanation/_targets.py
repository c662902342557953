"""Which class is explained for each image."""

import numpy as np


def choose_targets(target, classes, probabilities):
    """Number of the class that is explained for each image.

    Parameters
    ----------
    target : object, array-like of shape (n,) or None
        A class, one for each image, or None for the most probable.
    classes : ndarray of shape (K,)
    probabilities : ndarray of shape (n, K)

    Returns
    -------
    ndarray of int of shape (n,)
    """
    n = len(probabilities)
    if target is None:
        return probabilities.argmax(axis=1)
    listed = list(target) if np.ndim(target) else [target] * n
    if len(listed) != n:
        raise ValueError(
            f"target must be one class, or {n}, one for each image. Got {len(listed)} instead."
        )
    number = {label: k for k, label in enumerate(classes.tolist())}
    for label in listed:
        if label not in number:
            raise ValueError(f"target must be among {list(number)}. Got {label!r} instead.")
    return np.array([number[label] for label in listed])
