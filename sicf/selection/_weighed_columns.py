"""What selectors share that give every column a weight, and keep the columns that weigh most."""

from abc import abstractmethod

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sicf._number_checks import check_whole_number
from sicf.selection._column_rankings import f_values


class WeighedColumns(SelectorMixin, BaseEstimator):
    """Base of selectors for classes: a subclass says what each column weighs.

    A subclass has the parameters `n_features_to_select` and `prefilter`, and the methods `_weigh`
    and `_check_own_parameters`.
    """

    def fit(self, X, y):
        """Weigh the columns.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Classes.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            A parameter is out of its range, or y holds one class.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, ensure_min_samples=2, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        classes, target = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y must hold at least 2 classes. Got 1 class: {classes.tolist()[0]}.")
        columns = self._prefiltered(X, target)
        self.weights_ = np.full(X.shape[1], np.nan)
        self.weights_[columns] = self._weigh(X[:, columns].astype(np.float64), target)
        self.support_ = np.zeros(X.shape[1], dtype=bool)
        self.support_[_largest(self._strength(self.weights_), self.n_features_to_select)] = True
        return self

    def _prefiltered(self, X, target):
        if self.prefilter is None or self.prefilter >= X.shape[1]:
            return np.arange(X.shape[1])
        everybody = np.arange(len(target))
        return np.sort(_largest(f_values(X, target, everybody), self.prefilter))

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def _check_parameters(self):
        check_whole_number("n_features_to_select", self.n_features_to_select)
        if self.prefilter is not None:
            check_whole_number("prefilter", self.prefilter, self.n_features_to_select)
        self._check_own_parameters()

    @abstractmethod
    def _weigh(self, X, target):
        """Weights of the columns of X, for classes that are numbered from 0."""

    @abstractmethod
    def _check_own_parameters(self):
        """Raise where a parameter of the subclass is wrong."""

    def _strength(self, weights):
        """By what columns are compared."""
        return weights

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _largest(values, n):
    """Where the n largest values stand, the first of equal ones; nan comes last."""
    order = np.argsort(np.where(np.isnan(values), np.inf, -values), kind="stable")
    return order[: min(n, np.count_nonzero(~np.isnan(values)))]
