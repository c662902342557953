"""What a cached row depends on: the picture, parameters that matter, weights, code, versions."""

import hashlib
import inspect
import os
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from sicf.features._cache_code import code_of, code_of_sicf, is_of_sicf

# These change how the work is done, not what comes out.
UNIMPORTANT = {"n_jobs", "batch_size", "verbose"}
LIBRARIES = (
    "numba",
    "numpy",
    "scipy",
    "scikit-learn",
    "opencv-python-headless",
    "opencv-python",
    "pillow",
    "PyWavelets",
    "scikit-image",
    "torch",
    "torchvision",
)
# What decodes files: a picture that is in memory does not depend on it.
READER_LIBRARIES = ("pydicom", "pylibjpeg-openjpeg", "python-gdcm", "nibabel", "SimpleITK")


def recipe(transformer, libraries=()):
    """Describe a fitted frozen transformer so that equal text means equal rows.

    An estimator whose rows do not depend on just its parameters has a method `rows_depend_on`,
    which returns a dict of what they do depend on: numbers, text, arrays, functions, estimators.

    Parameters
    ----------
    transformer : estimator
        Fitted, so that a network knows the fingerprint of its weights.
    libraries : sequence of str, default=()
        Distributions whose version matters beside `LIBRARIES`.

    Returns
    -------
    str
    """
    code = set()
    text = describe(transformer, code)
    versions = (f"{library} {_version(library)}" for library in (*LIBRARIES, *libraries))
    return "\n".join([text, f"sicf {code_of_sicf()}", *sorted(code), *versions])


def row_keys(recipe_text, digests):
    """Keys of rows, 32 bytes each.

    Parameters
    ----------
    recipe_text : str
        From `recipe`.
    digests : iterable of bytes
        What stands for the content of each sample, of one length.

    Returns
    -------
    list of bytes
    """
    start = hashlib.sha256(hashlib.sha256(recipe_text.encode()).digest())
    keys = []
    for digest in digests:
        key = start.copy()
        key.update(digest)
        keys.append(key.digest())
    return keys


def digest_image(image):
    """SHA-256 of an image's pixels, shape and dtype, wherever they lie in memory.

    Parameters
    ----------
    image : ndarray

    Returns
    -------
    bytes
    """
    # Of hashlib's digests of 32 bytes this is the fastest where the processor knows it.
    digest = hashlib.sha256(f"{image.dtype.str} {image.shape}\0".encode())
    digest.update(np.ascontiguousarray(image).view(np.uint8).reshape(-1).data)
    return digest.digest()


def describe(value, code=None):
    """Write a parameter, or an estimator with what its rows depend on, as text.

    Parameters
    ----------
    value : object
    code : set of str, default=None
        Digests of the code that is met on the way are put into it.

    Returns
    -------
    str
        The same in any process.
    """
    code = set() if code is None else code
    if isinstance(value, BaseEstimator):
        return _describe_estimator(value, code)
    if isinstance(value, dict):
        items = sorted((describe(k, code), describe(v, code)) for k, v in value.items())
        return "{" + ", ".join(f"{k}: {v}" for k, v in items) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(describe(part, code) for part in value)) + "}"
    if isinstance(value, (list, tuple)):
        return "(" + ", ".join(describe(part, code) for part in value) + ")"
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return f"array {value.dtype} {value.shape} {describe(value.tolist(), code)}"
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
        return _describe_function(value, code)
    raise TypeError(
        "A cached transformer's parameters must be numbers, text, paths, arrays, functions or "
        f"estimators. Got {type(value).__name__} instead."
    )


def _describe_function(function, code):
    """A function is known by its name, so its name must be its own: all lambdas share one."""
    of_an_object = inspect.ismethod(function) and not isinstance(function.__self__, type)
    if "<" in function.__qualname__ or of_an_object:
        raise TypeError(
            "A cached transformer's functions must be ones that can be imported, since their names "
            f"stand for them. Got {function!r} instead; write it by def, outside any function."
        )
    return _name_with_code(function, code)


def _describe_estimator(estimator, code):
    name = _name_with_code(type(estimator), code)
    for base in type(estimator).__mro__[1:]:
        _name_with_code(base, code)
    if isinstance(estimator, Pipeline):
        # Names of steps, and where joblib would keep them, change no row.
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
        return f"{name}{describe(steps, code)}"
    depends = _dependencies(estimator) | _form_seen(estimator)
    parts = (f"{key}={describe(value, code)}" for key, value in sorted(depends.items()))
    return f"{name}({', '.join(parts)})"


def _dependencies(estimator):
    if hasattr(estimator, "rows_depend_on"):
        return estimator.rows_depend_on()
    parameters = estimator.get_params(deep=False)
    return {name: value for name, value in parameters.items() if name not in UNIMPORTANT}


def _form_seen(estimator):
    """What `fit` saw of X, such as the number of channels; X of another form has other rows."""
    return {name: value for name, value in vars(estimator).items() if name.endswith("_in_")}


def _name_with_code(thing, code):
    """Name of a class or function; what is not sicf's own puts its code beside it."""
    name = f"{thing.__module__}:{thing.__qualname__}"
    if not is_of_sicf(thing) and (digest := code_of(thing)):
        code.add(f"{name} {digest}")
    return name


@lru_cache(maxsize=64)
def _version(library):
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
