import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import parallel_config
from matplotlib import pyplot
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import VarianceThreshold
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedGroupKFold,
    cross_val_score,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sicf import LyrebirdSelector
from sicf.selection._mask_fitness import MaskFitness


def small(estimator=None, **parameters):
    """A selector that takes a fraction of a second."""
    defaults = {"population_size": 4, "max_iter": 2, "cv": 3, "random_state": 0}
    estimator = DecisionTreeClassifier() if estimator is None else estimator
    return LyrebirdSelector(estimator, **(defaults | parameters))


@pytest.fixture(scope="module")
def data():
    return make_classification(
        90, 40, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
    )


@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_the_mask_that_was_scored_is_the_mask_that_is_returned(data, mode):
    """The reported score is that of plain scikit-learn on the returned columns."""
    X, y = data
    selector = small(KNeighborsClassifier(), mode=mode, cv=KFold(3), reserve=0).fit(X, y)
    scores = cross_val_score(KNeighborsClassifier(), selector.transform(X), y, cv=KFold(3))
    assert selector.search_score_ == pytest.approx(scores.mean())
    assert selector.transform(X).shape[1] == selector.support_.sum() >= 1


def test_paper_mode_costs_what_it_says_and_never_gets_worse(data):
    X, y = data
    selector = small(mode="paper", population_size=5, max_iter=6).fit(X, y)
    assert selector.n_evaluations_ <= 5 * 7
    history = selector.history_
    assert (np.diff(history["best"]) >= 0).all()
    assert history["best"].iloc[-1] == selector.search_score_
    assert history["iteration"].tolist() == list(range(7))
    assert np.isnan(selector.best_score_)
    assert selector.reserved_.size == 0


@pytest.mark.parametrize("init", ["mixed", "uniform"])
def test_robust_mode_costs_what_it_says(data, init):
    X, y = data
    selector = small(population_size=5, max_iter=3, init=init).fit(X, y)
    search = 5 * (1 + 3 + 1) + 2 * (init == "mixed")
    finals, judged = 21 + 5 * 3 + 4 + 1, 1 + (init == "mixed")
    assert 5 * (1 + 3) < selector.n_evaluations_ <= search + finals + judged


@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_informative_columns_are_found_more_often_than_by_chance(mode):
    X, y = make_classification(
        120, 60, n_informative=5, n_redundant=0, shuffle=False, class_sep=2, random_state=1
    )
    selector = small(mode=mode, population_size=16, max_iter=10, max_features=20, alpha=0.9).fit(
        X, y
    )
    assert selector.support_[:5].mean() > selector.support_[5:].mean() + 0.2


def test_ties_go_to_the_smaller_subset_in_robust_mode():
    X = np.tile(np.repeat([0.0, 1.0], 20)[:, np.newaxis], 10)
    selector = small(population_size=6).fit(X, X[:, 0].astype(int))
    assert selector.search_score_ == 1
    assert selector.support_.sum() < 10


def test_size_counts_where_alpha_is_below_one(data):
    X, y = data
    by_score, by_size = (small(mode="paper", alpha=a, max_iter=8).fit(X, y) for a in (1.0, 0.05))
    assert by_size.support_.sum() < by_score.support_.sum()


class SpyKFold(StratifiedGroupKFold):
    """Asserts that no group stands on both sides."""

    calls = 0

    def split(self, X, y=None, groups=None):
        assert groups is not None, "groups were lost"
        for train, test in super().split(X, y, groups):
            assert not set(groups[train]) & set(groups[test])
            SpyKFold.calls += 1
            yield train, test


def test_groups_reach_the_inner_folds_through_a_pipeline_in_cross_validation(data):
    X, y = data
    groups = np.repeat(np.arange(30), 3)
    SpyKFold.calls = 0
    pipeline = make_pipeline(StandardScaler(), small(cv=SpyKFold(3)), DecisionTreeClassifier())
    with sklearn.config_context(enable_metadata_routing=True):
        done = cross_validate(
            pipeline, X, y, cv=GroupKFold(3), params={"groups": groups}, error_score="raise"
        )
    assert len(done["test_score"]) == 3
    assert SpyKFold.calls >= 9


