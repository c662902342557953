"""From the members of an archive to an estimator, with every check on the way."""

import json
import warnings

from sklearn.exceptions import InconsistentVersionWarning

from sicf.persistence._array_audit import audit_arrays
from sicf.persistence._named_functions import check_named_functions
from sicf.persistence._native_checks import check_native
from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._schema_audit import SCHEMA, audit_schema
from sicf.persistence._sealed_archive import stored, unpack
from sicf.persistence._trusted_types import trusted_types


def skops_io(caller):
    """Import skops, which not everybody needs.

    Parameters
    ----------
    caller : {"save", "load"}

    Returns
    -------
    module
    """
    try:
        import skops.io
    except ImportError as exc:
        raise ImportError(f"sicf.{caller} needs skops: pip install 'sicf[persist]'") from exc
    return skops.io


def names_of(trusted):
    """Full names of what a user trusts, and of what sicf does.

    Parameters
    ----------
    trusted : iterable of str, type or function
        Names as "package.module.name" or "package.module:name".

    Returns
    -------
    list of str
    """
    if isinstance(trusted, str) or not hasattr(trusted, "__iter__"):
        raise TypeError(f"trusted must be a list of names, types or functions. Got {trusted!r}.")
    named = (
        thing.replace(":", ".")
        if isinstance(thing, str)
        else f"{thing.__module__}.{thing.__qualname__}"
        for thing in trusted
    )
    return [*trusted_types(), *named]


def unpacked(body):
    """Take an archive apart.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    PersistenceError
    """
    try:
        return unpack(body)
    # zlib, struct and zipfile have errors of their own, and of the system's, for damage.
    except Exception as exc:
        raise PersistenceError(f"The archive cannot be unpacked. {exc}") from exc


def build(members, names):
    """Make the estimator.

    Parameters
    ----------
    members : dict of str to bytes
        As skops wrote them.
    names : list of str
        Of trusted types and functions.

    Returns
    -------
    estimator

    Raises
    ------
    PersistenceError
        The members are not what `save` writes, or hold a type that is not trusted.
    """
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        with warnings.catch_warnings():
            # Told, or refused, by the header already.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            # From text, since json guesses other encodings for bytes.
            audit_schema(json.loads(members[SCHEMA].decode()))
            audit_arrays(members)
            estimator = skops_io("load").loads(stored(members), trusted=names)
            _check_estimator(estimator)
            check_native(estimator)
            check_named_functions(estimator, names)
    except PersistenceError:
        raise
    except UntrustedTypesFoundException as exc:
        raise PersistenceError(f"{exc} If you know them all, pass trusted=[their names].") from exc
    # Whatever a file that was altered leads to, down to a lack of memory or of stack.
    except Exception as exc:
        raise PersistenceError(
            f"It does not hold an estimator as sicf.save writes it. {type(exc).__name__}: {exc}"
        ) from exc
    return estimator


def _check_estimator(estimator):
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise PersistenceError(f"It must hold an estimator. It holds {type(estimator).__name__}.")
