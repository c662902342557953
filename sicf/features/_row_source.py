"""Rows of samples by their position: read where they are kept, else computed and kept."""

from contextlib import closing

import numpy as np

ROWS_AT_ONCE = 32


class RowSource:
    """Rows by position, out of a store where they are there and computed where they are not.

    Parameters
    ----------
    keys : list of bytes
        One for each position. Equal keys have equal rows, which are computed once.
    compute : callable
        Takes an iterator of lists of positions, and yields the rows of each list.
    store : RowStore
    rows_at_once : int, default=ROWS_AT_ONCE
        So many are computed and written together.
    title : str, default=None
        Heads a progress bar over the rows that have to be computed. None shows no bar.
    """

    def __init__(self, keys, compute, store, *, rows_at_once=ROWS_AT_ONCE, title=None):
        self.keys = keys
        self.compute = compute
        self.store = store
        self.rows_at_once = rows_at_once
        self.title = title
        # What the store does not take: its file cannot be used, or the row is larger than it.
        self._held = {}

    def walk(self, positions=None):
        """Give every row once: those that are there first, then the others, computed in batches.

        Parameters
        ----------
        positions : iterable of int, default=None
            None means all.

        Yields
        ------
        places : list of int
            The positions that have this row.
        row : ndarray
            It may not be written to.
        """
        places = self._places(positions)
        with self.store.opened() as rows:
            for key in self._held.keys() & places.keys():
                yield places.pop(key), self._held[key]
            for key, row in rows.read(dict(places)):
                if key in places:  # a damaged index may give a row twice
                    yield places.pop(key), row
            for key, row, _ in self._compute_and_keep(rows, places):
                yield places[key], row

    def assemble(self):
        """Put all rows into memory.

        Returns
        -------
        ndarray, list or None
            A list where rows differ in shape or dtype. None where they are records: these differ
            in length and are left where they are.
        """
        rows = None
        with closing(self.walk()) as walk:
            for places, row in walk:
                if row.dtype.names:
                    return None
                rows = _place(rows, row, places, len(self.keys))
        return rows

    def take(self, positions):
        """Rows of a few positions, in their order, each in memory of its own.

        Parameters
        ----------
        positions : sequence of int

        Returns
        -------
        list of ndarray
        """
        found = {place: row for places, row in self.walk(positions) for place in places}
        return [np.array(found[position]) for position in positions]

    def fill(self):
        """Compute what is not there, so that `walk` and `take` find it; rows are not held."""
        places = self._places(None)
        with self.store.opened() as rows:
            there = rows.present(places.keys()) | self._held.keys()
            missing = {key: place for key, place in places.items() if key not in there}
            for key, row, is_kept in self._compute_and_keep(rows, missing):
                if not is_kept:
                    self._held[key] = row

    def _places(self, positions):
        places = {}
        for position in range(len(self.keys)) if positions is None else positions:
            places.setdefault(self.keys[position], []).append(position)
        return places

    def _compute_and_keep(self, rows, missing):
        keys, step = list(missing), self.rows_at_once
        chunks = [keys[start : start + step] for start in range(0, len(keys), step)]
        positions = ([missing[key][0] for key in chunk] for chunk in self._progress(chunks))
        for chunk, computed in zip(chunks, self.compute(positions), strict=True):
            pairs = list(zip(chunk, computed, strict=True))
            kept = rows.write(pairs)
            for key, row in pairs:
                yield key, row, key in kept

    def _progress(self, chunks):
        """Batches of keys, with a bar where one is asked for and there is something to do."""
        if self.title is None or not chunks:
            return iter(chunks)
        from tqdm.auto import tqdm

        title = f"{self.title}: {sum(map(len, chunks))} new images"
        return iter(tqdm(chunks, desc=title, unit="batch", leave=False))


def _place(rows, row, places, n_rows):
    if rows is None:
        rows = np.empty((n_rows, *row.shape), row.dtype)
    if isinstance(rows, np.ndarray) and (rows.shape[1:], rows.dtype) != (row.shape, row.dtype):
        rows = list(rows)
    for place in places:
        rows[place] = row if isinstance(rows, np.ndarray) else row.copy()
    return rows
