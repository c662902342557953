"""LyrebirdSelector: the subset of columns with which a forest does best."""

import pickle
import warnings

import joblib
import numpy as np
from scipy.stats import rankdata
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics import check_scoring
from sklearn.utils import get_tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from sicf._one_for_each import one_for_each
from sicf._plain_state import PlainState
from sicf.selection._budget import Budget
from sicf.selection._checkpoint import Checkpoint, NoCheckpoint
from sicf.selection._draw_seed import draw_seed
from sicf.selection._first_subsets import check_init
from sicf.selection._fold_score import EstimatorScore, choose_fold_score
from sicf.selection._history_figure import draw_history
from sicf.selection._mask_fitness import MaskFitness
from sicf.selection._search_log import SearchLog
from sicf.selection._search_of_mode import search_of_mode
from sicf.selection._search_plan import draw_plan
from sicf.selection._selector_checks import check_metadata, check_parameters
from sicf.selection._trial_fit import check_trial_fit

# Parameters that do not change which search it is; the seed enters a checkpoint's key as a number.
NO_EFFECT = ("n_jobs", "verbose", "callback", "checkpoint", "max_time", "random_state")


class LyrebirdSelector(PlainState, SelectorMixin, MetaEstimatorMixin, BaseEstimator):
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
    transfer : {"threshold", "s", "v"}, default="threshold"
        How a position becomes a subset. "threshold": the columns above one half or, in "robust"
        mode, above a threshold of the member's own. "s" and "v": positions in [-6, 6], from which
        each column is drawn, once, by the sigmoid ``1 / (1 + exp(-x))``, or changed by
        ``|tanh(x)|``.
    init : {"mixed", "uniform"} or array-like of bool of shape (N, n_features), default="mixed"
        The first generation. "mixed": subsets of 1 to 50 % of the columns, that follow the F test,
        the importance in a forest, chance, or a blend of them. "uniform": by chance alone; so is
        "mixed" in "paper" mode, which has no filter. Masks set the size of the population.
    population_size : int, default=10
        Subsets in a generation, at least 1.
    max_iter : int, default=10
        Generations after the first, at least 0.
    cv : int, splitter, "oob" or None, default=5
        Folds of the fitness. None is 5. An integer is shuffled and stratified; with `groups` it
        keeps each group on one side (`StratifiedGroupKFold`). A splitter that draws the same folds
        each time leaves "robust" mode no folds that the search has not used. "oob" is one fit a
        subset, scored out of bag; there the filters have seen the rows that are scored.
    scoring : str or callable, default="accuracy"
        As in scikit-learn.
    alpha : float, default=1.0
        Weight of the score against the size, in [0, 1]: the fitness is
        ``alpha * score + (1 - alpha) * (1 - size / n_features)``. The paper's is the score alone.
    min_features : int, default=1
        Smallest subset.
    max_features : int, default=None
        Largest subset. None is all columns; between half of the columns and all of them "robust"
        mode does not search.
    reserve : float, default=None
        Share of the patients, or of the rows where there are no groups, that the search does not
        see: the nearest of a half, a third, a quarter and so on. What it chooses is judged on them,
        by filters and forests that have not seen whom they judge. 0 reserves nobody. None is a
        fifth in "robust" mode, or with a warning nobody where the patients are too few, and nobody
        in "paper" mode.
    engine : {"auto", "sklearn", "compiled"}, default="auto"
        What fits the forests of the search. "auto" is a compiled forest for
        `RandomForestClassifier`, in distribution scikit-learn's own and several times faster, and
        scikit-learn for any other estimator and, with a warning, for a forest with parameters or a
        scorer that the compiled one does not know. With "compiled" those are an error.
    max_evals : int, default=None
        Evaluations that the fit may make, at least 3; see `n_evaluations_`.
    max_time : float, default=None
        Seconds after which the search makes way for the finals. The one parameter, beside an
        interruption, with which a result may differ from run to run.
    n_iter_no_change : int, default=None
        Generations in a row after which the search ends, where in none of them a candidate was
        better than the best member on the same folds.
    checkpoint : path-like, default=None
        A folder in which each search keeps one file, named after its data and parameters; a
        function among them goes by its name. A `fit` that was ended, by whatever, goes on from the
        last generation and comes to the same result.
    callback : callable ``callback(intermediate_result)``, default=None
        Called after each generation with an `OptimizeResult`: a row of `history_`, and `support`.
        Returning True, or raising `StopIteration`, ends the search.
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
    ranking_ : ndarray of int of shape (n_features,)
        1 for selected columns, then by the number of the best subsets and of the last generation's
        that hold a column.
    best_score_ : float
        Score of what was chosen on the reserved patients: the honest one. nan where nobody was
        reserved, or where the judging was interrupted.
    search_score_ : float
        Score of what was chosen inside the search. It is optimistic: the choice was made by the
        rows on which it was taken.
    top_masks_ : ndarray of bool of shape (k, n_features)
        Different subsets, the selected one first. In "paper" mode, where all scores are of the same
        folds, the best of all that were scored, as many as the population holds. In "robust" mode
        those that were compared last: the finalists of the last finals, at most five, or, where
        there were none, the last generation.
    top_scores_ : ndarray of shape (k,)
        The fitness by which they were ordered; nan where the budget was spent before.
    reserved_ : ndarray of int
        Rows of X that were reserved.
    history_ : DataFrame
        For each generation: `iteration`, `best` and `mean` fitness, `size` of the best subset,
        `evaluations` and `seconds` so far.
    n_evaluations_ : int
        Cross-validations made; one is `cv` fits. The forests that rank the columns in each fold
        count, and the fits on reserved patients, a round of each for one evaluation.
    n_iter_ : int
        Generations after the first.
    n_features_in_ : int
    feature_names_in_ : ndarray of str of shape (n_features,)
        Where the columns of X have names.

    See Also
    --------
    lyrebird_minimize : The search itself, on real vectors.
    LyrebirdSearchCV : The search over an estimator's parameters.

    Notes
    -----
    Between subsets that are alike the fitness is mostly luck, and a greedy search keeps luck. So
    "robust" mode

    - ranks the columns by the F test and by their importance in a forest, inside each training
      fold; a member is a blend of these rankings and one of its own, and a size;
    - draws folds and seed anew for every second generation, and scores members and candidates on
      the same ones, so that nobody lives on one lucky draw;
    - leaves out the published algorithm's pull towards zero (I = 1), which shrinks subsets even
      where the fitness is noise;
    - holds finals, on four draws of folds that the search has not used: its four best subsets, the
      best columns by either ranking in eight sizes, and all columns. Of those within a standard
      error of the best the smallest is chosen [3]_;
    - judges it on patients reserved before the search began, whose parts are tested one after the
      other by rankings and forests that everybody else has taught. What is scored, here and in the
      search, is how the columns are chosen; the selected columns are those so chosen by the mean
      of these rankings, which together have seen everybody. With `reserve=0`, with a transfer
      function, and in "paper" mode they are the very columns that were scored.

    With N members and T iterations "paper" costs at most ``N (1 + T)`` evaluations, and one more
    where patients are reserved, "robust" ``N (1 + T + T // 2) + T // 2 + 44``; a subset met again
    under the same folds costs none.

    The compiled forest bins each column once, by the values of all rows; up to 256 different values
    that changes nothing, and beyond that it is all that the search knows of the reserved rows.

    `fit` asks for `groups` and `sample_weight` by itself where metadata routing is switched on, so
    that cross-validation of a pipeline hands them to the folds inside. Where `estimator` takes no
    weights, ``set_fit_request(sample_weight=False)`` keeps them away.

    The first Ctrl-C ends the search, its finals or its judging, whichever it meets, and keeps the
    best so far; a second one raises.

    References
    ----------
    .. [1] M. Dehghani et al., "Lyrebird optimization algorithm: a new bio-inspired metaheuristic
       algorithm for solving optimization problems", Biomimetics 8 (6), 507, 2023.
       :doi:`10.3390/biomimetics8060507`
    .. [2] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`
    .. [3] L. Breiman, J. Friedman, R. Olshen and C. Stone, "Classification and Regression Trees",
       1984, section 3.4.3. :doi:`10.1201/9781315139470`

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sicf import LyrebirdSelector
    >>> X, y = load_iris(return_X_y=True)
    >>> selector = LyrebirdSelector(population_size=4, max_iter=2, cv=3, random_state=0)
    >>> bool(selector.fit_transform(X, y).shape[1] == selector.support_.sum())
    True
    """

    __metadata_request__fit = {"groups": True, "sample_weight": True}  # noqa: RUF012

    def __init__(
        self,
        estimator=None,
        *,
        mode="robust",
        transfer="threshold",
        init="mixed",
        population_size=10,
        max_iter=10,
        cv=5,
        scoring="accuracy",
        alpha=1.0,
        min_features=1,
        max_features=None,
        reserve=None,
        engine="auto",
        max_evals=None,
        max_time=None,
        n_iter_no_change=None,
        checkpoint=None,
        callback=None,
        n_jobs=None,
        random_state=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.mode = mode
        self.transfer = transfer
        self.init = init
        self.population_size = population_size
        self.max_iter = max_iter
        self.cv = cv
        self.scoring = scoring
        self.alpha = alpha
        self.min_features = min_features
        self.max_features = max_features
        self.reserve = reserve
        self.engine = engine
        self.max_evals = max_evals
        self.max_time = max_time
        self.n_iter_no_change = n_iter_no_change
        self.checkpoint = checkpoint
        self.callback = callback
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
            Samples of one group, such as the slices of a patient, stay on one side of each fold,
            and are reserved together.
        **fit_params : dict
            `sample_weight`, handed to the estimator's `fit`; scores are not weighted.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a class or the groups are too few for the folds, a parameter is out of
            its range, or the checkpoint is damaged or cannot be written.
        """
        X, y, groups, sample_weight = self._check_fit_input(X, y, groups, fit_params)
        checkpoint = self._checkpoint(X, y, groups, sample_weight)
        saved = checkpoint.load()
        plan = draw_plan(
            checkpoint.seed,
            y,
            groups,
            cv=self.cv,
            reserve=0 if self.reserve is None and self.mode == "paper" else self.reserve,
            classifier=is_classifier(self._base_estimator()),
        )
        score_fold = self._score_fold(X, y, sample_weight, plan)
        budget = Budget(self.max_evals, self.max_time)
        fitness = MaskFitness(score_fold, budget, self.n_jobs)
        rng = np.random.default_rng(plan.search_seed)
        log = SearchLog(
            fitness,
            checkpoint,
            rng,
            max_iter=self.max_iter,
            n_iter_no_change=self.n_iter_no_change,
            callback=self.callback,
            verbose=self.verbose,
        )
        last = None if saved is None else log.restore(saved)
        limits, classifier = self._limits(), is_classifier(self._base_estimator())
        search = search_of_mode(self, fitness, plan, rng, limits=limits, classifier=classifier)
        budget.kept_back = search.n_evaluations_to_judge if plan.reserved.size else 0
        found, self.best_score_ = search.run(log, last), np.nan
        if plan.reserved.size:
            found, self.best_score_ = _judged(search, found, plan.judging, log)
        self._keep(found)
        self.reserved_ = plan.reserved
        self.history_ = log.history
        self.n_iter_ = log.n_iter
        self.n_evaluations_ = budget.evaluations
        return self

    def plot_history(self, ax=None):
        """Draw the best and the mean fitness, and the size of the best subset, by generation.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes one.

        Returns
        -------
        matplotlib Axes
        """
        check_is_fitted(self)
        return draw_history(self, ax)

    def _check_fit_input(self, X, y, groups, fit_params):
        """Check everything that can be before a draw; give plain arrays, or None."""
        labels = np.asarray(y, dtype=object)
        if labels.ndim == 1:
            one_for_each(labels, "y")
        X, y = validate_data(self, X, y, ensure_all_finite=self._finite() or "allow-nan")
        check_parameters(self, X.shape[1])
        check_init(self.init, *self._limits())
        estimator = self._base_estimator()
        if is_classifier(estimator):
            check_classification_targets(y)
            if len(np.unique(y)) < 2:
                raise ValueError(f"y must hold at least 2 classes. Got 1 class: {y.tolist()[0]!r}.")
        return X, y, *check_metadata(X, groups, fit_params, estimator, self.cv)

    def _checkpoint(self, X, y, groups, sample_weight):
        """The file of this search, or none, and with it the seed of all draws."""
        seed = draw_seed(self.random_state)
        if self.checkpoint is None:
            return NoCheckpoint(seed)
        parameters = self.get_params(deep=False)
        parameters = {name: value for name, value in parameters.items() if name not in NO_EFFECT}
        own_seed = None if self.random_state is None else seed
        data = [np.ascontiguousarray(X), y, groups, sample_weight]
        try:
            key = joblib.hash([data, parameters, own_seed], hash_name="sha1")
        except (pickle.PicklingError, TypeError) as exc:
            raise ValueError(
                "checkpoint needs parameters that can be pickled, to name its file after them: "
                f"no lambda and no generator. {exc.args[0]}"
            ) from exc
        return Checkpoint(self.checkpoint, key, seed)

    def _limits(self):
        """Number of columns, and the smallest and the largest subset."""
        highest = self.n_features_in_ if self.max_features is None else self.max_features
        return self.n_features_in_, self.min_features, highest

    def _score_fold(self, X, y, sample_weight, plan):
        """What scores a subset on a fold, once it has been seen to work."""
        estimator = self._base_estimator()
        scorer = check_scoring(estimator, scoring=self.scoring)
        work = estimator, X, y, scorer, sample_weight
        trial = EstimatorScore(*work), self.scoring, self.min_features
        check_trial_fit(*trial, plan.rounds(0).folds[0], reserves=plan.reserved.size > 0)
        return choose_fold_score(self.engine, *work)

    def _base_estimator(self):
        if self.estimator is not None:
            return clone(self.estimator)
        return RandomForestClassifier(max_depth=20, class_weight="balanced")

    def _keep(self, found):
        """Turn what was found into attributes."""
        if not np.isfinite(found.scores[0]):
            warnings.warn(
                "The budget was spent before a subset was scored: support_ is the best of the "
                "initial ones.",
                stacklevel=3,
            )
        self.support_ = found.masks[0]
        self.search_score_ = found.search_score
        self.top_masks_ = found.masks
        self.top_scores_ = found.scores
        held = found.masks.sum(axis=0) + found.population.sum(axis=0)
        self.ranking_ = rankdata(np.where(self.support_, -np.inf, -held), method="dense")

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


def _judged(search, found, round_, log):
    """What was found and its score by reserved patients; as it stands where that is interrupted."""
    try:
        return search.judge(found, round_)
    except KeyboardInterrupt:
        log.interrupt(depth=3)
        return found, np.nan
