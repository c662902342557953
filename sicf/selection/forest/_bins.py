"""Columns as eight-bit codes, made once for all subsets, folds and trees."""

from typing import NamedTuple

import numpy as np

from sicf.selection.forest._kernel import N_CODES, encode_column


class Bins(NamedTuple):
    """A table as codes.

    Parameters
    ----------
    codes : ndarray of uint8 of shape (p, n)
        Column by column, in the order of the values.
    values : ndarray of float32 of shape (p, 256)
        What each code stands for: a value where the column has at most 256 different ones, else
        the middle of a bin of about equally many rows.
    """

    codes: np.ndarray
    values: np.ndarray


def bin_columns(X):
    """Encode a table.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers; like scikit-learn's trees, only their float32 is looked at.

    Returns
    -------
    Bins
    """
    n_rows, n_columns = X.shape
    codes = np.empty((n_columns, n_rows), np.uint8)
    values = np.zeros((n_columns, N_CODES), np.float32)
    for column in range(n_columns):
        numbers = np.ascontiguousarray(X[:, column], np.float32)
        encode_column(numbers, np.argsort(numbers), codes[column], values[column])
    return Bins(codes, values)
