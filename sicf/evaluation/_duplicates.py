"""The same picture on both sides of a split: a classifier need then only remember it."""

import warnings
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np

from sicf.evaluation._evaluation_warning import EvaluationWarning
from sicf.evaluation._likeness import alike
from sicf.evaluation._sample_digests import digest, file_bytes, is_file, one_by_one

# Rows of few columns coincide by chance, as those of two irises do.
LEAST_COLUMNS = 10
MOST_SHOWN = 5
MOST_COPIES = 50


def warn_of_duplicates(X, splits):
    """Warn, once, of pairs of equal or nearly equal samples that a split parts.

    Parameters
    ----------
    X : array, list or data frame of n samples
    splits : list of Split
    """
    equal = equal_pairs(X)
    near = set(alike(one_by_one(X))) - set(equal) if _are_pictures(X) else set()
    side = _sides(splits, X.shape[0] if hasattr(X, "shape") else len(X))
    said = [
        f"{len(parted)} {what} ({_shown(parted)})"
        for what, pairs in (("equal", equal), ("nearly equal", sorted(near)))
        if (parted := [pair for pair in pairs if _parted(side, *pair)])
    ]
    if said:
        warnings.warn(
            "The same picture stands on both sides of a split: pairs of samples of X, "
            f"{' and '.join(said)}. Give the samples of one patient one group, or drop copies.",
            EvaluationWarning,
            stacklevel=4,
        )


def equal_pairs(X):
    """Pairs of samples whose bytes are equal; files are compared by their content.

    Parameters
    ----------
    X : array, list or data frame of n samples

    Returns
    -------
    list of (int, int)
    """
    content = _lazy_content(X)
    held = defaultdict(list)
    for number, sample in enumerate(one_by_one(X)):
        if _can_coincide(sample):
            continue
        held[digest(sample, content)].append(number)
    copies = [numbers[:MOST_COPIES] for numbers in held.values() if len(numbers) > 1]
    return sorted(pair for numbers in copies for pair in combinations(numbers, 2))


def _lazy_content(X):
    """A file's digest; a file whose size no other has is not read, as it equals none."""
    paths, sizes = set(), defaultdict(set)
    for sample in one_by_one(X) if _are_cells(X) else ():
        paths.update(str(cell) for cell in sample if is_file(cell))
    for path in paths:
        sizes[Path(path).stat().st_size].add(path)
    known = {}

    def content(path):
        name, size = str(path), path.stat().st_size
        if name not in known:
            known[name] = file_bytes(path) if len(sizes[size]) > 1 else size
        return known[name]

    return content


def _first(X):
    return next(one_by_one(X), None)


def _are_cells(X):
    return isinstance(_first(X), tuple)


def _are_pictures(X):
    first = _first(X)
    return isinstance(first, np.ndarray) and first.ndim in (2, 3) and min(first.shape[:2]) >= 16


def _can_coincide(sample):
    """Whether equal samples tell nothing: short rows of numbers, and pictures of one value."""
    if isinstance(sample, tuple):
        return len(sample) < LEAST_COLUMNS and not any(is_file(cell) for cell in sample)
    if sample.size < LEAST_COLUMNS:
        return True
    return bool((sample == sample.flat[0]).all())


def _sides(splits, n_samples):
    """For every split and sample: 0 neither, 1 trained on, 2 tested."""
    side = np.zeros((len(splits), n_samples), dtype=np.int8)
    for number, split in enumerate(splits):
        side[number, split.train] = 1
        side[number, split.test] = 2
    return side


def _parted(side, one, other):
    return bool((side[:, one] * side[:, other] == 2).any())


def _shown(pairs):
    more = f" and {len(pairs) - MOST_SHOWN} more" if len(pairs) > MOST_SHOWN else ""
    return ", ".join(f"{one} and {other}" for one, other in pairs[:MOST_SHOWN]) + more
