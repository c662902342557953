import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sicf import LyrebirdSelector, calibrate, explain
from tests.explanation.conftest import chain, network

SEEN = []


class Overconfident(ClassifierMixin, BaseEstimator):
    """Knows the sign of the first pixel, and is sure of it; notes which patients it was given."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        SEEN.append(set(np.asarray(X)[:, 1].tolist()))
        return self

    def predict_proba(self, X):
        sure = np.where(np.asarray(X)[:, 0] > 0, 0.99, 0.01)
        return np.column_stack([1 - sure, sure])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def simulate(rng, n_patients, right=0.7, n_slices=4):
    """A class for each patient; the first column has its sign in some slices only."""
    y = np.repeat(np.arange(n_patients) % 2, n_slices)
    groups = np.repeat(np.arange(n_patients), n_slices)
    sign = np.where(rng.random(y.size) < right, 2 * y - 1, 1 - 2 * y)
    return np.column_stack([sign, groups]), y, groups


def test_certainty_becomes_the_share_that_is_right(rng):
    X, y, groups = simulate(rng, 300)
    calibrated = calibrate(Overconfident(), X, y, groups=groups, random_state=0)
    probability = calibrated.predict_proba([[1, 0], [-1, 0]])[:, 1]
    np.testing.assert_allclose(probability, [0.7, 0.3], atol=0.05)
    new_X, new_y, _ = simulate(rng, 200)
    plain = brier_score_loss(new_y, Overconfident().fit(X, y).predict_proba(new_X)[:, 1])
    assert brier_score_loss(new_y, calibrated.predict_proba(new_X)[:, 1]) < plain - 0.05


def test_no_patient_is_on_both_sides(rng):
    X, y, groups = simulate(rng, 20)
    SEEN.clear()
    calibrate(Overconfident(), X, y, groups=groups, cv=4, random_state=0)
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0).split(X, y, groups)
    assert [set(groups[train].tolist()) for train, _ in folds] == SEEN
    assert all(len(patients) == 15 for patients in SEEN)


def test_groups_reach_the_folds_inside_the_selector(monkeypatch, rng):
    received = []
    fit = LyrebirdSelector.fit

    def note(self, X, y, *, groups=None, **fit_params):
        received.append(groups)
        return fit(self, X, y, groups=groups, **fit_params)

    monkeypatch.setattr(LyrebirdSelector, "fit", note)
    # The wrapped method no longer says what it takes, so the class attribute has to.
    X, y, groups = simulate(rng, 24)
    selector = LyrebirdSelector(
        population_size=2, max_iter=1, cv=2, mode="paper", random_state=0, engine="sklearn"
    )
    pipeline = make_pipeline(selector, RandomForestClassifier(5, random_state=0))
    calibrate(pipeline, X, y, groups=groups, cv=3, random_state=0)
    assert [len(np.unique(own)) for own in received] == [16, 16, 16]


def test_images_are_calibrated_and_each_fold_can_be_explained(pictures):
    X, y = pictures
    calibrated = calibrate(chain(network(), k=None), X, y, cv=2, random_state=0)
    assert isinstance(calibrated, CalibratedClassifierCV)
    np.testing.assert_allclose(calibrated.predict_proba(X[:3]).sum(axis=1), 1)
    inner = calibrated.calibrated_classifiers_[0].estimator
    assert len(explain(inner, X[:1])) == 1


def test_a_splitter_is_taken_as_it_is(rng):
    X, y, groups = simulate(rng, 20)
    SEEN.clear()
    calibrate(Overconfident(), X, y, groups=groups, cv=GroupKFold(2, shuffle=True, random_state=0))
    assert len(SEEN) == 2


def test_the_pipeline_itself_stays_unfitted(rng):
    X, y, groups = simulate(rng, 20)
    pipeline = make_pipeline(FunctionTransformer(), RandomForestClassifier(3))
    calibrate(pipeline, X, y, groups=groups, cv=2)
    assert not hasattr(pipeline[-1], "estimators_")


def test_too_few_patients(rng):
    X, y, groups = simulate(rng, 8)
    with pytest.raises(ValueError, match="as many patients as there are folds, 5. Class 0 has 4"):
        calibrate(Overconfident(), X, y, groups=groups)
    with pytest.raises(ValueError, match="as many images as there are folds, 17. Class 0 has 16"):
        calibrate(Overconfident(), X, y, cv=17)
    with pytest.raises(ValueError, match="method must be one of"):
        calibrate(Overconfident(), X, y, groups=groups, method="platt")


def test_conformal_sets_hold_the_truth_as_often_as_they_say():
    conformal = pytest.importorskip(
        "mapie.classification", reason="MAPIE, which the docs show, is not installed"
    )
    X, y = make_classification(
        4500, 12, n_informative=5, n_classes=3, class_sep=0.7, random_state=0
    )
    forest = RandomForestClassifier(40, random_state=0)
    groups = np.arange(600) // 3
    calibrated = calibrate(forest, X[:600], y[:600], groups=groups, cv=3, random_state=0)
    rng, held, sizes = np.random.default_rng(0), [], []
    for _ in range(10):
        order = 600 + rng.permutation(3900)
        aside, new = order[:1000], order[1000:]
        sets = conformal.SplitConformalClassifier(calibrated, confidence_level=0.9, prefit=True)
        _, found = sets.conformalize(X[aside], y[aside]).predict_set(X[new])
        held.append(found[np.arange(new.size), y[new], 0].mean())
        sizes.append(found[:, :, 0].sum(axis=1).mean())
    # One draw of 1,000 rows has a standard error of 1 %, and all share 3,900.
    assert abs(np.mean(held) - 0.9) < 0.015
    assert 1 < np.mean(sizes) < 3
