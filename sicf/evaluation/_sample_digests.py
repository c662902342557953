"""Digests of samples: arrays by their bytes, files by theirs."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def take(X, indices):
    """Samples of an array, a data frame or a list."""
    if hasattr(X, "iloc"):
        return X.iloc[indices]
    if hasattr(X, "shape"):
        return X[indices]
    return [X[index] for index in indices]


def one_by_one(X):
    """Each sample as an array or, of a table, as a tuple of cells; of a dict, digests as bytes."""
    if hasattr(X, "iloc"):
        if X.ndim == 1:
            yield from ((cell,) for cell in X.tolist())
        elif all(dtype.kind in "biuf" for dtype in X.dtypes):
            yield from X.to_numpy()
        else:
            yield from X.itertuples(index=False, name=None)
        return
    for index in range(X.shape[0] if hasattr(X, "shape") else len(X)):
        sample = X[index]
        if hasattr(sample, "toarray"):
            yield sample.toarray()
        elif isinstance(sample, str | Path):
            yield (sample,)
        elif isinstance(sample, Mapping):
            parts = (part for key in sample for part in ((key,), *_parts_of(sample[key])))
            yield np.frombuffer(b"".join(digest(part, file_stamp) for part in parts), np.uint8)
        else:
            array = np.asarray(sample)
            yield tuple(array.ravel().tolist()) if array.dtype.kind in "OUS" else array


def _parts_of(value):
    """What stands under a key of a dict: pictures one by one, anything else as it is."""
    if isinstance(value, list | tuple | np.ndarray):
        return [np.asarray(picture) for picture in value]
    return [(value,)]


def digest(sample, file_digest):
    """Digest of one sample.

    Parameters
    ----------
    sample : ndarray or tuple
    file_digest : callable
        Gives what stands for a file among the cells.

    Returns
    -------
    bytes
    """
    found = hashlib.blake2b(digest_size=16)
    if isinstance(sample, tuple):
        for cell in sample:
            found.update(f"{type(cell).__name__} {_cell(cell, file_digest)!r}\0".encode())
    else:
        found.update(f"{sample.dtype.str} {sample.shape}\0".encode())
        found.update(np.ascontiguousarray(sample).tobytes())
    return found.digest()


def is_file(cell):
    """Whether a cell names a file that is there."""
    if isinstance(cell, Path):
        return cell.is_file()
    try:
        return isinstance(cell, str) and Path(cell).is_file()
    except (OSError, ValueError):  # a text too long, or with a zero, for a file's name
        return False


def _cell(cell, file_digest):
    return file_digest(Path(cell)) if is_file(cell) else cell


def file_bytes(path):
    """Digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_stamp(path):
    """Name, size and time of change of a file, for where reading it would take too long."""
    stat = path.stat()
    return str(path), stat.st_size, stat.st_mtime_ns
