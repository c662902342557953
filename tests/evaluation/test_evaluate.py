import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sicf import LyrebirdSelector, evaluate
from sicf.evaluation import permute_by_group
from sicf.evaluation.statistics import METRICS


@pytest.fixture(scope="module")
def data():
    """Forty patients with three slices, three classes with names."""
    X, y = make_classification(
        40, 8, n_informative=5, n_classes=3, n_clusters_per_class=1, random_state=0
    )
    groups = np.repeat(np.arange(40), 3)
    noise = 0.3 * np.random.default_rng(0).normal(size=(120, 8))
    return X[groups] + noise, np.array(["astro", "epend", "hemang"])[y[groups]], groups


def model():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))


def test_out_of_fold_answers_are_those_of_scikit_learn(data):
    X, y, groups = data
    result = evaluate(model(), X, y, groups=groups, outer=GroupKFold(4), random_state=0)
    options = {"cv": GroupKFold(4), "groups": groups}
    np.testing.assert_array_equal(
        result.classes[result.predicted["Pipeline"][0]], cross_val_predict(model(), X, y, **options)
    )
    np.testing.assert_allclose(
        result.scores["Pipeline"][0],
        cross_val_predict(model(), X, y, method="predict_proba", **options),
    )


def test_patients_stand_on_one_side_and_classes_are_balanced(data):
    X, y, groups = data
    result = evaluate(model(), X, y, groups=groups, random_state=0)
    assert (pd.Series(result.fold[0]).groupby(groups).nunique() == 1).all()
    assert pd.crosstab(result.fold[0], y).min().min() > 0


def test_groups_reach_the_folds_inside_and_routing_is_switched_back(data, monkeypatch):
    X, y, groups = data
    seen = []
    original = LyrebirdSelector.fit

    def spy(self, X, y, *, groups=None, **params):
        seen.append(groups)
        return original(self, X, y, groups=groups, **params)

    monkeypatch.setattr(LyrebirdSelector, "fit", spy)
    tree = DecisionTreeClassifier(random_state=0)
    selector = LyrebirdSelector(tree, population_size=2, max_iter=1, cv=2, random_state=0)
    evaluate(make_pipeline(selector, tree), X, y, groups=groups, outer=3, random_state=0)
    assert len(seen) == 3
    assert all(0 < len(np.unique(inner)) < 40 for inner in seen)
    assert sklearn.get_config()["enable_metadata_routing"] is False


def test_estimators_share_folds_and_resamples(data):
    X, y, groups = data
    result = evaluate(
        {"first": model(), "again": model(), "prior": DummyClassifier()},
        X,
        y,
        groups=groups,
        random_state=0,
    )
    np.testing.assert_equal(result.metrics("first"), result.metrics("again"))
    assert result.metrics("prior")["AUC"].value == pytest.approx(0.5, abs=0.15)
    table = result.to_frame()
    assert set(table["estimator"]) == {"first", "again", "prior"}
    assert tuple(table["metric"][:13]) == METRICS
    assert len(table) == 2 * 3 * 13  # by slice and by patient
    lines = result.to_markdown().splitlines()
    assert len(lines) == 10
    assert lines[2].startswith("| first | samples | 0.")
    assert lines[5].startswith("| first | patients | 0.")


def test_same_seed_same_result_whatever_the_jobs(data):
    X, y, groups = data
    one, two = (evaluate(model(), X, y, groups=groups, random_state=3, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.scores["Pipeline"], two.scores["Pipeline"])
    np.testing.assert_equal(one.metrics(), two.metrics())
    np.testing.assert_equal(one.metrics(), pickle.loads(pickle.dumps(one)).metrics())


class TakesPictures(ClassifierMixin, BaseEstimator):
    """Asserts that the kind of container arrives as it was given."""

    def __init__(self, kind=list):
        self.kind = kind

    def fit(self, X, y):
        assert isinstance(X, self.kind)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))

    def predict_proba(self, X):
        assert isinstance(X, self.kind)
        return np.tile([0.5, 0.3, 0.2], (len(X), 1))


def test_lists_of_pictures_and_frames_are_sliced_as_they_are(data):
    _, y, groups = data
    pictures = [np.zeros((16 + index % 3, 20)) for index in range(len(y))]
    evaluate(TakesPictures(list), pictures, y, groups=groups, outer=2)
    evaluate(TakesPictures(pd.DataFrame), pd.DataFrame({"a": y}), y, groups=groups, outer=2)


def test_decision_function_serves_where_there_are_no_probabilities(data):
    X, y, groups = data
    result = evaluate(LinearSVC(), X, y, groups=groups, random_state=0)
    assert result.metrics()["AUC"].value > 0.7
    two = y != "hemang"
    binary = evaluate(LinearSVC(), X[two], y[two], groups=groups[two], random_state=0)
    assert binary.metrics()["AUC"].value > 0.7


