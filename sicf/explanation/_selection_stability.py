"""How stable a selection is over folds: Nogueira's measure."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm


class Stability(NamedTuple):
    """How stable a selection is.

    Parameters
    ----------
    value : float
        1 where all subsets are equal, about 0 where they are drawn by chance; at least
        ``-1 / (M - 1)``.
    low, high : float
        Interval.
    variance : float
        Of the estimate.
    """

    value: float
    low: float
    high: float
    variance: float

    def __str__(self):
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def selection_stability(masks, *, level=0.95):
    """Measure how stable a selection of columns is over folds, seeds or resamples.

    Parameters
    ----------
    masks : array-like of bool of shape (M, n_features)
        The `support_` of M selectors, each fitted to other rows of the same columns; M at least 2.
    level : float, default=0.95
        Coverage of the interval, above 0 and below 1.

    Returns
    -------
    Stability
        `value`, `low`, `high` and `variance`. nan where every subset is empty, or every one holds
        all columns: then nothing was selected.

    Raises
    ------
    ValueError
        There are fewer than 2 subsets, or `masks` holds something else than True and False.

    Notes
    -----
    Nogueira, Sechidis and Brown [1]_: one minus the mean variance of a column's being selected,
    as a share of what it would be if subsets of the same mean size were drawn by chance. It is the
    only one of the measures that they compare that is corrected for chance, takes subsets of
    different sizes, and reaches 1 exactly where all subsets are equal. The interval is theirs, and
    holds asymptotically in M for independent subsets; folds share most of their rows, so that for
    folds it is too narrow.

    References
    ----------
    .. [1] S. Nogueira, K. Sechidis and G. Brown, "On the stability of feature selection
       algorithms", Journal of Machine Learning Research 18 (174), 2018.
       https://jmlr.org/papers/v18/17-514.html

    Examples
    --------
    >>> from sicf import selection_stability
    >>> print(selection_stability([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]]))
    0.33 [-0.02, 0.69]
    """
    masks = _check(masks, level)
    n_masks, n_columns = masks.shape
    frequency, share = masks.mean(axis=0), masks.mean(axis=1)
    by_chance = share.mean() * (1 - share.mean())
    if by_chance == 0:
        return Stability(np.nan, np.nan, np.nan, np.nan)
    spread = n_masks / (n_masks - 1) * (frequency * (1 - frequency)).mean()
    value = 1 - spread / by_chance
    # What each subset adds to the estimate: the paper's asymptotic variance, with sizes as shares.
    together = masks @ frequency / n_columns - share * share.mean()
    size = 2 * share * share.mean() - share - share.mean() + 1
    added = (together + value / 2 * size) / by_chance
    variance = 4 / n_masks**2 * ((added - added.mean()) ** 2).sum()
    reach = norm.ppf((1 + level) / 2) * np.sqrt(variance)
    return Stability(float(value), float(value - reach), float(value + reach), float(variance))


def _check(masks, level):
    masks = np.asarray(masks)
    if masks.ndim != 2 or len(masks) < 2 or not masks.shape[1]:
        raise ValueError(
            "masks must hold at least 2 subsets, one a row, of the same columns. "
            f"Got shape {masks.shape} instead."
        )
    if masks.dtype.kind not in "bui" or not np.isin(masks, (0, 1)).all():
        raise ValueError("masks must hold True and False, as a selector's support_ does.")
    if not 0 < level < 1:
        raise ValueError(f"level must lie above 0 and below 1. Got {level!r} instead.")
    return masks.astype(float)
