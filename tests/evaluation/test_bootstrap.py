import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    multilabel_confusion_matrix,
    recall_score,
    roc_auc_score,
)

from sicf.evaluation._bootstrap import bootstrap_metrics, draw_patients
from sicf.evaluation._metrics import auc, confusion_metrics


@pytest.fixture
def answers():
    """Thirty patients with one to four slices, three classes, scores that tie."""
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(30), rng.integers(1, 5, 30))
    target = (np.arange(30) % 3)[patient]
    scores = np.round(rng.random((len(patient), 3)) + 0.5 * np.eye(3)[target], 1)
    return target, scores.argmax(axis=1), scores, patient


def by_scikit_learn(target, predicted, scores):
    """The same metrics on materialised samples, one at a time."""
    tn, fp = multilabel_confusion_matrix(target, predicted)[:, 0].T
    areas = [roc_auc_score(target == k, scores[:, k]) for k in range(3)]
    return {
        "accuracy": accuracy_score(target, predicted),
        "balanced accuracy": balanced_accuracy_score(target, predicted),
        "sensitivity": recall_score(target, predicted, average="macro"),
        "specificity": np.mean(tn / (tn + fp)),
        "F1": f1_score(target, predicted, average="macro"),
        "AUC": np.mean(areas),
    }


def test_values_and_intervals_equal_a_slow_plain_bootstrap(answers):
    target, predicted, scores, patient = answers
    draws = draw_patients(30, 60, np.random.default_rng(1))
    fast = bootstrap_metrics(target, predicted, scores, patient, draws)
    slow = []
    for counts in draws:
        rows = np.concatenate(
            [np.flatnonzero(patient == p) for p in np.repeat(np.arange(30), counts)]
        )
        slow.append(by_scikit_learn(target[rows], predicted[rows], scores[rows]))
    for name, value in by_scikit_learn(target, predicted, scores).items():
        assert fast[name].value == pytest.approx(value)
        low, high = np.quantile([found[name] for found in slow], [0.025, 0.975])
        assert (fast[name].low, fast[name].high) == pytest.approx((low, high))
        assert fast[name].n_defined == 60


def test_patients_are_drawn_whole():
    draws = draw_patients(7, 200, np.random.default_rng(0))
    assert (draws.sum(axis=1) == 7).all()
    assert abs(draws.mean() - 1) < 1e-12
    assert draws.max() > 1


def test_interval_is_wider_over_patients_than_over_slices():
    """Slices of a patient that agree are one observation, not four."""
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(40), 4)
    target = (np.arange(40) % 2)[patient]
    predicted = np.where(rng.random(40) < 0.7, np.arange(40) % 2, 1 - np.arange(40) % 2)[patient]
    scores = np.eye(2)[predicted]

    def width(unit):
        draws = draw_patients(unit.max() + 1, 500, np.random.default_rng(0))
        found = bootstrap_metrics(target, predicted, scores, unit, draws, positive=1)["accuracy"]
        return found.high - found.low

    assert width(patient) > 1.6 * width(np.arange(160))


def test_resample_without_a_class_is_counted_out(answers):
    target, predicted, scores, patient = answers
    two = np.isin(patient, [0, 1, 2])
    _, unit = np.unique(patient[two], return_inverse=True)
    draws = draw_patients(3, 400, np.random.default_rng(0))
    found = bootstrap_metrics(target[two], predicted[two], scores[two], unit, draws)
    complete = int((draws > 0).all(axis=1).sum())
    assert found["AUC"].n_defined == found["balanced accuracy"].n_defined == complete
    assert found["accuracy"].n_defined == 400


def test_two_classes_are_about_the_positive_one():
    confusion = np.array([[50, 10], [5, 35]])
    about_one = confusion_metrics(confusion, positive=1)
    assert about_one["sensitivity"] == pytest.approx(35 / 40)
    assert about_one["specificity"] == pytest.approx(50 / 60)
    assert about_one["F1"] == pytest.approx(70 / (70 + 15))
    about_zero = confusion_metrics(confusion, positive=0)
    assert about_zero["sensitivity"] == about_one["specificity"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_weighted_area_is_that_of_scikit_learn(data):
    n = data.draw(st.integers(4, 25))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    positive = np.arange(n) % 2 == 0
    score = rng.integers(0, 5, n).astype(float)
    weight = rng.integers(1, 4, n)
    expected = roc_auc_score(positive, score, sample_weight=weight)
    assert auc(positive, score, weight[np.newaxis])[0] == pytest.approx(expected)


@pytest.mark.slow
def test_interval_holds_the_truth_about_as_often_as_it_says():
    """Accuracy of a coin with 0.7, four agreeing slices a patient: coverage near 95 %."""
    rng, held = np.random.default_rng(0), 0
    patient = np.repeat(np.arange(60), 4)
    target = (np.arange(60) % 2)[patient]
    for _ in range(400):
        right = (rng.random(60) < 0.7)[patient]
        predicted = np.where(right, target, 1 - target)
        draws = draw_patients(60, 400, rng)
        found = bootstrap_metrics(
            target, predicted, np.eye(2)[predicted], patient, draws, positive=1
        )
        held += found["accuracy"].low <= 0.7 <= found["accuracy"].high
    assert 0.90 < held / 400 < 0.98