def test_integer_cv_with_groups_keeps_them_together(data, monkeypatch):
    X, y = data
    groups = np.repeat(np.arange(30), 3)
    seen = []
    monkeypatch.setattr(
        "sicf.selection._fold_score.EstimatorScore.__call__",
        lambda self, columns, train, test, seed: seen.append((train, test)) or 0.5,
    )
    small().fit(X, y, groups=groups)
    assert seen
    assert not any(set(groups[train]) & set(groups[test]) for train, test in seen)


def test_sample_weight_reaches_the_estimator(data):
    X, y = data
    only_class_two = np.where(y == 2, 1.0, 0.0)
    majority = DummyClassifier(strategy="most_frequent")
    fitted = small(majority, mode="paper").fit(X, y, sample_weight=only_class_two)
    assert fitted.search_score_ == pytest.approx((y == 2).mean())
    with pytest.raises(TypeError, match="sample_weight needs.*KNeighborsClassifier does not"):
        small(KNeighborsClassifier()).fit(X, y, sample_weight=only_class_two)
    with pytest.raises(TypeError, match=r"groups and sample_weight. Got \['weights'\]"):
        small().fit(X, y, weights=only_class_two)


class WeightedNeighbors(KNeighborsClassifier):
    """Takes weights, and asserts that these are those of its rows."""

    fits = 0

    def fit(self, X, y, sample_weight=None):
        np.testing.assert_array_equal(sample_weight, 1 + y)
        WeightedNeighbors.fits += 1
        return super().fit(X, y)


def test_routed_weights_reach_every_fit_of_an_estimator_that_takes_them(data):
    X, y = data
    WeightedNeighbors.fits = 0
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_scorer(accuracy_score).set_score_request(sample_weight=False)
        cross_validate(
            make_pipeline(small(WeightedNeighbors()), KNeighborsClassifier()),
            X,
            y,
            cv=3,
            scoring=scorer,
            params={"sample_weight": 1 + y},
            error_score="raise",
        )
    assert WeightedNeighbors.fits > 3 * 4 * 3


def test_routed_weights_can_be_kept_from_an_estimator_that_takes_none(data):
    X, y = data
    with sklearn.config_context(enable_metadata_routing=True):
        tree = DecisionTreeClassifier(random_state=0).set_fit_request(sample_weight=True)
        selector = small(KNeighborsClassifier())
        with pytest.raises(TypeError, match=r"set_fit_request\(sample_weight=False\)"):
            make_pipeline(selector, tree).fit(X, y, sample_weight=1.0 + y)
        selector = selector.set_fit_request(sample_weight=False)
        fitted = make_pipeline(selector, tree).fit(X, y, sample_weight=np.where(y == 2, 1.0, 0.0))
    assert (fitted.predict(X) == 2).all()
    np.testing.assert_array_equal(
        fitted[0].support_, small(KNeighborsClassifier()).fit(X, y).support_
    )


@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_result_does_not_depend_on_jobs_and_backend(data, mode):
    X, y = data
    forest = RandomForestClassifier(5)
    alone = small(forest, mode=mode).fit(X, y)
    for backend in ("threading", "loky"):
        with parallel_config(backend=backend):
            other = small(forest, mode=mode, n_jobs=2).fit(X, y)
        np.testing.assert_array_equal(other.support_, alone.support_)
        assert other.search_score_ == alone.search_score_
        assert other.best_score_ == pytest.approx(alone.best_score_, nan_ok=True)
        pd.testing.assert_frame_equal(
            other.history_.drop(columns="seconds"), alone.history_.drop(columns="seconds")
        )


def test_users_estimator_and_global_generator_are_left_alone(data):
    X, y = data
    forest = RandomForestClassifier(3, random_state=77)
    before = np.random.get_state()  # noqa: NPY002
    small(forest, random_state=None).fit(X, y)
    assert forest.random_state == 77
    assert not hasattr(forest, "estimators_")
    np.testing.assert_equal(np.random.get_state(), before)  # noqa: NPY002


