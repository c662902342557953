"""A selector that is fitted once for all who ask for it, and rivals of the size it chose."""

from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted


class Remembered(SelectorMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit a selector, or take the equal one that was fitted on the same rows before.

    Parameters
    ----------
    selector : selector
    memory : joblib.Memory
    """

    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(self, selector, memory):
        self.selector = selector
        self.memory = memory

    def fit(self, X, y, *, groups=None):
        self.selector_ = self.memory.cache(fit_selector)(self.selector, X, y, groups)
        return self

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.selector_.get_support()

    def __sklearn_tags__(self):
        return get_tags(self.selector)


class OfTheSameSize(Remembered):
    """Fit a selector that takes as many columns as another one chose on the same rows.

    Parameters
    ----------
    selector : selector
    parameter : str
        Where it is told how many.
    reference : Remembered
    memory : joblib.Memory
    """

    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(self, selector, parameter, reference, memory):
        self.selector = selector
        self.parameter = parameter
        self.reference = reference
        self.memory = memory

    def fit(self, X, y, *, groups=None):
        size = int(clone(self.reference).fit(X, y, groups=groups).get_support().sum())
        rival = clone(self.selector).set_params(**{self.parameter: size})
        self.selector_ = self.memory.cache(fit_selector)(rival, X, y, None)
        return self


def fit_selector(selector, X, y, groups):
    """A clone, fitted; kept by joblib under its parameters and the rows."""
    routed = {} if groups is None else {"groups": groups}
    return clone(selector).fit(X, y, **routed)
