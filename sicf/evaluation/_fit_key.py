"""Names of fits: a digest of everything that changes what they come to."""

import functools
import hashlib
import inspect
import pickle
import types
from pathlib import Path

import joblib

from sicf.evaluation._facts import versions
from sicf.evaluation._sample_digests import digest, file_stamp, is_file, one_by_one

NO_EFFECT = ("n_jobs", "verbose", "checkpoint", "memory")


def data_digest(X, *labels):
    """Digest of all samples and their labels; files go by name, size and time of change.

    Parameters
    ----------
    X : array, list or data frame
    *labels : ndarray or None

    Returns
    -------
    str
    """
    whole = hashlib.sha256()
    for sample in one_by_one(X):
        whole.update(digest(sample, file_stamp))
    whole.update(repr(getattr(X, "columns", None)).encode())
    for values in labels:
        whole.update(repr(None if values is None else (values.dtype, values.tolist())).encode())
    return whole.hexdigest()


def fit_key(data, estimator, *settings):
    """Digest of one fit.

    Parameters
    ----------
    data : str
        From `data_digest`.
    estimator : estimator
    *settings : object
        The split, the inner search, and what else changes the fit.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        A parameter cannot be told from others.
    """
    told = [data, described(estimator), [described(value) for value in settings], versions()]
    try:
        return joblib.hash(told, hash_name="sha1")
    except (pickle.PicklingError, TypeError, AttributeError) as exc:
        raise ValueError(
            "checkpoint needs parameters that can be pickled, to name its files after them. "
            f"{exc.args[0]}"
        ) from exc


def described(value):
    """A parameter as plain parts: estimators without what changes no result, functions by code."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        parameters = value.get_params(deep=False).items()
        kept = {name: _parameter(name, part) for name, part in parameters if name not in NO_EFFECT}
        return [_name(type(value)), kept]
    if isinstance(value, types.FunctionType):
        return [_name(value), *_code(value)]
    if isinstance(value, functools.partial):
        return ["partial", described(value.func), described(value.args), described(value.keywords)]
    if isinstance(value, dict):
        return {key: described(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [described(part) for part in value]
    return str(value) if isinstance(value, Path) else value


def _parameter(name, value):
    """Of weights in a file the file counts, not its name alone."""
    if name == "weights" and is_file(value):
        return file_stamp(Path(value))
    return described(value)


def _code(function):
    values = inspect.getclosurevars(function).nonlocals
    defaults = [function.__defaults__, function.__kwdefaults__]
    return _constants(function.__code__), described(defaults), described(values)


def _constants(code):
    parts = [_constants(part) if inspect.iscode(part) else part for part in code.co_consts]
    return [code.co_code, list(code.co_names), [repr(part) for part in parts]]


def _name(thing):
    return f"{thing.__module__}.{thing.__qualname__}"
