"""Expected accuracy of a drawn neighbour, and its gradient by the weights of the columns."""

import numpy as np
from scipy.special import softmax

ROWS_AT_ONCE = 512


class NeighbourAccuracy:
    """Expected accuracy when each sample takes the class of a neighbour that is drawn by nearness.

    Parameters
    ----------
    X : ndarray of float64 of shape (n, p)
    target : ndarray of int of shape (n,)
    penalty : float
        Times the sum of the squared weights is added to the loss.

    Notes
    -----
    Memory is 512 times n for distances, and for the gradient what X takes: the squared differences
    are multiplied out, so that no array has three axes.
    """

    def __init__(self, X, target, penalty):
        self.X = X
        self.squares = X**2
        self.target = target
        self.penalty = penalty

    def expected(self, weights):
        """Expected accuracy, from 0 to 1."""
        return sum(self._block(weights, rows)[1].sum() for rows in self._blocks()) / len(self.X)

    def loss_and_gradient(self, weights):
        """Penalty minus expected accuracy, and its derivatives by the weights.

        Parameters
        ----------
        weights : ndarray of shape (p,)

        Returns
        -------
        loss : float
        gradient : ndarray of shape (p,)
        """
        total, slope = 0.0, np.zeros_like(weights)
        for rows in self._blocks():
            drawn, right, same = self._block(weights, rows)
            total += right.sum()
            # By d_ij, the accuracy of i changes by p_ij (p_i - [same class]).
            by_distance = drawn * (right[:, np.newaxis] - same)
            slope += self._over_columns(by_distance, rows)
        n = len(self.X)
        loss = self.penalty * (weights**2).sum() - total / n
        return loss, 2 * weights * (self.penalty - slope / n)

    def _blocks(self):
        n = len(self.X)
        return (slice(first, min(first + ROWS_AT_ONCE, n)) for first in range(0, n, ROWS_AT_ONCE))

    def _block(self, weights, rows):
        """For some samples: p_ij, p_i, and who is of the same class."""
        factors = weights**2
        lengths = self.squares @ factors
        products = (self.X[rows] * factors) @ self.X.T
        # The sample's own term shifts its whole row, and so drops out of the softmax.
        closeness = 2 * products - lengths
        here = np.arange(rows.start, rows.stop)
        closeness[np.arange(len(here)), here] = -np.inf
        drawn = softmax(closeness, axis=1)
        same = self.target[rows, np.newaxis] == self.target
        return drawn, (drawn * same).sum(axis=1), same

    def _over_columns(self, factors, rows):
        """For each column, the sum over i and j of factor_ij (x_i - x_j)²."""
        return (
            factors.sum(axis=1) @ self.squares[rows]
            + factors.sum(axis=0) @ self.squares
            - 2 * (self.X[rows] * (factors @ self.X)).sum(axis=0)
        )
