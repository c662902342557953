"""Rows by key in one sqlite3 file that several processes may share."""

import sqlite3
import warnings
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from sicf.features._row_bound import make_room, shrink
from sicf.features._row_bytes import pack, unpack
from sicf.features._row_database import connect, transaction

FILE = "rows.sqlite3"
LEAST_BYTES = 1 << 20
KEYS_AT_ONCE = 256
INSERT = "INSERT OR REPLACE INTO rows (key, form, content, checksum) VALUES (?, ?, ?, ?)"
READ = "SELECT key, form, content, checksum FROM rows WHERE key IN"
FIND = "SELECT key FROM rows WHERE key IN"
OLDEST_NUMBER = "SELECT coalesce(min(number), 0) FROM rows"


class RowCacheWarning(UserWarning):
    """A row cache could not be used, or held damaged rows; what came out is right all the same."""


class RowStore:
    """Arrays kept by key in a folder, for one call of an estimator.

    Nothing here raises because of the file: where it cannot be used, there are no rows in it, none
    are kept, and `warn` says so.

    Parameters
    ----------
    folder : str or path
    max_bytes : int, default=None
        The oldest rows are dropped so that the file stays within it. None sets no bound.
    """

    def __init__(self, folder, max_bytes=None):
        self.folder = folder
        self.max_bytes = max_bytes
        self.failure = None
        self.n_damaged = 0
        self._has_warned = False

    def make_folder(self):
        """Make the folder if it is not there.

        Raises
        ------
        OSError, TypeError
            It cannot be made.
        """
        try:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
        except (OSError, TypeError) as exc:
            raise type(exc)(
                "location (or cache) must be a folder, or the name of one that can be made. "
                f"Got {self.folder!r} instead: {exc}"
            ) from exc

    @contextmanager
    def opened(self):
        """Open the file for as long as the context lasts.

        A connection lives no longer, so that a store can be pickled and is safe to fork with. A
        store whose file has failed is not tried again: that might mean a minute's wait each time.

        Yields
        ------
        OpenRows
        """
        rows = OpenRows(self)
        try:
            yield rows
        finally:
            rows.close()

    def warn(self, stacklevel=3):
        """Say once what went wrong, if anything did."""
        if self._has_warned or (self.failure is None and not self.n_damaged):
            return
        self._has_warned = True
        warnings.warn(self._trouble(), RowCacheWarning, stacklevel=stacklevel)

    def _trouble(self):
        if self.failure is None:
            return (
                f"{self.n_damaged} damaged row(s) in the row cache {self.path}. They are computed "
                "again and replaced."
            )
        return (
            f"{self.path} cannot be used as a row cache: {self.failure}. Rows are computed without "
            "it and not kept; the file is left as it is. Free it, delete it if nothing else needs "
            "it, or choose another location."
        )

    @property
    def path(self):
        """The database file."""
        return Path(self.folder) / FILE


class OpenRows:
    """The rows of a store while its file is open.

    Parameters
    ----------
    store : RowStore
        Told of what goes wrong.
    """

    def __init__(self, store):
        self._store = store
        self._connection = None
        if store.failure is None:
            with self._harmless():
                store.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = connect(store.path)

    def close(self):
        """Close the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # What could not be written has been told by then.
            with suppress(sqlite3.Error):
                connection.close()

    def present(self, keys):
        """Find which keys have a row, without reading it; it may turn out to be damaged.

        Parameters
        ----------
        keys : iterable of bytes

        Returns
        -------
        set of bytes
        """
        found = set()
        for some in _batches(keys, KEYS_AT_ONCE):
            found.update(key for (key,) in self._select(FIND, some))
        return found.intersection(keys)

    def read(self, keys):
        """Read rows in the order in which they lie in the file.

        Parameters
        ----------
        keys : collection of bytes

        Yields
        ------
        key : bytes
        row : ndarray
            Not to be written to. A damaged row is left out, and counted.
        """
        for some in _batches(keys, KEYS_AT_ONCE):
            for key, form, content, checksum in self._select(READ, some):
                row = unpack(key, form, content, checksum) if key in keys else None
                if row is None:
                    self._store.n_damaged += 1
                else:
                    yield key, row

    def write(self, rows):
        """Keep rows, all or none, dropping the oldest where `max_bytes` asks for it.

        Parameters
        ----------
        rows : list of (bytes, ndarray)

        Returns
        -------
        set of bytes
            Keys of the rows that are kept. A row that is larger than `max_bytes` is not.
        """
        packed = [(key, *pack(key, row)) for key, row in rows]
        kept = set()
        with self._harmless() as connection:
            if connection is not None:
                kept = self._insert(connection, packed)
        return kept

    def _insert(self, connection, records):
        numbers = {}
        with transaction(connection):
            for record in records:
                if make_room(connection, sum(map(len, record)), self._store.max_bytes):
                    numbers[record[0]] = connection.execute(INSERT, record).lastrowid
            # The first of many rows may have been dropped for the last.
            (oldest,) = connection.execute(OLDEST_NUMBER).fetchone()
            kept = {key for key, number in numbers.items() if number >= oldest}
            # A damaged index takes rows in and never finds them again.
            if self.present(kept) != kept:
                raise sqlite3.DatabaseError("rows just written are not found, so it is damaged")
        shrink(connection, self._store.max_bytes)
        return kept

    def _select(self, query, keys):
        """Run a query over some keys; it ends early where the file cannot be read."""
        marks = ", ".join("?" * len(keys))
        with self._harmless() as connection:
            if connection is not None:
                yield from connection.execute(f"{query} ({marks})", keys)

    @contextmanager
    def _harmless(self):
        """Hand out the connection, if there is one, and close it for good where the file fails."""
        try:
            yield self._connection
        except (sqlite3.Error, OSError) as exc:
            self._store.failure = self._store.failure or str(exc)
            self.close()


def _batches(keys, size):
    keys = iter(keys)
    return iter(lambda: list(islice(keys, size)), [])
