"""Ragged rows that stay on disk until they are asked for."""

import numpy as np

from sicf.features._row_source import ROWS_AT_ONCE
from sicf.features._sift_descriptors import as_ragged


class StoredRows:
    """A sequence of arrays of differing lengths, read from the row cache as they are needed.

    It is sliced and iterated like the object array that it stands for, which ``np.asarray`` makes
    of it. Rows that the cache has dropped meanwhile are computed again.

    Parameters
    ----------
    source : RowSource
    positions : ndarray of int, default=None
        The rows of the source that this sequence has. None means all.

    Attributes
    ----------
    shape : tuple of int
        Number of rows.
    dtype : dtype
        Object, as that of the array it stands for.
    """

    dtype = np.dtype(object)
    ndim = 1

    def __init__(self, source, positions=None):
        self._source = source
        self._positions = np.arange(len(source.keys)) if positions is None else positions

    @property
    def shape(self):
        return (len(self),)

    @property
    def keys(self):
        """Key of each row in the cache: 32 bytes that stand for its content."""
        return [self._source.keys[position] for position in self._positions]

    @property
    def store(self):
        """The store that holds the rows."""
        return self._source.store

    def fill(self):
        """Compute all rows that are not there."""
        self._source.fill()

    def __len__(self):
        return len(self._positions)

    def __getitem__(self, index):
        """One row for a number; fewer of them for a slice, numbers or a mask, still on disk."""
        if isinstance(index, tuple) and index[1:] in ((), (Ellipsis,)):
            index = index[0]
        chosen = self._positions[index]
        return StoredRows(self._source, chosen) if np.ndim(chosen) else self._read([chosen])[0]

    def __iter__(self):
        for start in range(0, len(self), ROWS_AT_ONCE):
            yield from self._read(self._positions[start : start + ROWS_AT_ONCE])

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("Rows on disk become an array by reading them. Got copy=False.")
        return as_ragged(list(self)).astype(dtype or object, copy=False)

    def __repr__(self):
        return f"<{type(self).__name__}: {len(self)} rows in {self.store.path}>"

    def _read(self, positions):
        rows = self._source.take([int(position) for position in positions])
        self.store.warn(stacklevel=4)
        return rows
