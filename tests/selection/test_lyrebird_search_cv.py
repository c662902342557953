import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import parallel_config
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_iris, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from sicf import LyrebirdSearchCV

NOTHING = np.zeros((4, 1))


class Hill(BaseEstimator):
    """Its score is highest, 0, where every parameter is at 0.3; some say nothing or break."""

    n_fits = 0

    def __init__(self, a=0.0, b=0.0, c=0.0, d=0.0):
        self.a = a
        self.b = b
        self.c = c
        self.d = d

    def fit(self, X, y=None):
        Hill.n_fits += 1
        if self.a == "broken":
            raise ValueError("a is broken")
        self.fitted_ = True
        return self

    def score(self, X, y=None):
        if self.a == "nan":
            return np.nan
        return -sum((value - 0.3) ** 2 for value in (self.a, self.b, self.c, self.d))


UNIT = {name: uniform(0, 1) for name in "abcd"}


def search_hill(param_distributions=UNIT, **parameters):
    defaults = {"population_size": 6, "max_iter": 4, "cv": 2, "random_state": 0}
    return LyrebirdSearchCV(Hill(), param_distributions, **(defaults | parameters))


def small(estimator=None, param_distributions=None, **parameters):
    defaults = {"population_size": 4, "max_iter": 2, "cv": 3, "random_state": 0}
    return LyrebirdSearchCV(
        DecisionTreeClassifier(random_state=0) if estimator is None else estimator,
        param_distributions or {"max_depth": randint(1, 9), "ccp_alpha": loguniform(1e-4, 0.1)},
        **(defaults | parameters),
    )


@pytest.fixture(scope="module")
def data():
    return make_classification(
        90, 12, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=0
    )


def test_comes_nearer_to_a_known_optimum_than_random_search():
    """At equal evaluations, over ten seeds; squared distance to the optimum in four variables."""
    one_split = [(range(2), range(2, 4))]
    found, by_chance = [], []
    for seed in range(10):
        options = {"cv": one_split, "random_state": seed, "refit": False}
        ours = search_hill(population_size=10, max_iter=15, **options).fit(NOTHING)
        theirs = RandomizedSearchCV(Hill(), UNIT, n_iter=ours.n_evaluations_, **options)
        found.append(-ours.best_score_)
        by_chance.append(-theirs.fit(NOTHING).best_score_)
    assert np.median(found) < np.median(by_chance) / 4


def test_history_tells_each_generation_and_scores_never_fall():
    search = search_hill(max_iter=8).fit(NOTHING)
    history = search.history_
    assert list(history) == ["iteration", "best", "mean", "evaluations"]
    assert history["iteration"].tolist() == list(range(9))
    assert (history["best"].diff().dropna() >= 0).all()
    assert (history["mean"].diff().dropna() >= 0).all()
    assert (history["mean"] <= history["best"]).all()
    assert history["best"].iloc[-1] == search.best_score_
    assert history["evaluations"].iloc[0] == 6
    # The best member's escape leads nowhere with I = 1, and costs nothing.
    assert 6 * 5 < history["evaluations"].iloc[-1] == search.n_evaluations_ < 6 * 9
    assert history["evaluations"].is_monotonic_increasing
    assert search.n_iter_ == 8


def test_no_iterations_are_a_random_search():
    """Of uniform positions, decoded as they stand."""
    search = search_hill(max_iter=0, population_size=3).fit(NOTHING)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    start = np.random.default_rng(seed).random((3, 4))
    drawn = pd.DataFrame(list(search.cv_results_["params"]))[list("abcd")]
    np.testing.assert_allclose(drawn, start)


def test_best_parameters_and_score_are_those_of_plain_cross_validation(data):
    X, y = data
    search = small(cv=KFold(3)).fit(X, y)
    tree = DecisionTreeClassifier(random_state=0, **search.best_params_)
    scores = cross_val_score(tree, X, y, cv=KFold(3))
    assert search.best_score_ == pytest.approx(scores.mean())
    assert search.best_score_ == np.max(search.cv_results_["mean_test_score"])
    assert search.best_estimator_.get_params()["max_depth"] == search.best_params_["max_depth"]
    np.testing.assert_array_equal(search.predict(X), tree.fit(X, y).predict(X))
    assert search.score(X, y) == accuracy_score(y, search.predict(X))


def test_results_have_the_columns_of_a_randomized_search(data):
    X, y = data
    ours = small(return_train_score=True).fit(X, y)
    theirs = RandomizedSearchCV(
        ours.estimator, ours.param_distributions, n_iter=3, cv=3, return_train_score=True
    ).fit(X, y)
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    fitted = {name for name in vars(theirs) if name.endswith("_") and not name.startswith("_")}
    assert fitted <= set(vars(ours))


