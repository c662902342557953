"""The selectors of `held_out.py`, ours and the rivals, each as one function on a training part.

Every function takes ``(X, y, groups, seed)`` and gives a `Choice`. Inside, cross-validation has the
same five folds for all rivals, grouped where there are groups, and scores balanced accuracy. Costs
are counted where trees are grown, not computed from settings: an evaluation is 500 trees, that is
five forests of 100.
"""

import random
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import RFECV, SelectKBest, f_classif
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, validate_data
from systems import forest

SCORING = "balanced_accuracy"
N_FOLDS = 5
TREES_OF_AN_EVALUATION = 500


class Choice(NamedTuple):
    """What a selector answers.

    Parameters
    ----------
    mask : ndarray of bool of shape (p,)
    score : float or None
        What the selector itself says of its choice.
    evaluations : float
    """

    mask: np.ndarray
    score: float | None
    evaluations: float


class Meter:
    """Counts trees, whoever grows them in this process."""

    trees = 0

    def __enter__(self):
        Meter.trees = 0
        return self

    def __exit__(self, *_):
        self.evaluations = Meter.trees / TREES_OF_AN_EVALUATION


class MeteredForest(RandomForestClassifier):
    """scikit-learn's forest, counted."""

    def fit(self, X, y, sample_weight=None):
        """Count, and fit."""
        Meter.trees += self.n_estimators
        return super().fit(X, y, sample_weight)


class CompiledClassifier(ClassifierMixin, BaseEstimator):
    """The paper's forest for selectors that need predictions alone, several times faster.

    Equal in distribution to scikit-learn's (``held_out.py --check-forest``), so a rival loses
    nothing. Trees are grown when they are asked for test rows.
    """

    def __init__(self, random_state=0):
        self.random_state = random_state

    def fit(self, X, y):
        """Keep the training rows."""
        self.X_, self.y_ = validate_data(self, X, y, dtype=np.float32)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        """Grow the forest, and take the most probable class of each row."""
        from sicf.selection.forest import CompiledForest

        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, reset=False)
        Meter.trees += 100
        train = np.arange(len(self.X_))
        # The labels of the rows asked for are not looked at; they only need a place.
        labels = np.concatenate([self.y_, np.full(len(X), self.y_[0])])
        compiled = CompiledForest(forest(1), np.concatenate([self.X_, X]), labels)
        test = np.arange(len(train), len(labels))
        columns = np.arange(X.shape[1])
        classes, probabilities = compiled.probabilities(columns, train, test, self.random_state)
        return classes[probabilities.argmax(axis=1)]


def metered_forest(seed, **changes):
    return MeteredForest(**forest(1, seed).get_params() | changes)


def inner_folds(y, groups, seed):
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(N_FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(y)), y, groups))


def as_mask(columns, n_columns):
    return np.isin(np.arange(n_columns), columns)


def all_columns(X, y, groups, seed):
    return Choice(np.ones(X.shape[1], dtype=bool), None, 0.0)


def top_importance(X, y, groups, seed):
    """The 200 columns of the highest importance in 500 trees; of 200 or fewer columns, half."""
    size = 200 if X.shape[1] > 200 else X.shape[1] // 2
    with Meter() as meter:
        importances = metered_forest(seed, n_estimators=500).fit(X, y).feature_importances_
    best = np.argsort(-importances, kind="stable")[:size]
    return Choice(as_mask(best, X.shape[1]), None, meter.evaluations)


def top_f(X, y, groups, seed):
    """The k highest F values; k of 12 on a log grid, the filter fitted inside each inner fold."""
    sizes = np.unique(np.geomspace(min(5, X.shape[1]), X.shape[1], 12).round().astype(int))
    pipeline = Pipeline([("filter", SelectKBest(f_classif)), ("forest", metered_forest(seed))])
    grid = {"filter__k": sizes.tolist()}
    search = GridSearchCV(
        pipeline, grid, scoring=SCORING, cv=inner_folds(y, groups, seed), refit=False
    )
    with Meter() as meter:
        search.fit(X, y)
    mask = SelectKBest(f_classif, k=search.best_params_["filter__k"]).fit(X, y).get_support()
    return Choice(mask, search.best_score_, meter.evaluations)


