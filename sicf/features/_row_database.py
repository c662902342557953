"""The sqlite3 file of the row cache: how it is made, known again and opened."""

import sqlite3
import time
from contextlib import contextmanager

APPLICATION = int.from_bytes(b"sicf", "big")
LAYOUT = 1
# Of 4 to 64 KiB the one that reads rows of 2 to 230 KB fastest and wastes at most a fifth on them.
PAGE_BYTES = 16384
WAL_PAGES = 512
SECONDS_TO_WAIT = 60.0
SECONDS_BETWEEN = 0.01
TABLE = (
    "CREATE TABLE rows (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
    "form TEXT NOT NULL, content BLOB NOT NULL, checksum BLOB NOT NULL)"
)
LOG = "journal_mode = WAL"
SETTINGS = (
    # A kill loses nothing; a power cut may lose the last rows, which are then computed again.
    "synchronous = NORMAL",
    f"wal_autocheckpoint = {WAL_PAGES}",
    f"journal_size_limit = {WAL_PAGES * PAGE_BYTES}",
    # The file may be damaged: look at every page before it is trusted, and map none into memory.
    "cell_size_check = ON",
    "trusted_schema = OFF",
    "mmap_size = 0",
)


def connect(path):
    """Open the file, and make it where there is none.

    Parameters
    ----------
    path : path

    Returns
    -------
    sqlite3.Connection
        Every statement is a transaction of its own but within `transaction`.

    Raises
    ------
    sqlite3.Error
        The file is damaged, locked, not to be had, or something else than a row cache.
    """
    connection = sqlite3.connect(path, timeout=SECONDS_TO_WAIT, isolation_level=None)
    try:
        _check_ours(connection)
        _write_ahead(connection)
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection):
    """Write all that happens within, or nothing; other writers wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk and the like have rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def ask(connection, name):
    """What sqlite says of its file under the name of a PRAGMA."""
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _check_ours(connection):
    """Make the table in an empty file; refuse what is not ours.

    The file is looked at through sqlite alone: to open it besides, and close it, would release the
    locks of this process's other connections.
    """
    if ask(connection, "application_id") == 0:
        _make_table(connection)
    if ask(connection, "application_id") != APPLICATION:
        raise sqlite3.DatabaseError("it is the database of another program")
    if (layout := ask(connection, "user_version")) != LAYOUT:
        raise sqlite3.DatabaseError(
            f"it has layout {layout}, of another version of sicf; this one writes layout {LAYOUT}"
        )


def _write_ahead(connection):
    """Have new pages go into a log, so that one process may write while others read.

    sqlite waits for other processes everywhere but here: while one of them is just making the file
    it refuses the change at once.
    """
    end = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            connection.execute(f"PRAGMA {LOG}")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(SECONDS_BETWEEN)


def _make_table(connection):
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    with transaction(connection):
        # Asked inside the transaction: another process may have made the table since.
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            connection.execute(TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
