"""Where the keypoints of the visual words lie that the forest used."""

import numpy as np

# SIFT weights a descriptor by a Gaussian of two bins, each three scales wide, and a keypoint's size
# is two scales.
SIGMA_OF_SIZE = 3.0


def keypoint_maps(words, keypoints, weights, side, box, shape):
    """Spread the weight of each column over the keypoints that filled it.

    Parameters
    ----------
    words : VisualWords
        Fitted.
    keypoints : structured array
        What SIFT found in the image.
    weights : ndarray of shape (n_features,)
        One for each column of the words.
    side : (int, int)
        Rows and columns of the image as SIFT sees it.
    box : sequence of 4 numbers
        What that shows of the original picture.
    shape : (int, int)
        Rows and columns of the original picture.

    Returns
    -------
    maps : ndarray of float32 of shape (M, rows, columns)
        Their sum is that of the weights whose columns have a keypoint.
    unplaced : float
        Sum of the other weights: words that matter by their absence.
    """
    table = _by_group(words, weights)
    shares, placed = _spread(words, keypoints, table)
    maps = [
        _draw(keypoints[own], shares[own], np.array(side, float), np.array(box), shape)
        for own in (keypoints["sequence"] == m for m in range(words.n_sequences_))
    ]
    return np.stack(maps), float(table[~placed].sum())


def _by_group(words, weights):
    """Weights summed over the columns that the same keypoints fill: (blocks, groups)."""
    blocks = words.n_sequences_ if words.fuse_sequences == "concat" else 1
    columns = np.reshape(weights, (blocks, -1))
    if words.encoding == "stats":
        return columns.sum(axis=1, keepdims=True)
    groups = 4 if words.encoding == "quadrants" else words._n_centers()
    return columns.reshape(blocks, groups, -1).sum(axis=2)


def _spread(words, keypoints, table):
    """Share of each keypoint, and which groups have one."""
    placed = np.zeros(table.shape, bool)
    if not len(keypoints):
        return np.zeros(0), placed
    sequence = keypoints["sequence"].astype(np.intp)
    block = sequence if len(table) > 1 else np.zeros_like(sequence)
    group = block * table.shape[1] + _group_of(words, keypoints, sequence)
    # Each sequence has its own histogram, so a keypoint among few weighs more.
    part = 1 / np.bincount(sequence)[sequence]
    if words.fuse_sequences == "max":
        part = _of_highest(part, sequence, group, words.n_sequences_)
    total = np.bincount(group, part, minlength=table.size)
    placed.flat = total > 0
    return table.ravel()[group] * part / np.where(total[group] > 0, total[group], 1), placed


def _group_of(words, keypoints, sequence):
    if words.encoding == "stats":
        return np.zeros(len(keypoints), np.intp)
    if words.encoding == "quadrants":
        return 2 * (keypoints["row"] >= 0.5) + (keypoints["column"] >= 0.5)
    nearest = words._nearest_words(words._as_floats(keypoints["descriptor"]), sequence)
    return nearest % words._n_centers()


def _of_highest(part, sequence, group, n_sequences):
    """Only the sequence in which a word is most frequent has given its column."""
    n_groups = group.max() + 1
    held = np.bincount(sequence * n_groups + group, part, minlength=n_sequences * n_groups)
    highest = held.reshape(n_sequences, n_groups).argmax(axis=0)
    return part * (sequence == highest[group])


def _draw(keypoints, shares, side, box, shape):
    """Gaussians of sum `shares` in the original picture."""
    origin, scale = box[:2], (box[2:] - box[:2]) / side
    profiles = [
        _profile(
            origin[axis] + keypoints[name] * side[axis] * scale[axis],
            SIGMA_OF_SIZE * keypoints["size"] * scale[axis],
            box[axis],
            box[axis + 2],
            shape[axis],
        )
        for axis, name in enumerate(("row", "column"))
    ]
    return (profiles[0].T @ (shares[:, np.newaxis] * profiles[1])).astype(np.float32)


def _profile(centre, sigma, start, stop, length):
    """One Gaussian a row, of sum 1 over the pixels from start to stop."""
    place = np.arange(length) + 0.5
    distance = (place - centre[:, np.newaxis]) / sigma[:, np.newaxis]
    inside = (place > start) & (place < stop)
    profile = np.exp(-0.5 * distance**2) * inside
    return profile / np.maximum(profile.sum(axis=1, keepdims=True), np.finfo(float).tiny)