def test_clone_pickle_pandas_and_grid_search(data):
    X, y = data
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(40)])
    selector = small().set_output(transform="pandas").fit(frame, y)
    chosen = pickle.loads(pickle.dumps(selector)).transform(frame)
    assert list(chosen) == list(frame.columns[selector.support_])
    assert clone(selector).get_params()["cv"] == 3
    pipeline = make_pipeline(small(), DecisionTreeClassifier(random_state=0))
    grid = {"lyrebirdselector__mode": ["robust", "paper"], "lyrebirdselector__max_features": [9]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_estimator_[0].support_.sum() <= 9


def test_regression_works_as_well(data):
    X, _ = data
    selector = small(LinearRegression(), scoring="r2", max_iter=3).fit(X, X[:, 0] - X[:, 1])
    assert selector.search_score_ > 0.5


def test_default_estimator_is_the_papers_forest():
    X, y = load_iris(return_X_y=True)
    selector = LyrebirdSelector(population_size=2, max_iter=1, cv=2, random_state=0).fit(X, y)
    assert selector.search_score_ > 0.9


def test_progress_is_shown_when_asked(data, capsys):
    small(verbose=1, max_iter=1).fit(*data)
    assert "Lyrebird" in capsys.readouterr().err


def _size_of_tree(estimator, X, y):
    return -estimator.tree_.node_count


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"mode": "fast"}, "mode must be one of"),
        ({"engine": "gpu"}, "engine must be one of"),
        ({"population_size": 0}, "population_size must be at least 1. Got 0"),
        ({"max_iter": -1}, "max_iter must be at least 0. Got -1"),
        ({"min_features": 0}, "min_features must be at least 1. Got 0"),
        ({"alpha": 1.5}, "alpha must lie in 0 to 1. Got 1.5"),
        ({"min_features": 9, "max_features": 5}, "Got min_features=9, max_features=5"),
        ({"max_features": 41}, r"max_features=41, 40 column\(s\)"),
        ({"cv": 1}, "cv must be at least 2 folds. Got 1"),
        ({"cv": 60}, "Every class must have at least cv=60 members. Class 0 has"),
        ({"cv": "out-of-bag"}, "number of folds, a splitter or 'oob'. Got 'out-of-bag'"),
        ({"transfer": "z"}, "transfer must be one of"),
        ({"init": "all"}, "init must be one of .* or masks. Got 'all'"),
        ({"init": np.ones((2, 39), bool)}, r"shape \(m, 40\).*Got bool of shape \(2, 39\)"),
        ({"init": np.ones((2, 40))}, r"Got float64 of shape \(2, 40\)"),
        ({"init": np.zeros((2, 40), bool)}, "1 to 40 columns. Mask 0 holds 0"),
        ({"reserve": 0.7}, "reserve must lie in 0 to 0.5. Got 0.7"),
        ({"reserve": 0.2, "cv": 60}, "at least 61 members, .* Class 0 has .*reserve=0"),
        ({"max_evals": 2}, "max_evals must be at least 3. Got 2"),
        ({"max_time": 0}, "max_time must be above 0. Got 0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be at least 1. Got 0"),
        ({"checkpoint": __file__}, "checkpoint must be a folder that can be written to"),
        (
            {"scoring": "roc_auc_ovr", "estimator": LinearSVC()},
            "have what scoring='roc_auc_ovr' needs",
        ),
        ({"scoring": ["accuracy", "f1_macro"]}, "scoring must give one number"),
        ({"scoring": _size_of_tree}, "scoring must ask for predictions alone.*reserve=0"),
        ({"cv": PredefinedSplit(np.arange(90) % 3), "reserve": 0.2}, "needs reserve=0"),
    ],
)
def test_wrong_parameter_is_named_before_any_search(data, parameters, message, monkeypatch):
    monkeypatch.setattr("sicf.selection._mask_fitness.cross_validated", _no_search)
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(*data)