def test_positive_label_turns_sensitivity_round(data):
    X, y, groups = data
    two = y != "hemang"
    options = {"groups": groups[two], "random_state": 0}
    default, turned = (
        evaluate(model(), X[two], y[two], positive_label=label, **options).metrics()
        for label in (None, "astro")
    )
    assert default["sensitivity"].value == turned["specificity"].value
    assert default["AUC"].value == pytest.approx(turned["AUC"].value)


def test_progress_is_shown_when_asked(data, capsys):
    X, y, groups = data
    evaluate(DummyClassifier(), X, y, groups=groups, verbose=1)
    assert "Cross-validation" in capsys.readouterr().err


def test_labels_shuffled_by_patient_score_chance():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(90), 2)
    X = np.repeat(rng.normal(size=(90, 5)), 2, axis=0)
    y = permute_by_group((np.arange(90) % 3)[groups], groups, random_state=1)
    found = evaluate(DecisionTreeClassifier(random_state=0), X, y, groups=groups, random_state=0)
    error = np.sqrt(1 / 3 * 2 / 3 / 90)
    assert abs(found.metrics()["balanced accuracy"].value - 1 / 3) < 3 * error


def test_permutation_keeps_patients_whole_and_counts_the_same():
    groups = np.repeat(np.arange(20), 3)
    y = (np.arange(20) % 4)[groups]
    shuffled = permute_by_group(y, groups, random_state=0)
    assert (pd.Series(shuffled).groupby(groups).nunique() == 1).all()
    np.testing.assert_array_equal(np.bincount(shuffled), np.bincount(y))
    assert (shuffled != y).any()
    with pytest.raises(ValueError, match="Group 0 has several"):
        permute_by_group([0, 1], [0, 0])


ANY_SPLIT = list(KFold(4, shuffle=True, random_state=0).split(np.zeros(120)))


class NoWork(DummyClassifier):
    def fit(self, X, y):
        raise AssertionError("work began")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("one class", "at least 2 classes. Got 1 class: 'astro'"),
        ("missing", "Sample 4 has nan"),
        ("none", "Sample 4 has None"),
        ("pandas NA", "Sample 4 has <NA>"),
        ("plain list", "Sample 4 has nan"),
        ("group missing", "groups must hold a value for every sample. Sample 7 has nan"),
        ("group columns", r"groups must hold one value for each sample. Got shape \(120, 2\)"),
        ("two columns", r"y must hold one value for each sample. Got shape \(120, 2\)"),
        ("short", "inconsistent numbers of samples"),
        ("few groups", r"outer=5 folds need at least 5 patient\(s\). Got 4"),
        ("rare class", r"at least 5 patient\(s\) of every class. Class 'astro' has 1"),
    ],
)
def test_bad_labels_are_named_before_any_work(data, change, message):
    X, y, groups = data
    if change == "one class":
        y = np.full(120, "astro")
    elif change in ("missing", "none"):
        y = y.astype(object)
        y[4] = np.nan if change == "missing" else None
    elif change == "pandas NA":
        y = pd.Series(y).where(np.arange(120) != 4, None).astype("string")
    elif change == "plain list":
        y = [np.nan if index == 4 else label for index, label in enumerate(y.tolist())]
    elif change == "group missing":
        groups = [np.nan if index == 7 else f"p{group}" for index, group in enumerate(groups)]
    elif change == "group columns":
        groups = np.column_stack([groups, groups])
    elif change == "two columns":
        y = np.column_stack([y, y])
    elif change == "short":
        y = y[:-1]
    elif change == "few groups":
        groups = np.arange(120) % 4
    else:
        groups = np.where(y == "astro", 99, groups)
    with pytest.raises(ValueError, match=message):
        evaluate(NoWork(), X, y, groups=groups)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outer": 1}, "outer must be at least 2 folds. Got 1"),
        ({"outer": ANY_SPLIT}, "A patient must stand on one side"),
        ({"outer": ShuffleSplit(3), "groups": None}, "test every sample exactly once"),
        ({"n_bootstrap": 0}, "n_bootstrap must be an integer of at least 1. Got 0"),
        ({"n_bootstrap": 99.5}, "n_bootstrap must be an integer of at least 1. Got 99.5"),
        ({"confidence_level": 95}, "confidence_level must lie between 0 and 1. Got 95"),
        ({"positive_label": "astro"}, "positive_label needs 2 classes. Got 3"),
        ({"estimators": {}}, "at least 1 estimator"),
    ],
)
def test_bad_options_are_named_before_any_work(data, options, message):
    X, y, groups = data
    with pytest.raises(ValueError, match=message):
        evaluate(**({"estimators": NoWork(), "X": X, "y": y, "groups": groups} | options))


