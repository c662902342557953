"""Plain facts of a fit and of the machine: seeds, weights, sizes, memory, versions."""

import numbers
import platform
import sys
from importlib import metadata

import numpy as np

PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "joblib", "numba", "torch", "torchvision")
TOLD = (
    "n_features_in_",
    "weights_fingerprint_",
    "weights_sha256_",
    "best_score_",
    "search_score_",
    "n_evaluations_",
    "n_iter_",
)
PARAMETERS = ("random_state", "weights")


def facts_of(fitted):
    """What a fitted estimator, and what it is made of, tell of themselves.

    Parameters
    ----------
    fitted : estimator

    Returns
    -------
    dict of str to number or text
        By the path of a part and its attribute; `n_selected` is the number of columns that a
        `support_` keeps.
    """
    found, seen = {}, set()
    _collect(fitted, "", found, seen)
    return found


def peak_memory():
    """Highest resident memory of this process since it began, in bytes; -1 where unknown.

    Returns
    -------
    int
    """
    try:
        import resource
    except ImportError:  # Windows
        return -1
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(highest if sys.platform == "darwin" else 1024 * highest)


def versions():
    """Versions of Python and of the packages that make a result.

    Returns
    -------
    dict of str to str
    """
    from sicf import __version__

    found = {"sicf": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def plain(value):
    """A value that JSON can hold and give back as it was; other objects become text.

    Parameters
    ----------
    value : object

    Returns
    -------
    object
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    return getattr(value, "__qualname__", None) or " ".join(repr(value).split())


def _collect(part, path, found, seen):
    if id(part) in seen:
        return
    seen.add(id(part))
    parameters = part.get_params(deep=False)
    told = {name: parameters[name] for name in PARAMETERS if name in parameters}
    told |= {name: getattr(part, name) for name in TOLD if name in vars(part)}
    for name, value in told.items():
        if isinstance(value, str | numbers.Number | np.generic):
            found[f"{path}{name}"] = plain(value)
    support = vars(part).get("support_")
    if isinstance(support, np.ndarray) and support.dtype == bool:
        found[f"{path}n_selected"] = int(support.sum())
    for name, inner in _inside(part, parameters):
        _collect(inner, f"{path}{name}.", found, seen)


def _inside(part, parameters):
    """Parts of a part: named steps, and estimators that it holds; no forest's hundred trees."""
    for listed in ("steps", "transformer_list", "transformers_", "transformers"):
        for step in getattr(part, listed, None) or ():
            if hasattr(step[1], "get_params"):
                yield step[0], step[1]
    for name, value in vars(part).items():
        if hasattr(value, "get_params") and not isinstance(value, type) and name not in parameters:
            yield name, value
