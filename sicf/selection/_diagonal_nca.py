"""DiagonalNCA: one weight a column, learnt so that near neighbours are of one class."""

import numpy as np
from scipy.optimize import minimize

from sicf._number_checks import check_number, check_whole_number
from sicf.selection._neighbour_accuracy import NeighbourAccuracy
from sicf.selection._weighed_columns import WeighedColumns


class DiagonalNCA(WeighedColumns):
    """Select columns by neighbourhood component analysis [1]_ with one weight a column [2]_.

    Parameters
    ----------
    n_features_to_select : int, default=1000
        Columns that are kept, at most: those whose weights are farthest from 0.
    penalty : float or None, default=None
        Times the sum of the squared weights is taken off the accuracy. None is one over the number
        of samples.
    prefilter : int or None, default=2000
        Only so many columns are weighed, those with the largest F of an analysis of variance, at
        least `n_features_to_select`. None weighs all.
    max_iter : int, default=100
        Steps of L-BFGS, at most.

    Attributes
    ----------
    weights_ : ndarray of shape (n_features,)
        Of columns in units of their standard deviation; nan where a column was not weighed.
    expected_accuracy_ : float
        Expected accuracy, from 0 to 1, of a neighbour that is drawn for each sample among the
        others. The weights were fitted to it.
    n_iter_ : int
        Steps made.
    support_ : ndarray of bool of shape (n_features,)
        The selected columns.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    ReliefF : Weights that are counted, not learnt.
    sklearn.neighbors.NeighborhoodComponentsAnalysis : A full linear map, which weighs no columns.

    Notes
    -----
    The weights w maximise the mean over samples i of the sum of p_ij over the others of its class,
    minus `penalty` times the sum of w². A neighbour j of i is drawn with a probability p_ij in
    proportion to exp(-d_ij); d_ij is the sum over columns of w² times the squared difference, as in
    [1]_; MATLAB's ``fscnca`` and [2]_ take absolute differences instead. Columns are standardised
    first. All weights start at one over the square root of the number of columns, where distances
    are about 2, so nothing is random. It is a local maximum.

    Samples are neighbours whoever's they are: with several slices of a patient, columns that tell
    patients apart weigh as well.

    References
    ----------
    .. [1] J. Goldberger et al., "Neighbourhood components analysis", NIPS 2004.
    .. [2] W. Yang, K. Wang and W. Zuo, "Neighborhood component feature selection for
       high-dimensional data", Journal of Computers 7 (1), 2012. :doi:`10.4304/jcp.7.1.161-168`

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sicf import DiagonalNCA
    >>> X, y = load_iris(return_X_y=True)
    >>> DiagonalNCA(2).fit(X, y).get_support(indices=True)
    array([2, 3])
    """

    def __init__(self, n_features_to_select=1000, *, penalty=None, prefilter=2000, max_iter=100):
        self.n_features_to_select = n_features_to_select
        self.penalty = penalty
        self.prefilter = prefilter
        self.max_iter = max_iter

    def _weigh(self, X, target):
        accuracy = NeighbourAccuracy(_standardised(X), target, self._penalty(len(X)))
        found = minimize(
            accuracy.loss_and_gradient,
            np.full(X.shape[1], X.shape[1] ** -0.5),
            method="L-BFGS-B",
            jac=True,
            options={"maxiter": self.max_iter},
        )
        self.n_iter_ = int(found.nit)
        self.expected_accuracy_ = accuracy.expected(found.x)
        return found.x

    def _strength(self, weights):
        return np.abs(weights)

    def _penalty(self, n_samples):
        return 1 / n_samples if self.penalty is None else self.penalty

    def _check_own_parameters(self):
        check_whole_number("max_iter", self.max_iter)
        if self.penalty is not None:
            check_number("penalty", self.penalty)
            if not 0 <= self.penalty < np.inf:
                raise ValueError(
                    f"penalty must be a finite number, at least 0. Got {self.penalty} instead."
                )


def _standardised(X):
    """Columns of mean 0 and standard deviation 1; a constant column is 0."""
    centred = X - X.mean(axis=0)
    # Rounding alone leaves a constant column a spread, which division would blow up.
    varies = X.max(axis=0) > X.min(axis=0)
    return np.where(varies, centred, 0) / np.where(varies, centred.std(axis=0), 1)
