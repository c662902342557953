"""Sites that tell the class: a classifier may learn the scanner instead of the disease."""

import warnings

import numpy as np

from sicf.evaluation._evaluation_warning import EvaluationWarning


def warn_of_sites_that_tell(target, classes, sites):
    """Warn where a class was seen at one site alone, or a site saw one class alone.

    Parameters
    ----------
    target : ndarray of int of shape (n,)
    classes : ndarray of shape (K,)
    sites : ndarray of shape (n,) or None
    """
    if sites is None or len(np.unique(sites)) < 2:
        return
    names, site = np.unique(sites, return_inverse=True)
    seen = np.zeros((len(classes), len(names)), dtype=bool)
    seen[target, site] = True
    said = [
        f"class {classes.tolist()[k]!r} occurs at site {names.tolist()[seen[k].argmax()]!r} alone"
        for k in np.flatnonzero(seen.sum(axis=1) == 1)
    ] + [
        f"site {names.tolist()[s]!r} holds class {classes.tolist()[seen[:, s].argmax()]!r} alone"
        for s in np.flatnonzero(seen.sum(axis=0) == 1)
    ]
    if said:
        warnings.warn(
            f"Classes and sites coincide: {'; '.join(said)}. What tells the sites apart, such as "
            "the scanner, then tells the classes, and no figure can tell which was learnt.",
            EvaluationWarning,
            stacklevel=4,
        )
