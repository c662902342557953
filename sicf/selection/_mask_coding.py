"""Subsets of columns as positions in the unit cube, and back."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ThresholdCoding:
    """A column belongs to the subset where its coordinate is above one half.

    Parameters
    ----------
    n_columns : int
    min_features, max_features : int
        A subset outside these limits is mended by the highest coordinates.
    """

    n_columns: int
    min_features: int
    max_features: int

    def draw(self, n_members, rng):
        """Draw positions uniformly: subsets of about half of the columns."""
        return rng.random((n_members, self.n_columns))

    def masks(self, positions):
        """Decode positions of shape (N, d) to masks of shape (N, n_columns)."""
        masks = positions > 0.5
        size = masks.sum(axis=1)
        wanted = np.clip(size, self.min_features, self.max_features)
        for member in np.flatnonzero(size != wanted):
            masks[member] = highest(positions[member], wanted[member])
        return masks


@dataclass(frozen=True)
class RankedCoding:
    """A subset is the k columns of the highest coordinates; k is a coordinate of its own.

    So a step that shakes all coordinates changes which columns are in a subset and not, as with a
    threshold, how many: at its first iteration hiding turns a threshold's subset of 1 % of the
    columns into one of 38 %.

    Parameters
    ----------
    n_columns : int
    min_features, max_features : int
        Limits of k, which runs between them on a logarithmic scale.
    allows_all_columns : bool
        Whether all columns may be the answer, though the search itself draws smaller subsets.
    """

    n_columns: int
    min_features: int
    max_features: int
    allows_all_columns: bool = False

    def draw(self, n_members, rng):
        """Draw positions whose subset sizes are spread over the whole range."""
        positions = rng.random((n_members, self.n_columns + 1))
        positions[:, -1] = (rng.permutation(n_members) + positions[:, -1]) / n_members
        return positions

    def masks(self, positions):
        """Decode positions of shape (N, d) to masks of shape (N, n_columns)."""
        ratio = self.max_features / self.min_features
        sizes = np.rint(self.min_features * ratio ** positions[:, -1]).astype(int)
        return np.array(
            [highest(position[:-1], k) for position, k in zip(positions, sizes, strict=True)]
        )


def highest(values, k):
    """Mask of the k highest values; of equal ones the first."""
    mask = np.zeros(len(values), dtype=bool)
    mask[np.argsort(-values, kind="stable")[:k]] = True
    return mask
