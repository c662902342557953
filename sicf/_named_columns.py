"""NamedColumns: the columns of a table whose names hold a text, as a step of a pipeline."""

import re

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted


class NamedColumns(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Take those columns of a table whose names hold a text, as an array.

    Where a table has a hundred thousand columns this is what `ColumnTransformer` does, without a
    look at each of them.

    Parameters
    ----------
    text : str
        Such as ``"avgpool@32_"``, the block of a layer and a size. It stands at the start of a
        name, or behind that of a sequence and an underscore: ``"conv1@32_"`` does not take the
        columns of ``"layer1.0.conv1@32_"``.

    Attributes
    ----------
    columns_ : ndarray of int
        Their places.
    """

    def __init__(self, text):
        self.text = text

    def fit(self, X, y=None):
        """Find the columns.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
        y : Ignored

        Returns
        -------
        self
        """
        if not hasattr(X, "columns"):
            raise TypeError(
                "X must be a table with names; use set_output(transform='pandas') on the step "
                f"before. Got {type(X).__name__} instead."
            )
        found = X.columns.str.contains(f"(?:^|_){re.escape(self.text)}")
        if not found.any():
            raise ValueError(f"X must have columns whose names hold {self.text!r}. Got none.")
        self.columns_ = np.flatnonzero(found)
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        """Take the columns.

        Parameters
        ----------
        X : DataFrame of shape (n, p)

        Returns
        -------
        ndarray of shape (n, n_columns)
        """
        check_is_fitted(self)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have the {self.n_features_in_} columns that fit saw. Got {X.shape[1]}."
            )
        return X.iloc[:, self.columns_].to_numpy()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        return tags
