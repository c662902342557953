"""Metrics of resamples, against scikit-learn's functions on the samples as often as they occur."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from sicf.evaluation.statistics import (
    METRICS,
    draw_patients,
    resampled_class_metrics,
    resampled_metrics,
)

N_PATIENTS, N_DRAWS = 40, 12
NOT_LINES = [name for name in METRICS if "calibration" not in name]


def cohort(n_classes, seed=0, ties=False):
    """Patients with one to four slices each, and probabilities that know a little."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(N_PATIENTS), rng.integers(1, 5, N_PATIENTS))
    target = rng.integers(n_classes, size=N_PATIENTS)[patient]
    scores = rng.dirichlet(np.ones(n_classes), len(patient)) + np.eye(n_classes)[target] / 2
    if ties:
        scores = np.round(scores, 1) + 0.05
    scores /= scores.sum(axis=1, keepdims=True)
    return target, scores.argmax(axis=1), scores, patient


def draws(seed=1):
    return draw_patients(N_PATIENTS, N_DRAWS, np.random.default_rng(seed))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_class_metrics_are_scikit_learns_on_every_resample(n_classes, ties):
    target, predicted, scores, patient = cohort(n_classes, ties=ties)
    many = draws()
    found = resampled_class_metrics(target, predicted, scores, patient, many, which=NOT_LINES)
    for row, draw in enumerate(many):
        chosen = np.repeat(np.arange(len(target)), draw[patient])
        for k in range(n_classes):
            y, said, score = target[chosen] == k, predicted[chosen] == k, scores[chosen, k]
            expected = {
                "accuracy": accuracy_score(y, said),
                "balanced accuracy": balanced_accuracy_score(y, said),
                "sensitivity": recall_score(y, said),
                "specificity": recall_score(~y, ~said),
                "PPV": precision_score(y, said, zero_division=np.nan),
                "NPV": precision_score(~y, ~said, zero_division=np.nan),
                "F1": f1_score(y, said),
                "AUC": roc_auc_score(y, score),
                "average precision": average_precision_score(y, score),
                "Brier": brier_score_loss(y, score),
                "log loss": log_loss(y, score),
            }
            for name, value in expected.items():
                assert found[name][row, k] == pytest.approx(value, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("n_classes", [2, 3])
def test_summaries_are_scikit_learns_means_over_classes(n_classes):
    target, predicted, scores, patient = cohort(n_classes)
    once = np.ones((1, N_PATIENTS), dtype=int)
    found = resampled_metrics(target, predicted, scores, patient, once, which=NOT_LINES)
    labels = np.arange(n_classes)
    is_class = target[:, np.newaxis] == labels
    expected = {
        "accuracy": accuracy_score(target, predicted),
        "balanced accuracy": balanced_accuracy_score(target, predicted),
        "sensitivity": recall_score(target, predicted, average="macro"),
        "PPV": precision_score(target, predicted, average="macro"),
        "F1": f1_score(target, predicted, average="macro"),
        "AUC": np.mean([roc_auc_score(is_class[:, k], scores[:, k]) for k in labels]),
        "average precision": average_precision_score(is_class, scores, average="macro"),
        "Brier": brier_score_loss(target, scores, labels=labels, scale_by_half=False),
        "log loss": log_loss(target, scores, labels=labels),
    }
    for name, value in expected.items():
        assert found[name].item() == pytest.approx(value, abs=1e-12), name


def test_a_positive_class_is_what_the_metrics_are_about():
    target, predicted, scores, patient = cohort(2)
    many = draws()
    about = resampled_metrics(target, predicted, scores, patient, many, positive=1)
    each = resampled_class_metrics(target, predicted, scores, patient, many)
    assert list(about) == list(METRICS)
    for name in METRICS:
        np.testing.assert_allclose(about[name], each[name][:, 1], atol=1e-12)


def test_what_is_undefined_is_nan_and_says_nothing():
    target, predicted = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 0])
    scores, patient = np.tile([0.8, 0.2], (4, 1)), np.arange(4)
    only_zeros = np.array([[2, 2, 0, 0]])
    found = resampled_class_metrics(target, predicted, scores, patient, only_zeros)
    assert np.isnan(found["sensitivity"][0, 1])
    assert np.isnan(found["AUC"][0]).all()
    assert np.isnan(found["PPV"][0, 1])
    assert np.isnan(found["calibration slope"][0]).all()
    assert found["sensitivity"][0, 0] == 1
    everyone = np.ones((1, 4), dtype=int)
    assert resampled_class_metrics(target, predicted, scores, patient, everyone)["F1"][0, 1] == 0


def test_scores_that_are_no_probabilities_have_no_probability_metrics():
    target, predicted, scores, patient = cohort(3)
    found = resampled_metrics(
        target, predicted, 10 * scores - 5, patient, draws(), is_probability=False
    )
    for name in ("Brier", "log loss", "calibration slope", "calibration intercept"):
        assert np.isnan(found[name]).all()
    assert np.isfinite(found["AUC"]).all()


def test_area_of_labels_is_balanced_accuracy_of_two_classes():
    target, predicted, scores, patient = cohort(2)
    found = resampled_metrics(
        target, predicted, scores, patient, draws(), positive=1, auc="label", which=["AUC"]
    )
    plain = resampled_metrics(target, predicted, scores, patient, draws(), positive=1)
    np.testing.assert_allclose(found["AUC"], plain["balanced accuracy"], atol=1e-12)
    with pytest.raises(ValueError, match="auc must be one of"):
        resampled_metrics(target, predicted, scores, patient, draws(), auc="labels")