def test_a_setting_met_again_is_evaluated_once():
    Hill.n_fits = 0
    values = [0.0, 0.3, 0.3, 1.0]
    search = search_hill(
        [{"a": values, "b": [0.3, 0.4]}, {"a": values, "b": [0.3]}], max_iter=10, refit=False
    ).fit(NOTHING)
    settings = search.cv_results_["params"]
    different = {(setting["a"], setting["b"]) for setting in settings}
    assert len(settings) == len(different) == search.n_evaluations_ <= 6
    assert Hill.n_fits == 2 * search.n_evaluations_
    assert search.best_params_ == {"a": 0.3, "b": 0.3}


def test_estimators_and_lists_may_be_values(data):
    X, y = data
    steps = make_pipeline(PCA(), DecisionTreeClassifier(random_state=0))
    choices = {"pca": [PCA(2), PCA(4), "passthrough"], "pca__n_components": [2, 3]}
    choices = [choices | {"pca": choices["pca"][:2]}, {"pca": ["passthrough"]}]
    search = small(steps, choices, max_iter=6).fit(X, y)
    assert search.n_evaluations_ == len(search.cv_results_["params"]) <= 5


def test_a_score_of_nan_counts_as_worst():
    with pytest.warns(UserWarning, match="test scores are non-finite"):
        search = search_hill({"a": ["nan", 0.9], "b": uniform(0, 1)}, max_iter=6).fit(NOTHING)
    assert np.isnan(search.cv_results_["mean_test_score"]).any()
    assert search.best_params_["a"] == 0.9
    assert np.isfinite(search.history_[["best", "mean"]]).all(axis=None)


def test_fits_that_fail_count_as_worst_even_where_a_whole_generation_fails():
    """With one member a generation holds one candidate, so every failing one fails alone."""
    distributions = {"a": [0.3, "broken"], "b": uniform(0, 1)}
    options = {"population_size": 1, "max_iter": 30}
    with pytest.warns(FitFailedWarning, match="a is broken"):
        search = search_hill(distributions, random_state=0, **options).fit(NOTHING)
    assert 1 < len(search.cv_results_["params"]) < search.n_evaluations_
    assert all(setting["a"] == 0.3 for setting in search.cv_results_["params"])
    assert search.best_params_["a"] == 0.3
    assert search.history_["best"].iloc[-1] == search.best_score_ > -1
    with pytest.raises(ValueError, match="a is broken"):
        search_hill(distributions, error_score="raise", **options).fit(NOTHING)
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        search_hill({"a": ["broken"]}, **options).fit(NOTHING)


def test_an_error_that_the_user_asked_for_is_never_forgiven():
    """Not even one that reads like scikit-learn's own, as that of a search inside does."""

    class Inner(Hill):
        def fit(self, X, y=None):
            if self.a > 0.9:
                raise ValueError("All the 5 fits failed.")
            return super().fit(X, y)

    search = LyrebirdSearchCV(
        Inner(), UNIT, cv=2, population_size=1, error_score="raise", random_state=1, max_iter=40
    )
    with pytest.raises(ValueError, match="All the 5 fits failed"):
        search.fit(NOTHING)
    with pytest.warns(FitFailedWarning, match="All the 5 fits failed"):
        clone(search).set_params(error_score=np.nan).fit(NOTHING)


@pytest.mark.parametrize(
    "cv",
    [
        2,
        ShuffleSplit(2, random_state=np.random.RandomState(0)),
        ((np.arange(i), np.arange(i, 40)) for i in (20, 30)),
    ],
    ids=["int", "splitter", "generator"],
)
def test_every_generation_meets_the_same_folds(cv):
    """Of a splitter, too, that draws anew whenever it is asked."""

    class Spy(BaseEstimator):
        seen = set()  # noqa: RUF012

        def __init__(self, a=0.0):
            self.a = a

        def fit(self, X, y=None):
            Spy.seen.add(tuple(X[:, 0]))
            return self

        def score(self, X, y=None):
            return self.a

    LyrebirdSearchCV(
        Spy(), {"a": uniform(0, 1)}, cv=cv, max_iter=5, refit=False, random_state=0
    ).fit(np.arange(40.0)[:, np.newaxis])
    assert len(Spy.seen) == 2


