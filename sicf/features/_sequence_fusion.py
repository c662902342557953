"""How the rows of several co-registered sequences become one row."""

import numpy as np

FUSIONS = ("mean", "max", "concat")


def fuse_sequences(rows, how, present=None):
    """Fuse one row for each sequence into one row for each image.

    Parameters
    ----------
    rows : ndarray of shape (n, M, d)
        Rows of n images with M sequences.
    how : {"mean", "max", "concat"}
    present : ndarray of bool of shape (n, M), default=None
        Which rows hold something; the mean and the maximum are taken over these alone, and are
        zero where there is none. None means all.

    Returns
    -------
    ndarray of shape (n, d), or (n, M * d) for "concat"
    """
    n, n_sequences, width = rows.shape
    if how == "concat":
        return rows.reshape(n, n_sequences * width)
    if present is None:
        return rows.mean(axis=1) if how == "mean" else rows.max(axis=1)
    counted = present[:, :, np.newaxis]
    if how == "mean":
        return (rows * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    highest = np.where(counted, rows, -np.inf).max(axis=1)
    return np.where(present.any(axis=1, keepdims=True), highest, 0)


def fused_names(names, how, sequence_names):
    """Names of the fused columns: as they are, or once for each sequence for "concat"."""
    if how != "concat":
        return np.asarray(names, dtype=object)
    return np.asarray([f"{s}_{name}" for s in sequence_names for name in names], dtype=object)


def check_sequence_names(sequence_names, n_sequences):
    """Give each sequence a name: the user's, or sequence0, sequence1, ..."""
    if sequence_names is None:
        return [f"sequence{m}" for m in range(n_sequences)]
    if isinstance(sequence_names, str) or not np.iterable(sequence_names):
        raise TypeError(
            "sequence_names must be a list of names, one for each sequence. "
            f"Got {sequence_names!r} instead."
        )
    names = list(sequence_names)
    if len(names) != n_sequences or len(set(names)) != n_sequences:
        raise ValueError(
            f"sequence_names must be {n_sequences} different name(s), one for each sequence. "
            f"Got {names} instead."
        )
    return names


def check_fusion(how, allowed=FUSIONS):
    """Raise where `fuse_sequences` is none of the known ways."""
    if how not in allowed:
        raise ValueError(f"fuse_sequences must be one of {allowed}. Got {how!r} instead.")
