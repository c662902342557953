"""Many descriptors to one row: the encodings of the bag of visual words, on plain arrays.

Every function takes descriptors of shape (d, 128), the number of the row to which each belongs,
and the number of rows; a row that gets no descriptor is zero.
"""

import numpy as np
from scipy import sparse

DESCRIPTOR_SIZE = 128


def root_sift(descriptors):
    """Take the square root of the L1-normalised descriptors, so that Euclid becomes Hellinger."""
    total = descriptors.sum(axis=1, keepdims=True)
    return np.sqrt(descriptors / np.maximum(total, np.finfo(np.float32).tiny))


def word_histograms(words, row, n_rows, n_words):
    """Count the visual words of each row; rows sum to 1."""
    counts = np.bincount(row * n_words + words, minlength=n_rows * n_words)
    counts = counts.reshape(n_rows, n_words).astype(np.float64)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def vlad(residuals, words, row, n_rows, n_words):
    """Sum each word's residuals, then signed square root and L2 norm of the whole row."""
    summed = _sum_by(row * n_words + words, residuals, n_rows * n_words)
    summed = summed.reshape(n_rows, n_words * DESCRIPTOR_SIZE)
    rooted = np.sign(summed) * np.sqrt(np.abs(summed))
    norm = np.linalg.norm(rooted, axis=1, keepdims=True)
    return rooted / np.where(norm > 0, norm, 1)


def statistics(descriptors, row, n_rows):
    """Mean, standard deviation, minimum and maximum of each of the 128 numbers."""
    mean = _mean_by(row, descriptors, n_rows)
    deviation = np.sqrt(_mean_by(row, (descriptors - mean[row]) ** 2, n_rows))
    low, high = np.zeros((2, n_rows, DESCRIPTOR_SIZE))
    order = np.argsort(row, kind="stable")
    held, start = np.unique(row[order], return_index=True)
    if held.size:
        low[held] = np.minimum.reduceat(descriptors[order], start)
        high[held] = np.maximum.reduceat(descriptors[order], start)
    return np.hstack([mean, deviation, low, high])


def quadrant_means(descriptors, position, row, n_rows):
    """Mean descriptor of the picture's four quadrants: above left, above right, below left, right.

    `position` has shape (d, 2): row and column of each keypoint as shares of height and width.
    """
    below, right = (position >= 0.5).T.astype(int)
    means = _mean_by(row * 4 + 2 * below + right, descriptors, n_rows * 4)
    return means.reshape(n_rows, 4 * DESCRIPTOR_SIZE)


def _sum_by(group, values, n_groups):
    """Sum the rows of `values` that share a group."""
    ones = np.ones(len(group))
    chooser = sparse.csr_array((ones, (group, np.arange(len(group)))), (n_groups, len(group)))
    return chooser @ values.astype(np.float64)


def _mean_by(group, values, n_groups):
    count = np.bincount(group, minlength=n_groups)[:, np.newaxis]
    return _sum_by(group, values, n_groups) / np.maximum(count, 1)
