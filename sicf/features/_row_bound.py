"""The row cache's file held to a size: the oldest rows go before new ones come."""

import sqlite3

from sicf.features._row_database import ask

# Pages that an insertion may take beside its content: index, inner nodes, the map of pages.
PAGES_ASIDE = 8
OLDEST = "SELECT number, coalesce(length(content), 0) FROM rows ORDER BY number"


def make_room(connection, n_bytes, max_bytes):
    """Drop the oldest rows until one more fits.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction.
    n_bytes : int
        Size of the row.
    max_bytes : int or None
        Size of the file. None sets no bound.

    Returns
    -------
    bool
        False where the row is larger than the file may be; then nothing is dropped.
    """
    if max_bytes is None:
        return True
    page = ask(connection, "page_size")
    limit, needed = max_bytes // page, -(-n_bytes // page) + PAGES_ASIDE
    if needed + PAGES_ASIDE > limit:
        return False
    while (excess := _used_pages(connection) + needed - limit) > 0:
        if not _drop_oldest(connection, excess * page):
            return False
    return True


def shrink(connection, max_bytes):
    """Give pages back that are empty since the bound was lowered.

    Parameters
    ----------
    connection : sqlite3.Connection
        In no transaction.
    max_bytes : int or None
    """
    if max_bytes is None:
        return
    excess = ask(connection, "page_count") - max_bytes // ask(connection, "page_size")
    if excess > 0:
        # As a script, since `execute` takes one step of it, which is one page.
        connection.executescript(f"PRAGMA incremental_vacuum({excess})")


def _used_pages(connection):
    return ask(connection, "page_count") - ask(connection, "freelist_count")


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
        raise sqlite3.DatabaseError("its rows cannot be deleted, so it is damaged")
    return True