def test_result_does_not_depend_on_jobs_and_backend(data):
    X, y = data
    forest = RandomForestClassifier(5, random_state=0)
    choices = {"max_depth": randint(1, 9), "max_features": uniform(0.1, 0.9)}
    alone = small(forest, choices).fit(X, y)
    for backend in ("threading", "loky"):
        with parallel_config(backend=backend):
            other = small(forest, choices, n_jobs=2).fit(X, y)
        assert other.cv_results_["params"] == alone.cv_results_["params"]
        assert other.best_params_ == alone.best_params_
        pd.testing.assert_frame_equal(other.history_, alone.history_)


def test_seed_decides_and_the_global_generator_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    first, again, other = (search_hill(random_state=s).fit(NOTHING) for s in (1, 1, 2))
    assert first.cv_results_["params"] == again.cv_results_["params"]
    assert first.best_params_ != other.best_params_
    unseeded, again = (search_hill(random_state=None).fit(NOTHING) for _ in range(2))
    assert unseeded.best_params_ != again.best_params_
    np.testing.assert_equal(np.random.get_state(), before)  # noqa: NPY002


def test_shrinkage_pulls_to_low_quantiles():
    """With nothing to find but a = 1, which an escape to a better member pulls away from."""
    distributions = {"b": uniform(0, 1), "c": uniform(0, 1), "d": uniform(0, 1)}

    class Flat(Hill):
        def score(self, X, y=None):
            Flat.n_scores += 1
            return Flat.n_scores

    means = {}
    for shrinkage in (True, False):
        Flat.n_scores = 0
        search = LyrebirdSearchCV(
            Flat(), distributions, cv=2, shrinkage=shrinkage, max_iter=30, random_state=0
        ).fit(NOTHING)
        means[shrinkage] = pd.DataFrame(list(search.cv_results_["params"][-50:])).mean(axis=None)
    assert means[True] < 0.3 < means[False]


@pytest.mark.parametrize("routing", [True, False])
def test_groups_reach_the_folds(data, routing):
    X, y = data
    groups = np.repeat(np.arange(30), 3)

    class SpyKFold(GroupKFold):
        calls = 0

        def split(self, X, y=None, groups=None):
            SpyKFold.calls += 1
            return super().split(X, y, groups)

    with sklearn.config_context(enable_metadata_routing=routing):
        small(cv=SpyKFold(3)).fit(X, y, groups=groups)
    assert SpyKFold.calls == 1
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        small(cv=GroupKFold(3)).fit(X, y)


def test_groups_reach_the_inner_folds_in_nested_cross_validation(data):
    X, y = data
    groups = np.repeat(np.arange(30), 3)
    search = small(cv=GroupKFold(3))
    with sklearn.config_context(enable_metadata_routing=True):
        done = cross_validate(
            make_pipeline(PCA(), search),
            X,
            y,
            cv=GroupKFold(3),
            params={"groups": groups},
            error_score="raise",
            return_estimator=True,
        )
    assert (done["test_score"] > 1 / 3).all()
    assert all(fitted[-1].n_evaluations_ > 4 for fitted in done["estimator"])


def test_sample_weight_reaches_estimator_and_scorer(data):
    X, y = data
    only_class_two = np.where(y == 2, 1.0, 0.0)
    with sklearn.config_context(enable_metadata_routing=True):
        tree = DecisionTreeClassifier(random_state=0)
        tree.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = small(tree).fit(X, y, sample_weight=only_class_two)
    assert (search.predict(X) == 2).all()
    # Weighted, only rows of class two count, and the tree knows no other class.
    assert search.best_score_ == 1


@pytest.mark.parametrize("scoring", [["accuracy", "neg_log_loss"], "callable"])
def test_the_search_follows_the_metric_that_refit_names(data, scoring):
    X, y = data

    def both(estimator, X, y):
        return {"accuracy": estimator.score(X, y), "neg_log_loss": -estimator.get_depth()}

    scoring = both if scoring == "callable" else scoring
    by_name = {
        name: small(scoring=scoring, refit=name, max_iter=4).fit(X, y)
        for name in ("accuracy", "neg_log_loss")
    }
    for name, search in by_name.items():
        assert search.multimetric_
        assert search.history_["best"].iloc[-1] == search.best_score_
        assert search.best_score_ == search.cv_results_[f"mean_test_{name}"].max()
    with pytest.raises(ValueError, match=r"of \['accuracy', 'neg_log_loss'\]. Got False"):
        small(scoring=scoring, refit=False).fit(X, y)
    with pytest.raises(ValueError, match="With several metrics refit must name"):
        small(scoring=scoring, refit=lambda results: 0).fit(X, y)


