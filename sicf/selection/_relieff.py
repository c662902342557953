"""ReliefF: the columns that differ between near neighbours of other classes, not of one's own."""

import numpy as np
from scipy.spatial.distance import cdist

from sicf._number_checks import check_whole_number
from sicf.selection._weighed_columns import WeighedColumns

NUMBERS_AT_ONCE = 2**22  # 32 MB of differences


class ReliefF(WeighedColumns):
    """Select columns by ReliefF [1]_ [2]_: near neighbours of other classes differ in them.

    Parameters
    ----------
    n_features_to_select : int, default=1000
        Columns that are kept, at most: those with the largest weights.
    n_neighbors : int, default=10
        Neighbours of every class; all of them in a class that has fewer.
    prefilter : int or None, default=2000
        Only so many columns are weighed, those with the largest F of an analysis of variance, at
        least `n_features_to_select`. None weighs all.

    Attributes
    ----------
    weights_ : ndarray of shape (n_features,)
        From -1 to 1, above 0 where a column tells classes apart; nan where it was not weighed.
    support_ : ndarray of bool of shape (n_features,)
        The selected columns.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    DiagonalNCA : Weights that are learnt together.

    Notes
    -----
    Every sample is taken once, not a drawn part of them, so nothing is random. Columns are scaled
    by their range; distances are sums of absolute differences; a neighbour of another class counts
    by that class's share of all samples of other classes. Equal distances are taken in the order of
    the samples. Samples are neighbours whoever's they are: with several slices of a patient the
    nearest hits are often their own.

    Distances take memory in proportion to the number of samples, differences 32 MB at most.

    References
    ----------
    .. [1] I. Kononenko, "Estimating attributes: analysis and extensions of RELIEF", ECML 1994.
       :doi:`10.1007/3-540-57868-4_57`
    .. [2] M. Robnik-Šikonja and I. Kononenko, "Theoretical and empirical analysis of ReliefF and
       RReliefF", Machine Learning 53, 2003. :doi:`10.1023/A:1025667309714`

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sicf import ReliefF
    >>> X, y = load_iris(return_X_y=True)
    >>> ReliefF(2).fit(X, y).get_support(indices=True)
    array([2, 3])
    """

    def __init__(self, n_features_to_select=1000, *, n_neighbors=10, prefilter=2000):
        self.n_features_to_select = n_features_to_select
        self.n_neighbors = n_neighbors
        self.prefilter = prefilter

    def _weigh(self, X, target):
        return relieff_weights(X, target, self.n_neighbors)

    def _check_own_parameters(self):
        check_whole_number("n_neighbors", self.n_neighbors)


def relieff_weights(X, target, n_neighbors):
    """Weigh columns.

    Parameters
    ----------
    X : ndarray of float64 of shape (n, p)
    target : ndarray of int of shape (n,)
        Classes, numbered from 0.
    n_neighbors : int

    Returns
    -------
    ndarray of shape (p,)
    """
    X = _scaled(X)
    n, p = X.shape
    shares = np.bincount(target) / n
    members = [np.flatnonzero(target == label) for label in range(len(shares))]
    weights = np.zeros(p)
    step = max(1, NUMBERS_AT_ONCE // max(n, p * n_neighbors))
    for first in range(0, n, step):
        rows = np.arange(first, min(first + step, n))
        distances = cdist(X[rows], X, metric="cityblock")
        distances[np.arange(len(rows)), rows] = np.inf  # nobody is a neighbour of themselves
        for label, own in enumerate(members):
            factors = np.where(
                target[rows] == label, -1.0, shares[label] / (1 - shares[target[rows]])
            )
            weights += _difference(X, rows, distances, own, factors, n_neighbors)
    return weights / n


def _difference(X, rows, distances, members, factors, n_neighbors):
    """Sum over some rows of factor times the mean difference from neighbours of one class."""
    near = np.argsort(distances[:, members], axis=1, kind="stable")[:, :n_neighbors]
    near = members[near]
    counted = near != rows[:, np.newaxis]  # in a class of few, the row itself comes last
    how_many = np.maximum(1, counted.sum(axis=1))
    shares = counted * (factors / how_many)[:, np.newaxis]
    differences = np.abs(X[near] - X[rows, np.newaxis])
    return np.einsum("ij,ijp->p", shares, differences)


def _scaled(X):
    """Columns over their range; a constant column is 0."""
    low = X.min(axis=0)
    width = X.max(axis=0) - low
    return (X - low) / np.where(width > 0, width, 1)
