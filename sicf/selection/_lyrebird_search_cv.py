"""LyrebirdSearchCV: the parameters with which an estimator does best."""

import numbers

import numpy as np
from sklearn.model_selection import RandomizedSearchCV
from sklearn.utils import get_tags

from sicf._plain_state import PlainState
from sicf.selection._draw_seed import draw_seed
from sicf.selection._lyrebird import generations
from sicf.selection._parameter_coding import ParameterCoding
from sicf.selection._search_tasks import told_as_tasks
from sicf.selection._setting_fitness import SettingFitness, followed_metric
from sicf.selection._stored_distributions import frozen, named


# RandomizedSearchCV rather than BaseSearchCV: scikit-learn exports the former alone, and invites
# overriding its `_run_search`; the base can only be had from a private module. Nothing else of its
# own is used: neither `n_iter` nor the sampler.
class LyrebirdSearchCV(PlainState, RandomizedSearchCV):
    """Search parameters by the Lyrebird search: the fitness of a setting is its mean test score.

    It is the paper's "optimisation-driven random forest" read the other way: not which columns the
    forest sees, but how many trees it has, how deep they are, how small their leaves. Everything
    but the search is :class:`sklearn.model_selection.RandomizedSearchCV`.

    Parameters
    ----------
    estimator : estimator
        It is cloned, never changed. Seed it: between settings that are alike an unseeded forest is
        mostly luck.
    param_distributions : dict, or list of dict
        By the name of the parameter, a list of values or a frozen `scipy.stats` distribution. Of a
        list of dicts each setting uses one.
    population_size : int, default=10
        Settings in a generation, at least 1.
    max_iter : int, default=10
        Generations after the first, at least 0.
    shrinkage : bool, default=False
        True draws the factor I from {1, 2}, as published, which pulls towards the first value of
        each list and the lowest quantile of each distribution. False sets I = 1.
    scoring : str, callable, list, tuple or dict, default=None
        As in scikit-learn. None is the estimator's own score.
    n_jobs : int, default=None
        Workers over the settings and folds of a generation. The result does not depend on it,
        where the estimator is seeded.
    refit : bool, str or callable, default=True
        As in scikit-learn. With several metrics it must name the one that the search follows.
    cv : int, splitter or iterable, default=None
        As in scikit-learn; None is 5. Its folds are drawn once, so every generation meets the same.
    verbose : int, default=0
        As in scikit-learn.
    pre_dispatch : int or str, default="2*n_jobs"
        As in scikit-learn.
    random_state : int, RandomState instance or None, default=None
        Draws start and steps.
    error_score : "raise" or float, default=np.nan
        Score of a fit that fails. A setting whose mean score is nan counts as worst.
    return_train_score : bool, default=False
        Whether `cv_results_` holds training scores.

    Attributes
    ----------
    best_params_ : dict
    best_score_ : float
        Mean test score of the best setting. It is the best of many noisy numbers, and therefore
        optimistic: judge it by cross-validating the whole search.
    best_index_ : int
        Row of `cv_results_`.
    best_estimator_ : estimator
        Fitted to all data with `best_params_`, unless `refit=False`.
    refit_time_ : float
        Seconds.
    cv_results_ : dict of ndarray
        As in scikit-learn. Each setting stands there once, in the order of the evaluations.
    history_ : DataFrame
        For each generation: `iteration`, `best` and `mean` score of its members, and `evaluations`
        so far. A member without a score does not count in the mean.
    n_iter_ : int
        Generations after the first.
    n_evaluations_ : int
        Different settings evaluated; one is `n_splits_` fits.
    n_splits_ : int
    multimetric_ : bool
    scorer_ : callable or dict
    classes_ : ndarray
        Of `best_estimator_`.
    n_features_in_ : int
        Of `best_estimator_`.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Of `best_estimator_`.

    See Also
    --------
    LyrebirdSelector : The same search over subsets of columns.
    lyrebird_minimize : The search itself, on real vectors.

    Notes
    -----
    A setting is a position in the unit cube, with one coordinate u for each parameter. A list of k
    values is indexed by ``floor(u * k)``; a distribution goes through its `ppf`, so that equal
    steps of u are equally probable, also where it is discrete or logarithmic; a list of dicts has
    one coordinate more, which chooses the dict, and the same name in two dicts has the same
    coordinate. The start is a random search of `population_size` draws.

    The cost is at most ``population_size * (1 + max_iter)`` settings; one met again costs none.

    Where every fit of the first generation fails, the search raises, as scikit-learn does. Where
    every fit of a later one fails, it warns, counts those settings as worst and goes on;
    `cv_results_` lacks them.

    References
    ----------
    .. [1] M. Dehghani et al., "Lyrebird optimization algorithm: a new bio-inspired metaheuristic
       algorithm for solving optimization problems", Biomimetics 8 (6), 507, 2023.
       :doi:`10.3390/biomimetics8060507`

    Examples
    --------
    >>> from scipy.stats import loguniform, randint
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sicf import LyrebirdSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> search = LyrebirdSearchCV(
    ...     RandomForestClassifier(10, random_state=0),
    ...     {
    ...         "max_depth": randint(1, 20),
    ...         "min_samples_leaf": randint(1, 30),
    ...         "max_features": loguniform(0.1, 1),
    ...         "criterion": ["gini", "entropy"],
    ...     },
    ...     population_size=4,
    ...     max_iter=2,
    ...     cv=3,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    >>> len(search.cv_results_["params"]) == search.n_evaluations_ <= 4 * (1 + 2)
    True
    """

    def __init__(
        self,
        estimator,
        param_distributions,
        *,
        population_size=10,
        max_iter=10,
        shrinkage=False,
        scoring=None,
        n_jobs=None,
        refit=True,
        cv=None,
        verbose=0,
        pre_dispatch="2*n_jobs",
        random_state=None,
        error_score=np.nan,
        return_train_score=False,
    ):
        # The parent's __init__ would set an `n_iter` that means nothing here.
        self.estimator = estimator
        self.param_distributions = param_distributions
        self.population_size = population_size
        self.max_iter = max_iter
        self.shrinkage = shrinkage
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.refit = refit
        self.cv = cv
        self.verbose = verbose
        self.pre_dispatch = pre_dispatch
        self.random_state = random_state
        self.error_score = error_score
        self.return_train_score = return_train_score

    def fit(self, X, y=None, **params):
        """Search, and refit the estimator with the best setting.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        **params : dict
            As in scikit-learn: `groups` for the folds, `sample_weight` and others for estimator and
            scorers, by metadata routing where that is switched on.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            A parameter is wrong, or no setting of the first generation could be fitted.
        """
        if y is None and get_tags(self).target_tags.required:
            raise ValueError(
                f"{type(self.estimator).__name__} requires y to be passed, but the target y is None"
            )
        return super().fit(X, y, **params)

    def _run_search(self, evaluate_candidates, *, callback_ctx=None):
        """Evaluate one generation after the other; scikit-learn's `fit` calls this."""
        self._check_parameters()
        with told_as_tasks(self, evaluate_candidates, callback_ctx) as evaluate:
            self._search(evaluate)

    def _search(self, evaluate):
        coding = ParameterCoding(self.param_distributions)
        fitness = SettingFitness(evaluate, coding, self.cv, self.refit, self.error_score)
        rng = np.random.default_rng(draw_seed(self.random_state))
        start = rng.random((self.population_size, coding.n_coordinates))
        search = generations(
            fitness,
            start,
            np.zeros(coding.n_coordinates),
            np.ones(coding.n_coordinates),
            max_iter=self.max_iter,
            rng=rng,
            shrinkage=self.shrinkage,
        )
        rows = [_row(generation, fitness.n_evaluations) for generation in search]
        self.history_ = _as_frame(rows)
        self.n_iter_ = self.max_iter
        self.n_evaluations_ = fitness.n_evaluations

    def __getstate__(self):
        state = super().__getstate__()
        return state | {"param_distributions": named(state["param_distributions"])}

    def __setstate__(self, state):
        super().__setstate__(state | {"param_distributions": frozen(state["param_distributions"])})

    def _check_parameters(self):
        for name, lowest in (("population_size", 1), ("max_iter", 0)):
            value = getattr(self, name)
            if not isinstance(value, numbers.Integral) or value < lowest:
                raise ValueError(
                    f"{name} must be an integer of at least {lowest}. Got {value!r} instead."
                )
        # What a callable scores is known once it has scored; the fitness asks then.
        if isinstance(self.scoring, list | tuple | dict):
            followed_metric(self.refit, list(self.scoring))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # The parent hands on the kind of the estimator, not what y and missing values mean to it.
        inner = get_tags(self.estimator)
        tags.target_tags = inner.target_tags
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


def _row(generation, n_evaluations):
    scores = -generation.costs[np.isfinite(generation.costs)]
    best, mean = (scores.max(), scores.mean()) if scores.size else (np.nan, np.nan)
    return {
        "iteration": generation.t,
        "best": best,
        "mean": mean,
        "evaluations": n_evaluations,
    }


def _as_frame(rows):
    # pandas is slow to load, and needed only here.
    from pandas import DataFrame

    return DataFrame(rows)
