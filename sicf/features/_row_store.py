"""Rows by key in one sqlite3 file that several processes may share."""

import sqlite3
import warnings
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from sicf.features._row_bytes import pack, unpack

FILE = "rows.sqlite3"
APPLICATION = int.from_bytes(b"sicf", "big")
LAYOUT = 1
# Of 4 to 64 KiB the one that reads rows of 2 to 230 KB fastest and wastes at most a fifth on them.
PAGE_BYTES = 16384
WAL_PAGES = 512
LEAST_BYTES = 1 << 20
SECONDS_TO_WAIT = 60.0
KEYS_AT_ONCE = 256
# Pages that an insertion may take beside its content: index, inner nodes, the map of pages.
PAGES_ASIDE = 8

TABLE = (
    "CREATE TABLE rows (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "form TEXT NOT NULL, content BLOB NOT NULL, checksum BLOB NOT NULL)"
)
INSERT = "INSERT OR REPLACE INTO rows (key, form, content, checksum) VALUES (?, ?, ?, ?)"
READ = "SELECT key, form, content, checksum FROM rows WHERE key IN"
OLDEST = "SELECT number, coalesce(length(content), 0) FROM rows ORDER BY number"
OLDEST_NUMBER = "SELECT coalesce(min(number), 0) FROM rows"
SETTINGS = (
    "journal_mode = WAL",
    # A kill loses nothing; a power cut may lose the last rows, which are then computed again.
    "synchronous = NORMAL",
    f"wal_autocheckpoint = {WAL_PAGES}",
    f"journal_size_limit = {WAL_PAGES * PAGE_BYTES}",
    # The file may be damaged: look at every page before it is trusted, and map none into memory.
    "cell_size_check = ON",
    "trusted_schema = OFF",
    "mmap_size = 0",
)


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
                self._connection = _connect(store.path)

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
            found.update(key for (key,) in self._select("SELECT key FROM rows WHERE key IN", some))
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
        with _transaction(connection):
            for record in records:
                if self._make_room(connection, sum(map(len, record))):
                    numbers[record[0]] = connection.execute(INSERT, record).lastrowid
            # The first of many rows may have been dropped for the last.
            (oldest,) = connection.execute(OLDEST_NUMBER).fetchone()
            kept = {key for key, number in numbers.items() if number >= oldest}
            # A damaged index takes rows in and never finds them again.
            if self.present(kept) != kept:
                raise sqlite3.DatabaseError("rows just written are not found, so it is damaged")
        self._shrink(connection)
        return kept

    def _select(self, query, keys):
        """Run a query over some keys; it ends early where the file cannot be read."""
        marks = ", ".join("?" * len(keys))
        with self._harmless() as connection:
            if connection is not None:
                yield from connection.execute(f"{query} ({marks})", keys)

    def _make_room(self, connection, n_bytes):
        """Drop the oldest rows until `n_bytes` more fit; False where they never will."""
        if self._store.max_bytes is None:
            return True
        page, limit = self._page_and_limit(connection)
        needed = -(-n_bytes // page) + PAGES_ASIDE
        if needed + PAGES_ASIDE > limit:
            return False
        while (excess := _used_pages(connection) + needed - limit) > 0:
            if not _drop_oldest(connection, excess * page):
                return False
        return True

    def _shrink(self, connection):
        """Give pages back that a lower bound than before leaves empty."""
        if self._store.max_bytes is None:
            return
        _, limit = self._page_and_limit(connection)
        excess = _setting(connection, "page_count") - limit
        if excess > 0:
            # As a script, since `execute` takes one step of it, which is one page.
            connection.executescript(f"PRAGMA incremental_vacuum({excess})")

    def _page_and_limit(self, connection):
        page = _setting(connection, "page_size")
        return page, self._store.max_bytes // page

    @contextmanager
    def _harmless(self):
        """Hand out the connection, if there is one, and close it for good where the file fails."""
        try:
            yield self._connection
        except (sqlite3.Error, OSError) as exc:
            self._store.failure = self._store.failure or str(exc)
            self.close()


def _connect(path):
    connection = sqlite3.connect(path, timeout=SECONDS_TO_WAIT, isolation_level=None)
    try:
        _check_ours(connection)
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_ours(connection):
    """Make the table in an empty file; refuse what is not ours.

    The file is looked at through sqlite alone: to open it besides, and close it, would release the
    locks of this process's other connections.
    """
    if _setting(connection, "application_id") == 0:
        _make_table(connection)
    if _setting(connection, "application_id") != APPLICATION:
        raise sqlite3.DatabaseError("it is the database of another program")
    if (layout := _setting(connection, "user_version")) != LAYOUT:
        raise sqlite3.DatabaseError(
            f"it has layout {layout}, of another version of sicf; this one writes layout {LAYOUT}"
        )


def _make_table(connection):
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    with _transaction(connection):
        # Asked inside the transaction: another process may have made the table since.
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            connection.execute(TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")


@contextmanager
def _transaction(connection):
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk and the like have rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _used_pages(connection):
    return _setting(connection, "page_count") - _setting(connection, "freelist_count")


def _drop_oldest(connection, n_bytes):
    """Drop rows of about so many bytes; False where there is none left to drop."""
    last = None
    for number, size in connection.execute(OLDEST):
        last, n_bytes = number, n_bytes - size
        if n_bytes <= 0:
            break
    if last is None:
        return False
    if not connection.execute("DELETE FROM rows WHERE number <= ?", (last,)).rowcount:
        raise sqlite3.DatabaseError("its rows cannot be deleted, so it must be damaged")
    return True


def _setting(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _batches(keys, size):
    keys = iter(keys)
    return iter(lambda: list(islice(keys, size)), [])
