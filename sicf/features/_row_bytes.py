"""A row as bytes and back, with a checksum that ties the numbers to their form and key."""

import ast
import hashlib
from functools import lru_cache

import numpy as np


def pack(key, row):
    """Turn a row into what a database keeps.

    Parameters
    ----------
    key : bytes
    row : ndarray
        Of any dtype but object.

    Returns
    -------
    form : str
        Dtype and shape.
    content : bytes
        The numbers in C order.
    checksum : bytes
        Over key, form and content.
    """
    if row.dtype.hasobject:
        raise TypeError(
            "A cached row must be an array of numbers or of records, whose bytes can be kept. "
            f"Got an array of dtype {row.dtype} instead."
        )
    form = repr((np.lib.format.dtype_to_descr(row.dtype), row.shape))
    content = row.tobytes()
    return form, content, _checksum(key, form, content)


def unpack(key, form, content, checksum):
    """Turn back what `pack` gave.

    Parameters
    ----------
    key : bytes
    form : str
    content : bytes
    checksum : bytes

    Returns
    -------
    ndarray or None
        The row, which may not be written to, or None where anything was damaged or put under
        another key.
    """
    if not isinstance(form, str) or not isinstance(content, bytes):
        return None
    if _checksum(key, form, content) != checksum:
        return None
    dtype, shape = _parse(form)
    return np.ndarray(shape, dtype, content)


def _checksum(key, form, content):
    digest = hashlib.sha256(key)
    digest.update(hashlib.sha256(form.encode("utf-8", "surrogatepass")).digest())
    digest.update(content)
    return digest.digest()


@lru_cache(maxsize=256)
def _parse(form):
    """Dtype and shape; rows of one transformer share a form, so it is parsed once."""
    description, shape = ast.literal_eval(form)
    return np.lib.format.descr_to_dtype(description), shape