def rfecv(X, y, groups, seed):
    """Recursive elimination in 14 steps or a few more of equal size, from all columns to one."""
    step = max(1, X.shape[1] // 14)
    folds = inner_folds(y, groups, seed)
    with Meter() as meter:
        search = RFECV(metered_forest(seed), step=step, cv=folds, scoring=SCORING).fit(X, y)
    return Choice(search.support_, search.cv_results_["mean_test_score"].max(), meter.evaluations)


def boruta(X, y, groups, seed):
    """BorutaPy as its README sets it: trees of depth 5, their number chosen by itself.

    Where it confirms nothing the tentative columns are taken, and where there are none, those it
    ranks best.
    """
    from boruta import BorutaPy

    seed_everything(seed)
    search = BorutaPy(
        metered_forest(seed, max_depth=5), n_estimators="auto", max_iter=100, random_state=seed
    )
    with Meter() as meter:
        search.fit(X, y)
    mask = search.support_
    if not mask.any():
        mask = search.support_weak_
    if not mask.any():
        mask = search.ranking_ == search.ranking_.min()
    return Choice(mask, None, meter.evaluations)


def genetic(X, y, groups, seed, *, generations=5, **probabilities):
    """sklearn-genetic-opt: 18 members, then generations of 36 children (its algorithm's habit)."""
    from sklearn_genetic import GAFeatureSelectionCV

    seed_everything(seed)
    search = GAFeatureSelectionCV(
        CompiledClassifier(seed),
        cv=inner_folds(y, groups, seed),
        scoring=SCORING,
        population_size=18,
        generations=generations,
        refit=False,
        verbose=False,
        **probabilities,
    )
    with Meter() as meter:
        search.fit(X, y)
    return Choice(search.support_, search.hof[0].fitness.values[0], meter.evaluations)


def genetic_gentle(X, y, groups, seed):
    """The same with a usual share of crossover and mutation; some children are copies, and free.

    Its default mutation flips each bit with probability 0.8, which all but turns a mask inside out.
    """
    return genetic(
        X, y, groups, seed, generations=6, crossover_probability=0.8, mutation_probability=0.05
    )


def paper(X, y, groups, seed):
    return lyrebird(X, y, groups, seed, mode="paper", population_size=10, max_iter=19)


def robust(X, y, groups, seed):
    """Ours, as it is by default, within 200 evaluations."""
    return lyrebird(X, y, groups, seed, mode="robust", max_evals=200)


def own_start(X, y, groups, seed):
    """The best of the population that ours starts from; so small a budget has no finals."""
    return lyrebird(X, y, groups, seed, mode="robust", max_iter=0, max_evals=20)


def random_search(X, y, groups, seed):
    """The best of 200 subsets drawn by chance, of 1 to 50 % of the columns as ours begins with."""
    rng = np.random.default_rng(seed)
    densities = np.exp(rng.uniform(np.log(0.01), np.log(0.5), 200))
    masks = rng.random((200, X.shape[1])) < densities[:, np.newaxis]
    masks[np.arange(200), rng.integers(X.shape[1], size=200)] = True  # none is empty
    settings = {"mode": "paper", "init": masks, "population_size": 200, "max_iter": 0}
    return lyrebird(X, y, groups, seed, **settings)


def lyrebird(X, y, groups, seed, **settings):
    """Our selector. Its honest score is reported where it has one, else that of its search."""
    from sicf.selection import LyrebirdSelector

    selector = LyrebirdSelector(scoring=SCORING, random_state=seed, **settings)
    selector.fit(X, y, groups=groups)
    score = getattr(selector, "best_score_", np.nan)
    if np.isnan(score):
        score = selector.search_score_
    return Choice(selector.support_, score, selector.n_evaluations_)


def seed_everything(seed):
    """For packages that draw from the global generators."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002


# From the cheapest to the dearest.
METHODS = {
    "all columns": all_columns,
    "importance, top 200": top_importance,
    "F, k chosen inside": top_f,
    "RFECV": rfecv,
    "own start": own_start,
    "robust": robust,
    "random search": random_search,
    "paper": paper,
    "genetic-opt": genetic,
    "BorutaPy": boruta,
    "genetic-opt, gentle": genetic_gentle,
}
