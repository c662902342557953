"""Subsets of columns as positions in a box, and back."""

from dataclasses import dataclass

import numpy as np

TRANSFERS = ("threshold", "s", "v")
WIDTH = 6.0  # positions of the sigmoid transfer functions lie in -6 to 6, as is usual


@dataclass(frozen=True)
class BitCoding:
    """One coordinate for each column; a transfer function makes a bit of it.

    Parameters
    ----------
    transfer : {"threshold", "s", "v"}
        "threshold": coordinates in [0, 1], the column is in above one half. "s": coordinates in
        [-6, 6], it is in with probability ``1 / (1 + exp(-x))``. "v": the same coordinates, it
        changes sides, seen from the parent's subset, with probability ``|tanh(x)|``.
    n_columns : int
    min_features, max_features : int
        A subset outside these limits is mended by the highest coordinates.
    """

    transfer: str
    n_columns: int
    min_features: int
    max_features: int

    @property
    def lower(self):
        """Lower bound of each coordinate."""
        return np.full(self.n_columns, 0.0 if self.transfer == "threshold" else -WIDTH)

    @property
    def upper(self):
        """Upper bound of each coordinate."""
        return np.full(self.n_columns, 1.0 if self.transfer == "threshold" else WIDTH)

    def draw(self, n_members, rng):
        """Draw positions evenly: subsets of about half of the columns."""
        shape = n_members, self.n_columns
        return self.lower + rng.random(shape) * (self.upper - self.lower)

    def place(self, masks, rng):
        """Draw positions on the side of the middle where each column of given subsets stands."""
        middle = (self.lower + self.upper) / 2
        away = (1 - rng.random(masks.shape)) * (self.upper - middle)
        return np.where(masks, middle + away, middle - away)

    def decode(self, positions, parents, rng):
        """Make subsets of positions, once; at the start, where there are no parents, "v" is "s"."""
        if self.transfer == "threshold":
            masks = positions > 0.5
        else:
            luck = rng.random(positions.shape)
            if self.transfer == "s" or parents is None:
                masks = luck < 1 / (1 + np.exp(-positions))
            else:
                masks = parents ^ (luck < np.abs(np.tanh(positions)))
        return self._mend(masks, positions)

    def _mend(self, masks, positions):
        size = masks.sum(axis=1)
        wanted = np.clip(size, self.min_features, self.max_features)
        for member in np.flatnonzero(size != wanted):
            # Whatever is in stays in or, of too many, goes first where its coordinate is lowest.
            values = positions[member] + np.where(masks[member], 3 * WIDTH, 0)
            masks[member] = highest(values, wanted[member])
        return masks


@dataclass(frozen=True)
class BlendCoding:
    """A subset is the k highest columns of a blend of rankings, one of which is the member's own.

    The coordinates of a member are the weights of the given rankings and of its own, the size k,
    and its own ranking: one coordinate for each column. So a step that shakes all coordinates
    changes which columns are in a subset and not how many: at its first iteration hiding turns a
    threshold's subset of 1 % of the columns into one of 38 %. And a subset can be told from the
    rows of any training fold, by rankings that have seen no others.

    Parameters
    ----------
    n_columns : int
    min_features, max_features : int
        Limits of k, which runs between them on a logarithmic scale.
    n_rankings : int
        How many rankings are given, apart from the member's own.
    """

    n_columns: int
    min_features: int
    max_features: int
    n_rankings: int

    @property
    def lower(self):
        """Lower bound of each coordinate."""
        return np.zeros(self.n_rankings + 2 + self.n_columns)

    @property
    def upper(self):
        """Upper bound of each coordinate."""
        return np.ones(self.n_rankings + 2 + self.n_columns)

    def sizes_at(self, places):
        """Sizes at places from 0, the smallest, to 1, the largest."""
        ratio = self.max_features / self.min_features
        return np.rint(self.min_features * ratio**places).astype(int)

    def place(self, weights, sizes, own):
        """Positions of members with the given weights, sizes and rankings of their own.

        Parameters
        ----------
        weights : ndarray of shape (N, n_rankings + 1)
            In [0, 1]; the last is that of the member's own ranking.
        sizes : ndarray of shape (N,)
        own : ndarray of shape (N, n_columns)
        """
        width = np.log(self.max_features / self.min_features) or 1.0
        places = np.clip(np.log(sizes / self.min_features) / width, 0, 1)
        return np.column_stack([weights, places, own])

    def masks(self, positions, rankings):
        """Make subsets of positions.

        Parameters
        ----------
        positions : ndarray of shape (m, n_rankings + 2 + n_columns)
        rankings : ndarray of shape (n_rankings, n_columns)
            Of the columns, from 0 to 1 for the best.

        Returns
        -------
        ndarray of bool of shape (m, n_columns)
        """
        n = self.n_rankings
        blends = positions[:, [n]] * positions[:, n + 2 :]
        if n:
            blends += positions[:, :n] @ rankings
        sizes = self.sizes_at(positions[:, n + 1])
        return np.array([highest(blend, k) for blend, k in zip(blends, sizes, strict=True)])


def highest(values, k):
    """Mask of the k highest values; of equal ones the first."""
    mask = np.zeros(len(values), dtype=bool)
    mask[np.argsort(-values, kind="stable")[:k]] = True
    return mask
