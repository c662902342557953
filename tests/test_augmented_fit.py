"""Augmentation reaches `fit` alone, and no inner split parts the variants of one picture."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier, is_regressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import check_array

from sicf import AugmentedFit, LyrebirdSelector, MRIAugmenter, evaluate
from sicf.evaluation import permute_by_group


class Jitter(BaseEstimator):
    """An augmenter of tables: the same rows with a little noise, drawn from a seed."""

    def __init__(self, sigma=1e-3):
        self.sigma = sigma

    def augment(self, X, copies=1):
        rows = check_array(X, dtype=None)
        if rows.dtype.kind not in "fiub":
            rows = check_array(rows, dtype=float)
        source = np.tile(np.arange(len(rows)), copies)
        noise = np.random.default_rng(0).normal(0, self.sigma, rows[source].shape)
        variants = rows[source] + noise
        if hasattr(X, "iloc"):
            variants = pd.DataFrame(variants, columns=X.columns)
        return variants, source


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what its fit is given."""

    __metadata_request__fit = {"groups": True, "sample_weight": True}  # noqa: RUF012

    def fit(self, X, y, groups=None, sample_weight=None):
        self.seen_ = X, y, groups, sample_weight
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        self.predicted_ = X
        return np.repeat(self.classes_[:1], len(X))


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, size=(6, 32, 32), dtype=np.uint8)


LABELS = np.array(["b", "a", "b", "a", "b", "a"])


def test_estimator_is_fitted_on_pictures_and_variants_and_predicts_pictures(pictures):
    augmenter = MRIAugmenter(random_state=4)
    model = AugmentedFit(Recorder(), augmenter, n_copies=2).fit(pictures, LABELS)
    X, y, groups, weight = model.estimator_.seen_
    np.testing.assert_array_equal(X[:6], pictures)
    np.testing.assert_array_equal(X[6:], augmenter.augment(pictures, 2)[0])
    assert y.tolist() == LABELS.tolist() * 3
    assert groups.tolist() == model.source_.tolist() == list(range(6)) * 3
    assert weight is None
    assert model.classes_.tolist() == ["a", "b"]
    model.predict(pictures)
    assert model.estimator_.predicted_ is pictures


def test_patients_and_weights_are_handed_on_to_the_variants(pictures):
    patients, weights = ["p1", "p1", "p2", "p2", "p3", "p3"], np.arange(6.0)
    for routing in (False, True):
        with sklearn.config_context(enable_metadata_routing=routing):
            model = AugmentedFit(Recorder(), MRIAugmenter())
            model.fit(pictures, LABELS, groups=patients, sample_weight=weights)
        groups, weight = model.estimator_.seen_[2:]
        assert groups.tolist() == patients * 2
        np.testing.assert_array_equal(weight, np.tile(weights, 2))


def test_weights_reach_an_estimator_that_asks_for_no_groups():
    X, y = np.arange(6.0)[:, None], np.array([0, 0, 0, 1, 1, 1])
    model = AugmentedFit(LogisticRegression(), Jitter(0), n_copies=1)
    model.fit(X, y, sample_weight=[1, 1, 9, 1, 1, 1])
    twice = LogisticRegression().fit(
        np.tile(X, (2, 1)), np.tile(y, 2), np.tile([1, 1, 9, 1, 1, 1], 2)
    )
    np.testing.assert_allclose(model.predict_proba(X), twice.predict_proba(X))


def test_routing_takes_groups_through_pipelines_and_searches():
    """A pipeline around, a grid search and a selector within: patients arrive at every split."""
    rng = np.random.default_rng(0)
    X, y, patients = rng.normal(size=(40, 5)), np.arange(40) % 2, np.arange(40) // 4
    seen = []

    class Spy(StratifiedGroupKFold):
        def split(self, X, y=None, groups=None):
            seen.append(groups)
            return super().split(X, y, groups)

    search = {"population_size": 2, "max_iter": 0, "cv": Spy(2), "reserve": 0, "random_state": 0}
    selector = LyrebirdSelector(LogisticRegression(), init="uniform", **search)
    inner = GridSearchCV(
        make_pipeline(selector, LogisticRegression()), {"logisticregression__C": [1]}, cv=Spy(2)
    )
    with sklearn.config_context(enable_metadata_routing=True):
        whole = make_pipeline(StandardScaler(), AugmentedFit(inner, Jitter(), n_copies=2))
        whole.fit(X, y, groups=patients)
    assert len(seen) > 3
    np.testing.assert_array_equal(seen[0], np.tile(patients, 3))
    for groups in seen[1:]:
        counts = np.unique(groups, return_counts=True)[1]
        assert (counts == 12).all()


def thumbnails(X):
    return np.asarray(X, float)[:, ::4, ::4].reshape(len(X), -1)


def shuffled_pictures():
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 256, size=(40, 32, 32), dtype=np.uint8)
    return np.repeat(np.repeat(pictures[:, ::8, ::8], 8, 1), 8, 2), rng.permutation(
        np.arange(40) % 2
    )


def test_fitness_of_shuffled_labels_is_chance_and_far_above_with_copies_apart():
    """The leak: a forest finds the same picture, hardly changed, on the other side."""
    X, y = shuffled_pictures()
    augmenter = MRIAugmenter(flip_horizontal=0, flip_vertical=0, random_state=0)
    all_columns = {"min_features": 64, "population_size": 1, "max_iter": 0, "mode": "paper"}
    selector = LyrebirdSelector(RandomForestClassifier(50), **all_columns, random_state=0)
    pipeline = make_pipeline(FunctionTransformer(thumbnails), selector, RandomForestClassifier(5))

    model = AugmentedFit(pipeline, augmenter, n_copies=4).fit(X, y)
    together = model.estimator_[1].search_score_
    variants, source = augmenter.augment(X, 4)
    everything = thumbnails(np.concatenate([X, variants]))
    apart = clone(selector).fit(everything, np.concatenate([y, y[source]])).search_score_
    assert abs(together - 0.5) < 0.17
    assert apart > 0.9


