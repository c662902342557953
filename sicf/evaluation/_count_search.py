"""The confusion matrix of n cases whose figures come nearest to published ones."""

import numpy as np

from sicf.evaluation._rate_search import prevalence_range


def nearest_counts(published, n, positives, decimals):
    """Search all matrices of n cases that can be nearest.

    Parameters
    ----------
    published : dict of str to int
        Figures by name, in the last published decimal of a percent: 98.52 is 9852.
    n : int
    positives : int or None
        Number of positive cases, where it is known.
    decimals : int

    Returns
    -------
    counts : tuple of int
        TP, FN, FP, TN.
    miss : float
        Largest distance of a figure from its published one, in points.
    feasible : bool
        Whether every figure of these counts rounds to its published one.
    """
    scale = 10**decimals
    candidates = np.arange(1, n) if positives is None else np.array([positives])
    start, bound = _by_rounding(published, candidates, n, scale)
    low, high = _positives_within(published, candidates, n, scale, bound)
    best, best_key = start, _key(published, *start, n, scale)
    for P in candidates[low:high]:
        tp = _window(published["sensitivity"], P, scale, best_key[1])
        tn = _window(published["specificity"], n - P, scale, best_key[1])
        tp, tn = (part.ravel() for part in np.meshgrid(tp, tn, indexing="ij"))
        if not tp.size:
            continue
        outside, miss = _key(published, P, tp, tn, n, scale)
        first = np.lexsort((miss, outside))[0]
        if (outside[first], miss[first]) < best_key:
            best, best_key = (P, tp[first], tn[first]), (outside[first], miss[first])
    P, tp, tn = (int(part) for part in best)
    return (tp, P - tp, n - P - tn, tn), float(best_key[1]), not best_key[0]


def _by_rounding(published, candidates, n, scale):
    """A first answer: for each number of positives, the nearest sensitivity and specificity."""
    tp = np.rint(published["sensitivity"] / (100 * scale) * candidates).astype(np.int64)
    tn = np.rint(published["specificity"] / (100 * scale) * (n - candidates)).astype(np.int64)
    outside, miss = _key(published, candidates, tp, tn, n, scale)
    first = np.lexsort((miss, outside))[0]
    return (candidates[first], tp[first], tn[first]), miss[first]


def _positives_within(published, candidates, n, scale, bound):
    """Where, among the candidates, the prevalence lets every figure be as near as `bound`."""
    if len(candidates) == 1:
        return 0, 1
    figures = {name: value / scale for name, value in published.items()}
    low, high = prevalence_range(figures, bound * (1 + 1e-9) + 1e-9)
    return max(0, int(np.floor(low * n)) - 2), int(np.ceil(high * n)) + 1


def _window(value, total, scale, bound):
    """The counts of `total` whose share is as near as `bound` to a published one."""
    share, width = value / (100 * scale) * total, bound / 100 * total
    return np.arange(max(0, np.ceil(share - width)), min(total, np.floor(share + width)) + 1)


def _key(published, P, tp, tn, n, scale):
    """Whether a figure rounds to another one, and the largest distance; the lower the better.

    Whole numbers decide the first: no rounding error can turn it.
    """
    P, tp, tn = (np.asarray(part).astype(np.int64) for part in (P, tp, tn))
    fp = n - P - tn
    fractions = {
        "sensitivity": (tp, P),
        "specificity": (tn, n - P),
        "accuracy": (tp + tn, np.full_like(P, n)),
        "F1": (2 * tp, tp + P + fp),
    }
    outside, miss = False, 0.0
    for name, value in published.items():
        part, whole = fractions[name]
        # Twice the distance, times the denominator: rounded rightly while it is within it.
        distance = np.abs(2 * (100 * scale * part - value * whole))
        outside = outside | (distance > whole)
        miss = np.maximum(miss, distance / whole / (2 * scale))
    return outside, miss
