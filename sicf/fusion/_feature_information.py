"""Feature mutual information (FMI): what small windows of two feature maps share."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sicf.fusion._feature_maps import feature_map

SIDE = 3
# Windows measured together: each has a joint distribution of 81 numbers, so memory stays bounded.
TOGETHER = 2048


def feature_information(first, second, fused, feature="pixel"):
    """Mean over both sources and all windows of the information shared, over the information.

    Each window of 3 x 3 is stretched to 0 to 1 and taken, column by column, for a distribution
    over its nine places. The joint distribution of two windows is a mixture of their product and
    of the Fréchet bound on the side of their correlation.
    """
    of_fused = _windows(feature_map(fused, feature))
    return np.mean(
        [_shared(_windows(feature_map(source, feature)), of_fused) for source in (first, second)]
    )


def _windows(values):
    """Windows of shape (m, 9), the places of each column by column."""
    views = sliding_window_view(values, (SIDE, SIDE))
    return views.swapaxes(-1, -2).reshape(-1, SIDE * SIDE)


def _shared(windows, others):
    differ = np.flatnonzero((windows != others).any(axis=1))
    # Windows that are equal share everything.
    total = len(windows) - len(differ)
    for start in range(0, len(differ), TOGETHER):
        chosen = differ[start : start + TOGETHER]
        total += _information(_distributions(windows[chosen]), _distributions(others[chosen])).sum()
    return total / len(windows)


def _distributions(windows):
    """Windows of shape (m, 9) as distributions; a constant one is even."""
    low, high = windows.min(axis=1, keepdims=True), windows.max(axis=1, keepdims=True)
    stretched = np.divide(windows - low, high - low, out=np.ones_like(windows), where=high > low)
    return stretched / stretched.sum(axis=1, keepdims=True)


def _information(p, q):
    """Twice the mutual information of distributions p and q over the sum of their entropies."""
    single = _entropy(p) + _entropy(q)
    independent = p[:, :, None] * q[:, None, :]
    correlation = _correlation(p, q)
    extreme, covariance = _frechet_bound(p, q, falls=correlation < 0)
    spread = _spread(p) * _spread(q)
    # Correlation of the grey levels over that of the places under the bound: it may exceed 1, and
    # then some cells of the mixture are below 0. The authors' code goes on; so does this.
    usable = (spread > 0) & (correlation != 0) & (covariance != 0)
    mixed = np.divide(correlation * spread, covariance, out=np.zeros_like(spread), where=usable)
    joint = extreme
    joint -= independent
    joint *= mixed[:, None, None]
    joint += independent
    shared = single - _entropy(joint.reshape(len(joint), -1))
    return np.divide(2 * shared, single, out=np.zeros_like(single), where=single > 0)


def _frechet_bound(p, q, falls):
    """Joint distribution nearest to full dependence: rising, or falling where `falls`.

    Returns
    -------
    joint : ndarray of shape (m, 9, 9)
    covariance : ndarray of shape (m,)
        Of the places, under that joint distribution.
    """
    P, Q = np.cumsum(p, axis=1)[:, :, None], np.cumsum(q, axis=1)[:, None, :]
    cumulative = np.minimum(P, Q)
    cumulative[falls] = np.maximum(P[falls] + Q[falls] - 1, 0)
    # Hoeffding: the covariance is the sum of what the cumulative exceeds independence by.
    covariance = cumulative.sum(axis=(1, 2)) - P.sum(axis=(1, 2)) * Q.sum(axis=(1, 2))
    cumulative[:, 1:] -= cumulative[:, :-1].copy()
    cumulative[:, :, 1:] -= cumulative[:, :, :-1].copy()
    return cumulative, covariance


def _correlation(p, q):
    """Pearson's correlation over the places; 0 where a window is even."""
    even = (np.ptp(p, axis=1) == 0) | (np.ptp(q, axis=1) == 0)
    p, q = p - p.mean(axis=1, keepdims=True), q - q.mean(axis=1, keepdims=True)
    squares = (p**2).sum(axis=1) * (q**2).sum(axis=1)
    return np.divide(
        (p * q).sum(axis=1), np.sqrt(squares), out=np.zeros(len(p)), where=~even & (squares > 0)
    )


def _spread(p):
    """Standard deviation of the place, 0 where one place has everything."""
    places = np.arange(p.shape[1])
    mean = (p * places).sum(axis=1, keepdims=True)
    return np.sqrt((p * (places - mean) ** 2).sum(axis=1))


def _entropy(shares):
    """Sum of -x log2 |x| along the rows; a cell of 0 counts nothing."""
    sizes = np.abs(shares)
    # Of the smallest number the logarithm is finite, so that 0 times it is 0.
    np.maximum(sizes, np.finfo(np.float64).tiny, out=sizes)
    return -np.einsum("ij,ij->i", shares, np.log2(sizes, out=sizes))