def test_ambiguous_metrics_are_refused_before_any_work():
    Hill.n_fits = 0
    search = search_hill(scoring={"a": "r2", "b": "neg_max_error"}, refit=False)
    with pytest.raises(ValueError, match="With several metrics refit must name"):
        search.fit(NOTHING)
    assert Hill.n_fits == 0


def test_callable_refit_and_no_refit(data):
    X, y = data
    last = small(refit=lambda results: len(results["params"]) - 1).fit(X, y)
    assert last.best_index_ == last.n_evaluations_ - 1
    assert last.best_params_ == last.cv_results_["params"][-1]
    without = small(refit=False).fit(X, y)
    assert without.best_score_ == without.cv_results_["mean_test_score"].max()
    assert not hasattr(without, "best_estimator_")
    assert not hasattr(without, "predict")
    alone = small(scoring={"only": "accuracy"}, refit=False).fit(X, y)
    assert alone.history_["best"].iloc[-1] == alone.cv_results_["mean_test_only"].max()


def test_clone_pickle_pandas_and_grid_search(data):
    X, y = data
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(12)])
    search = small().fit(frame, y)
    back = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(back.predict(frame), search.predict(frame))
    assert list(search.feature_names_in_) == list(frame.columns)
    assert clone(search).get_params()["population_size"] == 4
    outer = GridSearchCV(small(), {"shrinkage": [True, False]}, cv=2, error_score="raise")
    assert outer.fit(X, y).best_estimator_.n_iter_ == 2


def test_users_estimator_is_left_alone():
    X, y = load_iris(return_X_y=True)
    forest = RandomForestClassifier(3, random_state=77)
    small(forest, {"max_depth": [1, 2]}).fit(X, y)
    assert forest.max_depth is None
    assert not hasattr(forest, "estimators_")


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"population_size": 0}, ValueError, "population_size must be an integer of at least 1"),
        ({"population_size": 2.0}, ValueError, "of at least 1. Got 2.0 instead"),
        ({"max_iter": -1}, ValueError, "max_iter must be an integer of at least 0. Got -1"),
        ({"param_distributions": {"a": []}}, ValueError, "That of 'a' is"),
        ({"param_distributions": {"a": 3}}, TypeError, "ppf and rvs. 'a' has 3"),
        ({"param_distributions": {"z": [1]}}, ValueError, "Invalid parameter 'z'"),
    ],
)
def test_wrong_parameter_is_named_before_any_work(parameters, error, message):
    Hill.n_fits = 0
    with pytest.raises(error, match=message):
        search_hill(**parameters).fit(NOTHING)
    assert Hill.n_fits == 0


def test_a_target_that_is_needed_is_asked_for(data):
    with pytest.raises(ValueError, match="DecisionTreeClassifier requires y"):
        small().fit(data[0])


class Told:
    """Counts what a callback of scikit-learn's is told, by the name of the task."""

    def __init__(self):
        self.begun = Counter()
        self.ended = Counter()

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        self.begun[context.task_name] += 1

    def on_fit_task_end(self, estimator, context):
        self.ended[context.task_name] += 1


@pytest.mark.skipif(
    not hasattr(RandomizedSearchCV, "set_callbacks"), reason="this scikit-learn has no callbacks"
)
def test_callbacks_are_told_of_every_fit_as_by_a_randomized_search(data):
    X, y = data
    ours, theirs = Told(), Told()
    search = small().set_callbacks(ours).fit(X, y)
    RandomizedSearchCV(
        search.estimator, search.param_distributions, n_iter=search.n_evaluations_, cv=3
    ).set_callbacks(theirs).fit(X, y)
    assert theirs.begun["candidate-split-evaluation"] == 3 * search.n_evaluations_
    generations = ours.begun.pop("generation")
    assert 1 < generations == ours.ended.pop("generation") <= 3
    assert ours.begun == theirs.begun
    assert ours.ended == theirs.ended


@pytest.mark.skipif(
    not hasattr(RandomizedSearchCV, "set_callbacks"), reason="this scikit-learn has no callbacks"
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_callbacks_are_told_the_end_of_a_generation_that_fails():
    told = Told()
    distributions = {"a": [0.3, "broken"], "b": uniform(0, 1)}
    search = search_hill(distributions, population_size=1, max_iter=30).set_callbacks(told)
    search.fit(NOTHING)
    assert len(search.cv_results_["params"]) < search.n_evaluations_
    assert told.begun["generation"] == told.ended["generation"] == search.n_evaluations_
