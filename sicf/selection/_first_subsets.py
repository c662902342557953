"""The population that a search begins with."""

import numpy as np

INITS = ("mixed", "uniform")


def check_init(init, n_columns, lowest, highest):
    """Give the masks of a user as an array, and a known word as it is.

    Raises
    ------
    ValueError
        An unknown word, or masks of the wrong length, of no column, or of too few or too many.
    """
    if isinstance(init, str):
        if init not in INITS:
            raise ValueError(f"init must be one of {INITS} or masks. Got {init!r} instead.")
        return init
    masks = np.asarray(init)
    if masks.dtype != bool or masks.ndim != 2 or not len(masks) or masks.shape[1] != n_columns:
        raise ValueError(
            f"init must be masks: bool, of shape (m, {n_columns}), a column of X each. Got "
            f"{masks.dtype} of shape {masks.shape} instead."
        )
    for number, size in enumerate(masks.sum(axis=1).tolist()):
        if not lowest <= size <= highest:
            raise ValueError(
                f"Each mask of init must hold {lowest} to {highest} columns. Mask {number} holds "
                f"{size}."
            )
    return masks


def spread_sizes(n_members, smallest, largest, rng):
    """Sizes, not rounded, that cover a range evenly on a logarithmic scale, in random order."""
    places = (rng.permutation(n_members) + rng.random(n_members)) / n_members
    return smallest * (largest / smallest) ** places


def mixed_weights(n_members, n_rankings, rng):
    """Weights of the rankings, the last being each member's own.

    The first members follow one ranking each, the last fifth only their own; the others mix them.

    Returns
    -------
    ndarray of shape (n_members, n_rankings + 1)
        The largest of each member is 1.
    """
    weights = rng.dirichlet(np.full(n_rankings + 1, 0.5), n_members)
    weights /= weights.max(axis=1, keepdims=True)
    alone = np.eye(n_rankings + 1)
    weights[:n_rankings] = alone[:n_rankings][:n_members]
    n_own = n_members // 5
    if n_own:
        weights[-n_own:] = alone[-1]
    return weights


def rankings_of(masks, rng):
    """Rankings of which the given masks are the highest columns; within and without by chance."""
    return (masks + rng.random(masks.shape)) / 2
