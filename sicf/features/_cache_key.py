"""What a cached row depends on, as text: parameters that matter, weights and versions."""

import hashlib
import inspect
import os
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from sklearn.base import BaseEstimator

# These change how the work is done, not what comes out.
UNIMPORTANT = {"n_jobs", "batch_size", "verbose", "cache"}
LIBRARIES = ("numpy", "opencv-python-headless", "opencv-python", "torch", "torchvision")


def recipe(transformer):
    """Describe a fitted frozen transformer so that equal text means equal rows.

    Parameters
    ----------
    transformer : estimator
        Fitted, so that a network knows the fingerprint of its weights.

    Returns
    -------
    str
    """
    return "\n".join([describe(transformer), *_versions()])


def row_key(recipe_text, image):
    """Key of one image's row: 64 hexadecimal digits.

    Parameters
    ----------
    recipe_text : str
        From `recipe`.
    image : ndarray
        Its pixels, shape and dtype are what counts.

    Returns
    -------
    str
    """
    image = np.ascontiguousarray(image)
    digest = hashlib.blake2b(digest_size=32)
    for part in (recipe_text, image.dtype.str, str(image.shape)):
        digest.update(part.encode() + b"\0")
    digest.update(image.view(np.uint8).reshape(-1).data)
    return digest.hexdigest()


def describe(value):
    """Write a parameter, or an estimator with its parameters, as text that is the same anywhere."""
    if isinstance(value, BaseEstimator):
        return _describe_estimator(value)
    if isinstance(value, dict):
        items = sorted((describe(k), describe(v)) for k, v in value.items())
        return "{" + ", ".join(f"{k}: {v}" for k, v in items) + "}"
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(map(describe, value)) + ")"
    if isinstance(value, np.ndarray):
        return (
            f"array {value.dtype.str} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        )
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if callable(value) and hasattr(value, "__qualname__"):
        return _describe_function(value)
    raise TypeError(
        "A cached transformer's parameters must be numbers, text, paths, arrays, functions or "
        f"estimators. Got {type(value).__name__} instead."
    )


def _describe_function(function):
    """A function is known by its name, so its name must be its own: all lambdas share one."""
    of_an_object = inspect.ismethod(function) and not isinstance(function.__self__, type)
    if "<" in function.__qualname__ or of_an_object:
        raise TypeError(
            "A cached transformer's functions must be ones that can be imported, since their names "
            f"stand for them. Got {function!r} instead; write it by def, outside any function."
        )
    return f"{function.__module__}:{function.__qualname__}"


def _describe_estimator(estimator):
    kind = type(estimator)
    # The same file under another name is the same network; another file under its name is not.
    fingerprint = getattr(estimator, "weights_fingerprint_", None)
    parts = [
        f"{name}={describe(value)}"
        for name, value in sorted(estimator.get_params(deep=False).items())
        if name not in UNIMPORTANT and not (name == "weights" and fingerprint)
    ]
    if fingerprint:
        parts.append(f"weights={fingerprint}")
    return f"{kind.__module__}.{kind.__qualname__}({', '.join(parts)})"


def _versions():
    from sicf import __version__

    lines = [f"sicf {__version__}"]
    for library in LIBRARIES:
        try:
            lines.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    return lines
