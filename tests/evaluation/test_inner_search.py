import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, StratifiedGroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sicf import LyrebirdSelector, evaluate
from sicf.evaluation import EvaluationWarning, PaperHoldOut
from sicf.evaluation._schemes import Cohort

GROUPS = np.repeat(np.arange(40), 3)
Y = np.array(["astro", "epend"])[GROUPS % 2]
X = np.random.default_rng(0).normal(size=(120, 12)) + 0.8 * (Y == "epend")[:, np.newaxis]
GRID = {"n_neighbors": [1, 5, 15]}


class Recorder(StratifiedGroupKFold):
    """Keeps the groups of every split it is asked for."""

    seen = []  # noqa: RUF012

    def split(self, X, y=None, groups=None):
        Recorder.seen.append(np.array(groups))
        return super().split(X, y, groups)


def test_choice_and_answers_are_those_of_a_grid_search_in_each_fold():
    outer, inner = StratifiedGroupKFold(4), StratifiedGroupKFold(3)
    found = evaluate(
        KNeighborsClassifier(), X, Y, groups=GROUPS, outer=outer, inner=inner, param_grids=GRID
    )
    for number, (train, test) in enumerate(outer.split(X, Y, GROUPS)):
        search = GridSearchCV(KNeighborsClassifier(), GRID, cv=inner)
        search.fit(X[train], Y[train], groups=GROUPS[train])
        assert found.chosen["KNeighborsClassifier"][number] == search.best_params_
        about = found.about["KNeighborsClassifier"][number]
        assert about["score of the inner search"] == pytest.approx(search.best_score_, abs=1e-12)
        np.testing.assert_allclose(
            found.scores["KNeighborsClassifier"][0, test], search.predict_proba(X[test]), atol=1e-12
        )


def test_groups_of_the_training_part_reach_the_inner_splits():
    Recorder.seen.clear()
    found = evaluate(
        {"a": KNeighborsClassifier(), "b": KNeighborsClassifier()},
        X,
        Y,
        groups=GROUPS,
        outer=4,
        inner=Recorder(3),
        param_grids={"a": GRID},
        random_state=0,
    )
    assert len(Recorder.seen) == 4
    for fold, groups in enumerate(Recorder.seen):
        np.testing.assert_array_equal(groups, GROUPS[found.fold[0] != fold])
    assert found.chosen["b"] == [{}] * 4


def test_groups_and_weights_reach_the_search_for_columns_inside_the_grid_search(monkeypatch):
    seen = []
    original = LyrebirdSelector.fit

    def spy(self, X, y, *, groups=None, **params):
        seen.append((len(X), groups, params["sample_weight"]))
        return original(self, X, y, groups=groups, **params)

    monkeypatch.setattr(LyrebirdSelector, "fit", spy)
    tree = DecisionTreeClassifier(random_state=0)
    selector = LyrebirdSelector(tree, population_size=2, max_iter=0, cv=2, random_state=0)
    weights = 1 + np.arange(120.0)
    pipeline = make_pipeline(selector, tree)
    grid = {"decisiontreeclassifier__max_depth": [1, 2]}
    options = {"groups": GROUPS, "sample_weight": weights, "outer": 2, "inner": 2}
    evaluate(pipeline, X, Y, param_grids=grid, random_state=0, **options)
    assert len(seen) == 2 * (2 * 2 + 1)
    for n_rows, groups, sample_weight in seen:
        # Weights are one to a row, so they tell which rows, and whose, were handed over.
        np.testing.assert_array_equal(groups, GROUPS[sample_weight.astype(int) - 1])
        assert n_rows == len(groups)
    assert sklearn.get_config()["enable_metadata_routing"] is False


def test_routing_is_switched_back_after_an_error():
    class Fails(ClassifierMixin, BaseEstimator):
        __metadata_request__fit = {"groups": True}  # noqa: RUF012

        def fit(self, X, y, groups=None):
            assert sklearn.get_config()["enable_metadata_routing"]
            raise RuntimeError("no")

        def predict_proba(self, X):
            return None

    with pytest.raises(RuntimeError, match="no"):
        evaluate(Fails(), X, Y, groups=GROUPS)
    assert sklearn.get_config()["enable_metadata_routing"] is False


def test_weights_change_a_fit_as_by_hand():
    weights = np.where(Y == "astro", 5.0, 1.0)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    outer = StratifiedGroupKFold(3)
    found = evaluate(model, X, Y, groups=GROUPS, sample_weight=weights, outer=outer)
    for train, test in outer.split(X, Y, GROUPS):
        model.fit(X[train], Y[train], logisticregression__sample_weight=weights[train])
        np.testing.assert_allclose(
            found.scores["Pipeline"][0, test], model.predict_proba(X[test]), atol=1e-12
        )


def test_estimator_that_takes_no_weights_is_warned_of():
    with pytest.warns(EvaluationWarning, match="'KNeighborsClassifier' asks for no sample_weight"):
        evaluate(KNeighborsClassifier(), X, Y, sample_weight=np.ones(120), outer=2)


def test_validation_part_chooses_where_it_is_asked_to():
    found = evaluate(
        KNeighborsClassifier(),
        X,
        Y,
        groups=GROUPS,
        outer=PaperHoldOut(choose_by="validation"),
        param_grids=GRID,
        random_state=0,
    )
    (split,) = PaperHoldOut(choose_by="validation").splits(_cohort(), np.random.RandomState(0))
    train, validation, test = split.train, split.validation, split.test
    scores = [
        KNeighborsClassifier(k).fit(X[train], Y[train]).score(X[validation], Y[validation])
        for k in GRID["n_neighbors"]
    ]
    best = GRID["n_neighbors"][int(np.argmax(scores))]
    assert found.chosen["KNeighborsClassifier"] == [{"n_neighbors": best}]
    # It was fitted to the training part alone.
    expected = KNeighborsClassifier(best).fit(X[train], Y[train]).predict_proba(X[test])
    np.testing.assert_array_equal(found.scores["KNeighborsClassifier"][0, test], expected)


def _cohort():
    classes, target = np.unique(Y, return_inverse=True)
    return Cohort(target, classes, GROUPS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"param_grids": {"other": GRID}, "estimators": {"a": KNeighborsClassifier()}}, "'other'"),
        ({"param_grids": {"k": [1]}}, "must name parameters of it. Got 'k'"),
        ({"inner": 1}, "inner must be at least 2 folds. Got 1"),
        ({"inner": 17}, "training part of fold 0, inner=17 folds need at least 17 patient"),
    ],
)
def test_searches_that_cannot_be_are_named_before_any_work(options, message):
    given = {"estimators": KNeighborsClassifier(), "param_grids": GRID, "groups": GROUPS}
    with pytest.raises(ValueError, match=message):
        evaluate(**(given | options), X=X, y=Y)


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
def test_inner_splitter_that_parts_patients_is_an_error():
    with pytest.raises(ValueError, match="one side of an inner split"):
        evaluate(
            KNeighborsClassifier(),
            X,
            Y,
            groups=GROUPS,
            inner=KFold(4, shuffle=True, random_state=0),
            param_grids=GRID,
        )