def test_grid_search_is_at_chance_too_and_warned_of_where_it_cannot_be():
    X, y = shuffled_pictures()
    augmenter = MRIAugmenter(flip_horizontal=0, flip_vertical=0, random_state=0)
    scores = {}
    for cv in (StratifiedGroupKFold(5), StratifiedKFold(5, shuffle=True, random_state=0)):
        forest = RandomForestClassifier(50, random_state=0)
        search = GridSearchCV(
            make_pipeline(FunctionTransformer(thumbnails), forest),
            {"randomforestclassifier__max_depth": [5]},
            cv=cv,
        )
        model = AugmentedFit(search, augmenter, n_copies=4)
        if isinstance(cv, StratifiedKFold):
            with pytest.warns(UserWarning, match="variants of one picture can stand on both"):
                model.fit(X, y)
        else:
            model.fit(X, y)
        scores[type(cv)] = model.estimator_.best_score_
    assert abs(scores[StratifiedGroupKFold] - 0.5) < 0.17
    assert scores[StratifiedKFold] > 0.85


def test_warning_names_the_parameter_within_a_pipeline(pictures):
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=2)
    pipeline = make_pipeline(FunctionTransformer(thumbnails), search)
    with pytest.warns(UserWarning, match=r"GridSearchCV splits by cv=2.*\(gridsearchcv__cv\)"):
        AugmentedFit(pipeline).fit(pictures, LABELS)


def test_evaluate_takes_it_and_shuffled_patients_stay_at_chance():
    X, y = shuffled_pictures()
    patients = np.arange(40) // 2
    y = permute_by_group(y[::2].repeat(2), patients, random_state=0)
    forest = make_pipeline(
        FunctionTransformer(thumbnails), RandomForestClassifier(50, random_state=0)
    )
    model = AugmentedFit(forest, MRIAugmenter(random_state=0), n_copies=2)
    result = evaluate(model, X, y, groups=patients, outer=5, n_bootstrap=50)
    assert 0.2 < result.metrics()["accuracy"].value < 0.8


def test_no_copies_is_the_estimator_alone():
    X, y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 3
    model = AugmentedFit(LogisticRegression(), Jitter(), n_copies=0).fit(X, y)
    np.testing.assert_array_equal(
        model.predict_proba(X), LogisticRegression().fit(X, y).predict_proba(X)
    )


def test_what_the_estimator_has_it_has():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 3)), columns=list("abc"))
    y = np.arange(20) % 2
    model = AugmentedFit(LogisticRegression(), Jitter()).fit(table, y)
    assert model.n_features_in_ == 3
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert model.score(table, y) == model.estimator_.score(table, y)
    np.testing.assert_array_equal(
        model.decision_function(table), model.estimator_.decision_function(table)
    )
    assert is_classifier(model)
    assert is_regressor(AugmentedFit(Ridge()))
    assert not hasattr(model, "transform")
    assert not hasattr(AugmentedFit(Ridge(), Jitter()).fit(table, y), "classes_")
    scaler = AugmentedFit(StandardScaler(), Jitter()).fit(table)
    assert scaler.get_feature_names_out().tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(scaler.transform(table), scaler.estimator_.transform(table))


def test_clone_pickle_parameters_and_cross_validation(pictures):
    forest = make_pipeline(FunctionTransformer(thumbnails), RandomForestClassifier(5))
    model = AugmentedFit(forest, MRIAugmenter(random_state=0))
    copy = clone(model).set_params(augmenter__degrees=3, n_copies=2)
    assert (model.augmenter.degrees, copy.augmenter.degrees) == (10.0, 3)
    fitted = copy.fit(pictures, LABELS)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(pictures), fitted.predict_proba(pictures))
    assert not hasattr(copy.estimator, "classes_")
    scores = cross_val_score(model, pictures, LABELS, cv=GroupKFold(2), groups=[0, 0, 0, 1, 1, 1])
    assert scores.shape == (2,)


def test_pictures_of_different_sizes(pictures):
    ragged = [*pictures[:5], pictures[5, :-4]]
    first = FunctionTransformer(lambda X: np.array([[image.mean(), image.std()] for image in X]))
    model = AugmentedFit(make_pipeline(first, LogisticRegression()), n_copies=2)
    assert model.fit(ragged, LABELS).predict(ragged).shape == (6,)


def test_bad_input_is_named(pictures):
    with pytest.raises(TypeError, match=r"augmenter must have a method augment\(X, copies\)"):
        AugmentedFit(Recorder(), StandardScaler()).fit(pictures, LABELS)
    with pytest.raises(ValueError, match="n_copies must be at least 0. Got -1"):
        AugmentedFit(Recorder(), n_copies=-1).fit(pictures, LABELS)
    with pytest.raises(ValueError, match="groups must hold a value for every sample. Sample 2"):
        AugmentedFit(Recorder()).fit(pictures, LABELS, groups=[1, 2, None, 3, 4, 5])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        AugmentedFit(Recorder()).fit(pictures, LABELS[:5])
    with pytest.raises(TypeError, match="not a file name"):
        AugmentedFit(Recorder()).fit(["a.png", "b.png"], [0, 1])