def _no_search(*args):
    raise AssertionError("the search began")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("one class", "at least 2 classes. Got 1 class"),
        ("nan in y", "y must hold a value for every sample. Sample .* has nan"),
        ("none in y", "y must hold a value for every sample. Sample 3 has None"),
        ("nan in groups", "groups must hold a value for every sample. Sample 5 has nan"),
        ("cv without groups", "must stand on one side of a split. Group .* inner fold 0"),
        ("few groups", "groups must hold at least cv=3 different groups. Got 2"),
        ("class in one group", "Every training fold must hold every class.*lacks"),
        ("short groups", "inconsistent numbers of samples"),
    ],
)
@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
def test_bad_input_is_named_before_any_search(data, change, message, monkeypatch):
    monkeypatch.setattr("sicf.selection._mask_fitness.cross_validated", _no_search)
    X, y = data
    groups = np.repeat(np.arange(30), 3)
    if change == "one class":
        y = np.zeros_like(y)
    elif change == "nan in y":
        y = np.where(y == 0, np.nan, y)
    elif change == "none in y":
        y = [None if number == 3 else str(label) for number, label in enumerate(y)]
    elif change == "nan in groups":
        groups = np.where(np.arange(90) == 5, np.nan, groups)
    elif change == "few groups":
        groups = np.arange(90) % 2
    elif change == "class in one group":
        groups = np.where(y == 0, 99, groups)
    elif change == "short groups":
        groups = groups[:-1]
    cv = ShuffleSplit(2, random_state=0) if change == "cv without groups" else 3
    with pytest.raises(ValueError, match=message):
        small(cv=cv).fit(X, y, groups=groups)


@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_top_masks_and_ranking_agree_with_the_support(data, mode):
    selector = small(mode=mode).fit(*data)
    np.testing.assert_array_equal(selector.top_masks_[0], selector.support_)
    assert len(np.unique(selector.top_masks_, axis=0)) == len(selector.top_masks_)
    assert selector.top_scores_.shape == (len(selector.top_masks_),)
    np.testing.assert_array_equal(selector.ranking_ == 1, selector.support_)
    assert set(selector.ranking_) == set(range(1, selector.ranking_.max() + 1))
    if mode == "paper":
        assert (np.diff(selector.top_scores_) <= 0).all()
        assert selector.top_scores_[0] == selector.search_score_


def test_top_masks_of_the_paper_are_the_best_that_were_scored(data):
    """More than the last generation holds: what was scored once counts, accepted or not."""
    seen = {}

    class Noted(MaskFitness):
        def score(self, masks, round_, **options):
            scores = super().score(masks, round_, **options)
            seen.update(zip(map(tuple, masks.tolist()), scores.tolist(), strict=True))
            return scores

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sicf.selection._lyrebird_selector.MaskFitness", Noted)
        selector = small(mode="paper", max_iter=8, alpha=0.9).fit(*data)
    masks = np.array(list(seen))
    fitness = 0.9 * np.array(list(seen.values())) + 0.1 * (1 - masks.mean(axis=1))
    assert len(selector.top_masks_) == 4
    np.testing.assert_allclose(selector.top_scores_, np.sort(fitness)[::-1][:4])
    for mask, score in zip(selector.top_masks_, selector.top_scores_, strict=True):
        assert fitness[(masks == mask).all(axis=1)] == pytest.approx(score)
    np.testing.assert_array_equal(selector.top_masks_[0], selector.support_)


def test_given_masks_are_the_first_generation(data):
    X, y = data
    masks = np.random.default_rng(0).random((6, 40)) < 0.2
    seen = []
    for mode in ("robust", "paper"):
        selector = small(mode=mode, init=masks, max_iter=0, max_evals=20, callback=seen.append)
        selector.fit(X, y)
        assert any((selector.support_ == mask).all() for mask in masks)
        assert len(selector.top_masks_) == 6
    assert [row.iteration for row in seen] == [0, 0]


