"""Walks over the descriptors of many images, one image at a time, in memory or on disk."""

import numpy as np

from sicf.features._sift_descriptors import KEYPOINT_DTYPE

DESCRIPTORS_AT_ONCE = 100_000


def checked(X):
    """Go through the images once.

    Parameters
    ----------
    X : sequence of n structured arrays

    Yields
    ------
    ndarray
        What :class:`SIFTDescriptors` gives for an image; anything else is an error.
    """
    if not len(X):
        raise ValueError("X must hold at least 1 image. Found array with 0 sample(s).")
    for index, keypoints in enumerate(X):
        if getattr(keypoints, "dtype", None) != KEYPOINT_DTYPE:
            raise TypeError(
                "VisualWords takes what SIFTDescriptors gives, one structured array for each "
                f"image. Entry {index} is a {type(keypoints).__name__} instead; for images use "
                "SIFTBoVW."
            )
        yield keypoints


def count_descriptors(X, n_sequences):
    """Count the descriptors of each image.

    Parameters
    ----------
    X : sequence of n structured arrays
    n_sequences : int or None
        The number of sequences, if it is known.

    Returns
    -------
    ndarray of int of shape (n, number of sequences)
        It has more columns than `n_sequences` where there are descriptors of more.
    """
    counts = [np.bincount(keypoints["sequence"]) for keypoints in checked(X)]
    table = np.zeros((len(counts), max(n_sequences or 1, *map(len, counts))), np.intp)
    for row, count in zip(table, counts, strict=True):
        row[: len(count)] = count
    return table


def gather(X, draws, by_sequence):
    """Gather what several codebooks are learnt from, in one walk.

    Parameters
    ----------
    X : sequence of n structured arrays
    draws : list of ndarray of int
        For each codebook the sorted places of its descriptors, counted over all images laid end to
        end.
    by_sequence : bool
        Whether codebook m counts the descriptors of sequence m alone.

    Returns
    -------
    list of ndarray of uint8 of shape (number drawn, 128)
    """
    gathered = [[] for _ in draws]
    n_passed = [0] * len(draws)
    for keypoints in X:
        for m, members in enumerate(draws):
            own = keypoints[keypoints["sequence"] == m] if by_sequence else keypoints
            n_after = n_passed[m] + len(own)
            start, stop = np.searchsorted(members, [n_passed[m], n_after])
            gathered[m].append(own["descriptor"][members[start:stop] - n_passed[m]])
            n_passed[m] = n_after
    return [np.concatenate(parts) for parts in gathered]


def chunks(X):
    """Cut the images so that a chunk holds about `DESCRIPTORS_AT_ONCE` descriptors.

    Parameters
    ----------
    X : iterable of structured arrays

    Yields
    ------
    list of ndarray
        One or more images.
    """
    chunk, n_seen = [], 0
    for keypoints in X:
        n_before, n_seen = n_seen, n_seen + len(keypoints)
        if chunk and n_before // DESCRIPTORS_AT_ONCE != n_seen // DESCRIPTORS_AT_ONCE:
            yield chunk
            chunk = []
        chunk.append(keypoints)
    yield chunk