def test_training_fold_that_lacks_a_class_is_named(data):
    X, y, _ = data
    order = np.argsort(y)
    with pytest.raises(ValueError, match=r"Fold \d lacks \['(astro|epend|hemang)'\]"):
        evaluate(NoWork(), X[order], y[order], outer=KFold(3), groups=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimators": [NoWork()]}, "a dict of names to classifiers. Got 'list'"),
        ({"estimators": {"a": 3}}, "Got 'a': 3"),
        ({"estimators": LinearRegression()}, "'LinearRegression' has neither"),
        ({"outer": None}, "a number of folds or a splitter. Got None"),
    ],
)
def test_things_of_another_kind_are_named_before_any_work(data, options, message):
    X, y, groups = data
    with pytest.raises(TypeError, match=message):
        evaluate(**({"estimators": NoWork(), "X": X, "y": y, "groups": groups} | options))


class Answers(DummyClassifier):
    """Gives whatever scores and labels it is told to."""

    def __init__(self, proba=(0.2, 0.3, 0.5), label=None):
        super().__init__()
        self.proba = proba
        self.label = label

    def predict_proba(self, X):
        return np.tile(self.proba, (len(X), 1))

    def predict(self, X):
        return super().predict(X) if self.label is None else np.full(len(X), self.label)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (Answers(proba=(0.2, np.nan, 0.5)), "Scores must be finite. Sample 0 of the test fold"),
        (Answers(proba=(0.5, 0.5)), "one column for each of 3 classes"),
        (Answers(label="glioma"), r"Predicted labels must be of .* Got \['glioma'\]"),
        (SVC(decision_function_shape="ovo"), 'set it to "ovr"'),
    ],
)
def test_answers_that_cannot_be_believed_are_an_error(data, estimator, message):
    X, y, groups = data
    with pytest.raises(ValueError, match=message) as caught:
        evaluate({"mine": estimator}, X, y, groups=groups, outer=2)
    assert "'mine'" in caught.value.__notes__[0]


class RefusesRouting(ClassifierMixin, BaseEstimator):
    """Stands for a meta-estimator that knows nothing of routing."""

    def fit(self, X, y):
        assert not sklearn.get_config()["enable_metadata_routing"]
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))

    def decision_function(self, X):
        return np.zeros((len(X), 3))


def test_routing_stays_off_where_nobody_asks_for_groups(data):
    X, y, groups = data
    evaluate(RefusesRouting(), X, y, groups=groups, outer=2)


def test_grid_search_with_grouped_folds_inside_gets_the_groups(data):
    X, y, groups = data
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(DummyClassifier(), {"strategy": ["prior"]}, cv=GroupKFold(2))
    assert evaluate(search, X, y, groups=groups, outer=2).metrics()["AUC"].value <= 0.5


def test_table_says_what_its_intervals_are_and_survives_any_name(data):
    X, y, groups = data
    few = np.isin(groups, np.unique(groups[y == "astro"])[:3]) | (y != "astro")
    result = evaluate({"a | b": DummyClassifier()}, X[few], y[few], groups=groups[few], outer=2)
    lines = result.to_markdown().splitlines()
    assert r"| a \| b |" in lines[2]
    assert f"resamples of {len(np.unique(groups[few]))} patients" in lines[-1]
    n_defined = result.metrics()["AUC"].n_defined
    assert n_defined < 1000
    assert f"* only the resamples that hold every class, {n_defined} or more" in lines[-1]
    assert repr(result).startswith("Evaluation(a | b: ")
    assert len(repr(result)) < 200


def test_unknown_name_lists_the_known_ones(data):
    X, y, groups = data
    result = evaluate({"a": DummyClassifier(), "b": DummyClassifier()}, X, y, groups=groups)
    with pytest.raises(ValueError, match=r"one of \['a', 'b'\]. Got None"):
        result.metrics()


@pytest.mark.parametrize("cv", [3, None, KFold(3)], ids=str)
def test_splits_inside_that_know_no_groups_are_warned_of(data, cv):
    X, y, groups = data
    search = GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1]}, cv=cv)
    with pytest.warns(UserWarning, match="GridSearchCV of 'grid' splits by cv="):
        evaluate({"grid": search}, X, y, groups=groups, outer=2, n_bootstrap=2)


def test_splits_inside_that_know_groups_are_not_warned_of(data):
    X, y, groups = data
    search = GridSearchCV(
        LogisticRegression(max_iter=500), {"C": [0.1, 1]}, cv=StratifiedGroupKFold(2)
    )
    evaluate(search, X, y, groups=groups, outer=2, n_bootstrap=2)


def test_error_in_a_fold_names_the_sample_of_the_user(data):
    X, y, groups = data

    def refuse(rows):
        wrong = np.flatnonzero(rows[:, 0] == X[17, 0])
        if wrong.size:
            raise ValueError(f"Image {wrong[0]} is wrong.")
        return rows

    pipeline = make_pipeline(FunctionTransformer(refuse), LogisticRegression())
    with pytest.raises(ValueError, match="is wrong") as error:
        evaluate(pipeline, X, y, groups=groups, outer=2, n_bootstrap=2)
    assert any("is sample 17 of X" in note for note in error.value.__notes__)
