"""Columns chosen by chance: what a selector of the same size has to be above."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from sicf._number_checks import check_whole_number


class RandomColumns(SelectorMixin, BaseEstimator):
    """Select columns by chance, each subset of the size as likely as any other.

    Parameters
    ----------
    n_features_to_select : int, default=None
        Number of columns. None is half of them, at least one.
    random_state : int, RandomState instance or None, default=None
        Draws the columns.

    Attributes
    ----------
    support_ : ndarray of bool of shape (n_features,)
        The selected columns.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    LyrebirdSelector : Selects by the score of a subset.

    Notes
    -----
    Where columns are many and alike, a random part of them often does as well as a chosen one.

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import RandomColumns
    >>> RandomColumns(3, random_state=0).fit_transform(np.ones((4, 10))).shape
    (4, 3)
    """

    def __init__(self, n_features_to_select=None, *, random_state=None):
        self.n_features_to_select = n_features_to_select
        self.random_state = random_state

    def fit(self, X, y=None):
        """Draw the columns; X is asked for their number alone.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : Ignored

        Returns
        -------
        self
        """
        X = validate_data(self, X, ensure_all_finite="allow-nan")
        size = self.n_features_to_select
        if size is None:
            size = max(1, X.shape[1] // 2)
        check_whole_number("n_features_to_select", size)
        if size > X.shape[1]:
            raise ValueError(
                f"n_features_to_select must be at most {X.shape[1]}, the columns of X. "
                f"Got {size} instead."
            )
        rng = check_random_state(self.random_state)
        self.support_ = np.isin(
            np.arange(X.shape[1]), rng.choice(X.shape[1], size=size, replace=False)
        )
        return self

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