@pytest.mark.parametrize("engine", ["sklearn", "compiled"])
@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_out_of_bag_fitness_takes_one_fit_a_subset(data, engine, mode):
    X, y = data
    forest = RandomForestClassifier(30)
    selector = small(forest, mode=mode, cv="oob", engine=engine, max_iter=1).fit(X, y)
    assert 0.4 < selector.search_score_ <= 1
    with pytest.raises(ValueError, match="cv='oob' knows no groups"):
        small(forest, cv="oob").fit(X, y, groups=np.arange(90) // 3)
    with pytest.raises(
        ValueError, match="cv='oob' needs a classifier with the parameter oob_score"
    ):
        small(cv="oob").fit(X, y)


def test_simple_subsets_are_finalists():
    """One column tells the classes apart: the filters' best beats whatever chance has drawn."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 300)), np.arange(90) % 3
    X[:, 17] += 10 * y
    selector = small(init="uniform", max_iter=0, population_size=2).fit(X, y)
    assert selector.support_[17]
    assert selector.best_score_ > 0.9
    assert selector.support_.sum() < 30


def test_history_is_drawn(data):
    selector = small().fit(*data)
    ax = selector.plot_history()
    best, mean, judged = ax.get_lines()
    np.testing.assert_array_equal(best.get_ydata(), selector.history_["best"])
    np.testing.assert_array_equal(mean.get_ydata(), selector.history_["mean"])
    assert judged.get_ydata()[0] == selector.best_score_
    assert f"{selector.best_score_:.2f}" in judged.get_label()
    pyplot.close(ax.figure)
    paper = small(mode="paper").fit(*data)
    figure, ax = pyplot.subplots()
    assert paper.plot_history(ax) is ax
    assert len(ax.get_lines()) == 2
    pyplot.close(figure)


def test_infinity_is_refused_where_the_estimator_knows_missing_values(data):
    X = data[0].copy()
    X[3, 5] = np.inf
    with pytest.raises(ValueError, match="Input X contains infinity"):
        small(init="uniform").fit(X, data[1])


@pytest.mark.parametrize("scoring", [None, lambda estimator, X, y: estimator.score(X, y)])
def test_scoring_may_be_the_estimators_own(data, scoring):
    by_name = small(scoring="accuracy").fit(*data)
    own = small(scoring=scoring).fit(*data)
    assert own.best_score_ == by_name.best_score_
    values = data[0][:, 0]
    by_name = small(DecisionTreeRegressor(), scoring="r2").fit(data[0], values)
    own = small(DecisionTreeRegressor(), scoring=scoring).fit(data[0], values)
    assert own.best_score_ == by_name.best_score_


def test_estimator_that_needs_columns_is_tried_on_the_fewest_allowed(data):
    pipeline = make_pipeline(PCA(2), KNeighborsClassifier())
    assert small(pipeline, min_features=3).fit(*data).support_.sum() >= 3


def test_estimator_that_refuses_constant_columns_is_tried_on_those_that_vary(data):
    X, y = data[0].copy(), data[1]
    X[:, :4] = 1.0
    pipeline = make_pipeline(VarianceThreshold(), GaussianNB())
    assert small(pipeline, min_features=4).fit(X, y).support_[4:].any()
    with pytest.raises(ValueError, match="No feature in X meets the variance threshold"):
        small(pipeline, min_features=4).fit(np.ones_like(X), y)


@pytest.mark.parametrize("parameters", [{"mode": "paper"}, {"max_evals": 30}], ids=str)
def test_search_score_is_a_score_and_top_scores_are_fitness(data, parameters):
    selector = small(KNeighborsClassifier(), alpha=0.5, **parameters).fit(*data)
    fitness = 0.5 * selector.search_score_ + 0.5 * (1 - selector.support_.mean())
    assert selector.top_scores_[0] == pytest.approx(fitness)
    assert selector.history_["best"].iloc[-1] == pytest.approx(fitness)


def test_splitter_without_a_seed_gets_one_and_is_left_alone(data):
    X, y = data
    splitter = KFold(3, shuffle=True)
    before = np.random.get_state()  # noqa: NPY002
    one, other = (small(cv=splitter).fit(X, y) for _ in range(2))
    np.testing.assert_equal(np.random.get_state(), before)  # noqa: NPY002
    np.testing.assert_array_equal(one.support_, other.support_)
    assert one.search_score_ == other.search_score_
    assert splitter.random_state is None


def test_all_sizes_of_few_columns_are_within_reach():
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2
    X = rng.normal(size=(120, 5)) + y[:, np.newaxis]
    X[:, 4] = rng.normal(size=120)
    sizes = {int(small(random_state=seed).fit(X, y).top_masks_[0].sum()) for seed in range(8)}
    assert sizes & {3, 4}
