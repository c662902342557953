"""LyrebirdSelector: the subset of columns with which a forest does best."""

import numbers

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    has_fit_parameter,
    validate_data,
)

from sicf._one_for_each import one_for_each
from sicf.selection._fold_score import ENGINES, choose_fold_score, seeded
from sicf.selection._folds import draw_folds
from sicf.selection._mask_coding import RankedCoding, ThresholdCoding
from sicf.selection._mask_fitness import MaskFitness
from sicf.selection._mask_search import MaskSearch, rounds_needed

MODES = ("robust", "paper")
ROBUST_DENSITIES = (0.01, 0.5)


class LyrebirdSelector(SelectorMixin, MetaEstimatorMixin, BaseEstimator):
    """Select columns by the Lyrebird search: the fitness of a subset is its cross-validated score.

    Parameters
    ----------
    estimator : estimator, default=None
        Scores the subsets. It is cloned, never changed, and every clone is seeded. None is the
        paper's ``RandomForestClassifier(max_depth=20, class_weight="balanced")``.
    mode : {"robust", "paper"}, default="robust"
        "paper" is the literal text: positions in [0, 1] with a threshold at one half, the same
        folds and seed throughout, greedy acceptance; the best member's subset is the answer.
        "robust" is ours; see Notes.
    population_size : int, default=10
        Subsets in a generation, at least 1.
    max_iter : int, default=10
        Generations after the first, at least 0.
    cv : int, splitter or None, default=5
        Folds of the fitness. None is 5. An integer is shuffled and stratified; with `groups` it
        keeps each group on one side (`StratifiedGroupKFold`).
    scoring : str or callable, default="accuracy"
        As in scikit-learn.
    alpha : float, default=1.0
        Weight of the score against the size, in [0, 1]: the fitness is
        ``alpha * score + (1 - alpha) * (1 - size / n_features)``. The paper's is the score alone.
    min_features : int, default=1
        Smallest subset.
    max_features : int, default=None
        Largest subset. None is all columns.
    engine : {"auto", "sklearn", "compiled"}, default="auto"
        What fits the forests of the search. "auto" is a compiled forest for
        `RandomForestClassifier`, in distribution scikit-learn's own and several times faster, and
        scikit-learn for any other estimator and, with a warning, for a forest with parameters or a
        scorer that the compiled one does not know. With "compiled" those are an error.
    n_jobs : int, default=None
        Workers over the subsets of a generation. The result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws start, steps, folds and the estimators' seeds.
    verbose : int, default=0
        Above 0, a progress bar over the generations.

    Attributes
    ----------
    support_ : ndarray of bool of shape (n_features,)
        The selected columns.
    search_score_ : float
        Score of the selected subset inside the search. It is the best of many noisy numbers, and
        therefore optimistic: judge the selection by cross-validating the whole pipeline.
    history_ : dict of list
        For each generation: `iteration`, `best` and `mean` fitness, `size` of the best subset,
        `evaluations` so far and `seconds`. `pandas.DataFrame` takes it.
    n_evaluations_ : int
        Cross-validations made; one is `cv` fits.
    n_iter_ : int
        Generations after the first.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    lyrebird_minimize : The search itself, on real vectors.

    Notes
    -----
    Between subsets that are alike the fitness is mostly luck, and a greedy search keeps luck. So
    "robust" mode

    - draws subsets of all sizes from 1 to 50 % of the columns, and lets size be a coordinate of
      its own, so that a step changes which columns are in rather than how many;
    - draws folds and seed anew for every second generation, and scores members and candidates on
      the same ones, so that nobody lives on one lucky draw;
    - leaves out the published algorithm's pull towards zero (I = 1), which shrinks subsets even
      where the fitness is noise;
    - scores its four best subsets and all columns once more, on two draws of folds that it has not
      used, and takes the best of them, of equals the smaller.

    With N members and T iterations "paper" costs at most ``N (1 + T)`` cross-validations, "robust"
    ``N (1 + T + T // 2) + 10``; a subset met again under the same folds costs none.

    `fit` asks for `groups` and `sample_weight` by itself where metadata routing is switched on, so
    that cross-validation of a pipeline hands them to the folds inside.

    References
    ----------
    .. [1] M. Dehghani et al., "Lyrebird optimization algorithm: a new bio-inspired metaheuristic
       algorithm for solving optimization problems", Biomimetics 8 (6), 507, 2023.
       :doi:`10.3390/biomimetics8060507`
    .. [2] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sicf import LyrebirdSelector
    >>> X, y = load_iris(return_X_y=True)
    >>> selector = LyrebirdSelector(population_size=4, max_iter=2, cv=3, random_state=0)
    >>> selector.fit_transform(X, y).shape[1] == selector.support_.sum()
    np.True_
    """

    __metadata_request__fit = {"groups": True, "sample_weight": True}  # noqa: RUF012

    def __init__(
        self,
        estimator=None,
        *,
        mode="robust",
        population_size=10,
        max_iter=10,
        cv=5,
        scoring="accuracy",
        alpha=1.0,
        min_features=1,
        max_features=None,
        engine="auto",
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.mode = mode
        self.population_size = population_size
        self.max_iter = max_iter
        self.cv = cv
        self.scoring = scoring
        self.alpha = alpha
        self.min_features = min_features
        self.max_features = max_features
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y, *, groups=None, **fit_params):
        """Search for the subset.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        groups : array-like of shape (n_samples,), default=None
            Samples of one group, such as the slices of a patient, stay on one side of each fold.
        **fit_params : dict
            `sample_weight`, handed to the estimator's `fit`; scores are not weighted.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            A class or the groups are too few for the folds, or a parameter is out of its range.
        """
        labels = np.asarray(y, dtype=object)
        if labels.ndim == 1:
            one_for_each(labels, "y")
        X, y = validate_data(self, X, y, ensure_all_finite=self._finite())
        groups, sample_weight = self._check_fit_input(X, y, groups, fit_params)
        rng = check_random_state(self.random_state)
        rounds = self._draw_rounds(y, groups, rng)
        fitness = self._make_fitness(X, y, sample_weight, rounds[0][0])
        search = MaskSearch(
            fitness,
            self._coding(),
            rounds,
            population_size=self.population_size,
            max_iter=self.max_iter,
            alpha=self.alpha,
            rng=rng,
            verbose=self.verbose,
        )
        run = search.as_published if self.mode == "paper" else search.robustly
        self.support_, self.search_score_ = run()
        self.history_ = search.history
        self.n_evaluations_ = fitness.n_evaluations
        self.n_iter_ = self.max_iter
        return self

    def _limits(self):
        """Number of columns, and the smallest and the largest subset."""
        highest = self.n_features_in_ if self.max_features is None else self.max_features
        return self.n_features_in_, self.min_features, highest

    def _coding(self):
        n_columns, lowest, highest = self._limits()
        if self.mode == "paper":
            return ThresholdCoding(n_columns, lowest, highest)
        sizes = [max(1, round(share * n_columns)) for share in ROBUST_DENSITIES]
        smallest, largest = np.clip(sizes, lowest, highest).tolist()
        return RankedCoding(n_columns, smallest, largest, highest == n_columns)

    def _draw_rounds(self, y, groups, rng):
        n_draws = rounds_needed(self.mode, self.max_iter)
        classifier = is_classifier(self._base_estimator())
        return draw_folds(self.cv, y, groups, classifier=classifier, n_draws=n_draws, rng=rng)

    def _make_fitness(self, X, y, sample_weight, fold):
        """The fitness, once it has been seen to work on one column of one fold."""
        estimator = self._base_estimator()
        scorer = check_scoring(estimator, scoring=self.scoring)
        train, test = fold
        weight = {} if sample_weight is None else {"sample_weight": sample_weight[train]}
        probe = seeded(estimator, 0).fit(X[train][:, :1], y[train], **weight)
        try:
            scorer(probe, X[test][:, :1], y[test])
        except (AttributeError, ValueError) as exc:
            raise ValueError(
                f"estimator must have what scoring={self.scoring!r} needs. "
                f"{type(estimator).__name__} does not: {exc}"
            ) from exc
        score = choose_fold_score(self.engine, estimator, X, y, scorer, sample_weight)
        return MaskFitness(score, self.n_jobs)

    def _base_estimator(self):
        if self.estimator is not None:
            return clone(self.estimator)
        return RandomForestClassifier(max_depth=20, class_weight="balanced")

    def _check_fit_input(self, X, y, groups, fit_params):
        """Check parameters and metadata; give groups and weights as arrays or None."""
        self._check_parameters()
        unknown = sorted(set(fit_params) - {"sample_weight"})
        if unknown:
            raise TypeError(f"fit takes groups and sample_weight. Got {unknown} instead.")
        if is_classifier(self._base_estimator()):
            check_classification_targets(y)
            if len(np.unique(y)) < 2:
                raise ValueError(f"y must hold at least 2 classes. Got 1 class: {y.tolist()[0]!r}.")
        groups = None if groups is None else one_for_each(groups, "groups")
        check_consistent_length(X, groups)
        sample_weight = fit_params.get("sample_weight")
        if sample_weight is None:
            return groups, None
        if not has_fit_parameter(self._base_estimator(), "sample_weight"):
            name = type(self._base_estimator()).__name__
            raise TypeError(f"sample_weight needs an estimator that takes it. {name} does not.")
        sample_weight = column_or_1d(check_array(sample_weight, ensure_2d=False), dtype=float)
        check_consistent_length(X, sample_weight)
        return groups, sample_weight

    def _check_parameters(self):
        for name, known in (("mode", MODES), ("engine", ENGINES)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} must be one of {known}. Got {getattr(self, name)!r} instead."
                )
        for name, lowest in (("population_size", 1), ("max_iter", 0), ("min_features", 1)):
            value = getattr(self, name)
            if not isinstance(value, numbers.Integral) or value < lowest:
                raise ValueError(
                    f"{name} must be an integer of at least {lowest}. Got {value!r} instead."
                )
        if not isinstance(self.alpha, numbers.Real) or not 0 <= self.alpha <= 1:
            raise ValueError(f"alpha must lie in 0 to 1. Got {self.alpha!r} instead.")
        n_columns, lowest, highest = self._limits()
        if not lowest <= highest <= n_columns:
            raise ValueError(
                "min_features must not exceed max_features, nor that the number of columns. "
                f"Got min_features={lowest}, max_features={highest}, {n_columns} column(s)."
            )

    def _finite(self):
        return not get_tags(self._base_estimator()).input_tags.allow_nan

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = not self._finite()
        return tags
