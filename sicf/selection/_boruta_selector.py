"""BorutaSelector: the columns that matter more to a forest than permuted copies do."""

import numbers
import warnings

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sicf._number_checks import check_whole_number
from sicf.selection._boruta_hits import decide
from sicf.selection._fold_score import seeded

FEWEST_SHADOWS = 5
CONFIRMED, TENTATIVE, REJECTED = 1, 0, -1


class BorutaSelector(SelectorMixin, MetaEstimatorMixin, BaseEstimator):
    """Select all columns whose importance beats that of permuted copies, by Boruta [1]_.

    Parameters
    ----------
    estimator : estimator, default=None
        Has `feature_importances_` after `fit`. It is cloned, never changed, and every clone is
        seeded where it has a `random_state`. None is a forest of 100 trees of depth 5, balanced by
        class.
    max_iter : int, default=100
        Rounds, at least 1. They end before, when every column is decided.
    alpha : float, default=0.05
        Level of the tests, between 0 and 1.
    percentile : float, default=100
        Which percentile of the shadows' importances a column has to be above. 100, the highest, is
        the published one.
    two_step : bool, default=True
        Correct for the many columns by Benjamini and Hochberg's false discovery rate and for the
        many rounds by Bonferroni. False is Bonferroni over the columns alone, as published: it is
        stricter where there are many columns.
    min_features : int, default=1
        Where fewer columns are confirmed, those of the best rank make them up, with a warning.
        With 0 nothing is made up.
    random_state : int, RandomState instance or None, default=None
        Permutes the shadows and seeds the clones.
    verbose : int, default=0
        Above 0, a progress bar over the rounds.

    Attributes
    ----------
    support_ : ndarray of bool of shape (n_features,)
        The selected columns: the confirmed ones, and those that make up `min_features`.
    confirmed_, tentative_ : ndarray of bool of shape (n_features,)
        Better than chance, and not decided when the rounds were over.
    ranking_ : ndarray of int of shape (n_features,)
        1 for confirmed columns, 2 for tentative ones; from 3 on the rejected, by the mean of their
        importances.
    importances_ : ndarray of shape (rounds, n_features)
        Importances in each round; nan after a column was rejected.
    n_iter_ : int
        Rounds made.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    LyrebirdSelector : Selects by the score of a subset.

    Notes
    -----
    Boruta looks for all columns that bear on y, not for the smallest set that predicts well. In
    each round every column that is not rejected gets a shadow, its own values in another order, at
    least five in all; a column scores a hit where its importance is above that of the shadows.
    Hits are tested against a fair coin, from both sides.

    Rows are permuted and bootstrapped one by one: slices of one patient are not kept together, so
    the tests are too sure of themselves where a patient has several.

    References
    ----------
    .. [1] M. B. Kursa and W. R. Rudnicki, "Feature selection with the Boruta package", Journal of
       Statistical Software 36 (11), 2010. :doi:`10.18637/jss.v036.i11`

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sicf import BorutaSelector
    >>> X, y = make_classification(
    ...     120, 8, n_informative=3, n_redundant=0, shuffle=False, class_sep=2, random_state=0
    ... )
    >>> BorutaSelector(max_iter=15, random_state=0).fit(X, y).get_support(indices=True)
    array([0, 1, 2])
    """

    def __init__(
        self,
        estimator=None,
        *,
        max_iter=100,
        alpha=0.05,
        percentile=100,
        two_step=True,
        min_features=1,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.max_iter = max_iter
        self.alpha = alpha
        self.percentile = percentile
        self.two_step = two_step
        self.min_features = min_features
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y):
        """Decide on every column.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Returns
        -------
        self

        Raises
        ------
        ValueError
            A parameter is out of its range, or the estimator gives no importances.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, ensure_min_samples=2)
        if self.estimator is None:
            check_classification_targets(y)
        if self.min_features > X.shape[1]:
            raise ValueError(
                f"min_features must be at most {X.shape[1]}, the columns of X. "
                f"Got {self.min_features} instead."
            )
        rng = check_random_state(self.random_state)
        state = np.full(X.shape[1], TENTATIVE)
        hits = np.zeros(X.shape[1], dtype=int)
        history = []
        for number in self._progress(range(1, self.max_iter + 1)):
            importances, threshold = self._round(X, y, state, rng)
            history.append(importances)
            hits += np.nan_to_num(importances, nan=-np.inf) > threshold
            self._decide(state, hits, number)
            if not (state == TENTATIVE).any():
                break
        self._keep(state, np.array(history))
        return self

    def _round(self, X, y, state, rng):
        """Importances of the columns that are not rejected, and the shadows' to be beaten."""
        kept = np.flatnonzero(state != REJECTED)
        importances = np.full(X.shape[1], np.nan)
        shadows = _permuted(X[:, np.resize(kept, max(FEWEST_SHADOWS, kept.size))], rng)
        found = self._importances(np.hstack([X[:, kept], shadows]), y, rng)
        importances[kept] = found[: kept.size]
        return importances, np.percentile(found[kept.size :], self.percentile)

    def _importances(self, X, y, rng):
        estimator = seeded(self._base_estimator(), rng.randint(np.iinfo(np.int32).max))
        found = getattr(estimator.fit(X, y), "feature_importances_", None)
        if found is None:
            raise ValueError(
                "estimator must have feature_importances_ after fit. "
                f"{type(estimator).__name__} has none."
            )
        return np.asarray(found, dtype=float)

    def _decide(self, state, hits, number):
        open_columns = np.flatnonzero(state == TENTATIVE)
        better, worse = decide(hits[open_columns], number, self.alpha, self.two_step)
        state[open_columns[better]] = CONFIRMED
        state[open_columns[worse & ~better]] = REJECTED

    def _keep(self, state, history):
        self.importances_ = history
        self.n_iter_ = len(history)
        self.confirmed_, self.tentative_ = state == CONFIRMED, state == TENTATIVE
        # Confirmed before tentative before rejected, the more important first.
        order = np.lexsort((-np.nanmean(history, axis=0), -state))
        rejected = order[np.count_nonzero(state != REJECTED) :]
        self.ranking_ = np.where(self.confirmed_, 1, 2)
        self.ranking_[rejected] = 3 + np.arange(len(rejected))
        self.support_ = self.confirmed_.copy()
        missing = self.min_features - int(self.confirmed_.sum())
        if missing > 0:
            self.support_[order[: self.min_features]] = True
            warnings.warn(
                f"Boruta confirmed {self.confirmed_.sum()} column(s); the {missing} of the best "
                f"rank make up min_features={self.min_features}.",
                stacklevel=3,
            )

    def _base_estimator(self):
        if self.estimator is not None:
            return self.estimator
        return RandomForestClassifier(max_depth=5, class_weight="balanced")

    def _progress(self, rounds):
        if not self.verbose:
            return rounds
        from tqdm.auto import tqdm

        return tqdm(rounds, desc="Boruta", unit="round")

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def _check_parameters(self):
        check_whole_number("max_iter", self.max_iter)
        check_whole_number("min_features", self.min_features, 0)
        for name, most in (("alpha", 1), ("percentile", 100)):
            value = getattr(self, name)
            if not isinstance(value, numbers.Real) or isinstance(value, bool):
                raise TypeError(f"{name} must be a number. Got {value!r} instead.")
            if not 0 < value <= most:
                raise ValueError(f"{name} must lie between 0 and {most}. Got {value} instead.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def _permuted(columns, rng):
    """Each column in an order of its own."""
    order = np.argsort(rng.random_sample(columns.shape), axis=0)
    return np.take_along_axis(columns, order, axis=0)
