import numpy as np
import pytest
from sklearn import metrics as oracle
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from sicf import evaluate
from sicf.evaluation import RepeatedFolds, evaluation_from_scores

GROUPS = np.repeat(np.arange(60), 2)


def cohort(n_classes):
    X, y = make_classification(
        60, 6, n_informative=4, n_classes=n_classes, n_clusters_per_class=1, random_state=1
    )
    X = np.repeat(X, 2, axis=0) + np.random.default_rng(0).normal(0, 1.2, (120, 6))
    return X, np.array(["astro", "epend", "hemang"])[np.repeat(y, 2)]


def by_scikit_learn(y, scores, predicted, classes):
    """Every metric of several classes that scikit-learn knows, and specificity by recall."""
    onehot = y[:, np.newaxis] == classes
    rest = [oracle.recall_score(y != c, predicted != c) for c in classes]
    npv = [oracle.precision_score(y != c, predicted != c) for c in classes]
    return {
        "accuracy": oracle.accuracy_score(y, predicted),
        "balanced accuracy": oracle.balanced_accuracy_score(y, predicted),
        "sensitivity": oracle.recall_score(y, predicted, average="macro"),
        "specificity": np.mean(rest),
        "PPV": oracle.precision_score(y, predicted, average="macro"),
        "NPV": np.mean(npv),
        "F1": oracle.f1_score(y, predicted, average="macro"),
        "AUC": oracle.roc_auc_score(y, scores, multi_class="ovr"),
        "average precision": oracle.average_precision_score(onehot, scores),
        "log loss": oracle.log_loss(y, scores),
    }


def test_metrics_of_every_fold_equal_those_of_scikit_learn():
    X, y = cohort(3)
    outer = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    found = evaluate(GaussianNB(), X, y, groups=GROUPS, outer=outer, n_bootstrap=1)
    for train, test in outer.split(X, y, GROUPS):
        model = GaussianNB().fit(X[train], y[train])
        scores, predicted = model.predict_proba(X[test]), model.predict(X[test])
        expected = by_scikit_learn(y[test], scores, predicted, found.classes)
        fold = evaluation_from_scores(
            y[test], found.scores["GaussianNB"][0, test], n_bootstrap=1
        ).metrics()
        for metric, value in expected.items():
            assert fold[metric].value == pytest.approx(value, abs=1e-12), metric


def test_class_metrics_are_those_of_each_class_against_the_rest():
    X, y = cohort(3)
    found = evaluate(GaussianNB(), X, y, groups=GROUPS, random_state=0, n_bootstrap=20)
    predicted = found.classes[found.predicted["GaussianNB"][0]]
    by_class = found.class_metrics()
    assert list(by_class) == ["astro", "epend", "hemang"]
    for k, label in enumerate(by_class):
        area = oracle.roc_auc_score(y == label, found.scores["GaussianNB"][0, :, k])
        recall = oracle.recall_score(y == label, predicted == label)
        assert by_class[label]["AUC"].value == pytest.approx(area, abs=1e-12)
        assert by_class[label]["sensitivity"].value == pytest.approx(recall, abs=1e-12)


def test_metrics_of_repeats_are_averaged():
    X, y = cohort(2)
    outer = RepeatedFolds(3, n_repeats=4)
    found = evaluate(GaussianNB(), X, y, groups=GROUPS, outer=outer, random_state=0, n_bootstrap=20)
    scores = found.scores["GaussianNB"]
    areas = [oracle.roc_auc_score(y == "epend", repeat[:, 1]) for repeat in scores]
    assert len(set(areas)) > 1
    assert found.metrics()["AUC"].value == pytest.approx(np.mean(areas), abs=1e-12)


def test_auc_of_labels_is_balanced_accuracy():
    X, y = cohort(2)
    found = evaluate(GaussianNB(), X, y, groups=GROUPS, random_state=0, n_bootstrap=20)
    label = found.metrics(auc="label")
    assert label["AUC"].value == pytest.approx(label["balanced accuracy"].value)
    assert label["AUC"].value != found.metrics()["AUC"].value
    with pytest.raises(ValueError, match="'score' or 'label'. Got 'both'"):
        found.metrics(auc="both")


@pytest.mark.parametrize("positive", ["astro", "epend"])
def test_threshold_moves_the_positive_class(positive):
    X, y = cohort(2)
    options = {"groups": GROUPS, "random_state": 0, "n_bootstrap": 20, "positive_label": positive}
    found = evaluate(GaussianNB(), X, y, **options)
    score = found.scores["GaussianNB"][0, :, found.positive]
    at = found.at_threshold(0.3)
    assert at["sensitivity"].value == (score[y == positive] >= 0.3).mean()
    assert at["specificity"].value == (score[y != positive] < 0.3).mean()
    assert at["AUC"] == found.metrics()["AUC"]
    for threshold in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
            found.at_threshold(threshold)


def test_threshold_needs_two_classes():
    X, y = cohort(3)
    found = evaluate(GaussianNB(), X, y, groups=GROUPS, random_state=0, n_bootstrap=2)
    with pytest.raises(ValueError, match="A threshold needs 2 classes. Got 3"):
        found.at_threshold(0.5)


def test_decision_function_has_no_calibration():
    X, y = cohort(2)
    found = evaluate(LinearSVC(), X, y, groups=GROUPS, random_state=0, n_bootstrap=20)
    assert found.is_probability == {"LinearSVC": False}
    metrics = found.metrics()
    for metric in ("Brier", "log loss", "calibration slope", "calibration intercept"):
        assert np.isnan(metrics[metric].value)
    assert metrics["AUC"].value > 0.6
    assert "–" in found.to_markdown(metrics=["AUC", "Brier"])
    assert np.isfinite(found.at_threshold(-0.5)["sensitivity"].value)


def test_bca_moves_ends_and_not_values():
    X, y = cohort(2)
    options = {"groups": GROUPS, "random_state": 0}
    one, other = (
        evaluate(LogisticRegression(), X, y, interval_method=method, **options).metrics()["AUC"]
        for method in ("percentile", "bca")
    )
    assert one.value == other.value
    assert (one.low, one.high) != (other.low, other.high)
    with pytest.raises(ValueError, match="interval_method must be one of .* Got 'basic'"):
        evaluate(LogisticRegression(), X, y, interval_method="basic")


def test_facts_of_every_fit_are_kept():
    X, y = cohort(2)
    found = evaluate(
        LogisticRegression(random_state=7), X, y, groups=GROUPS, outer=3, random_state=0
    )
    (about, *others) = found.about["LogisticRegression"]
    assert len(others) == 2
    assert about["random_state"] == 7
    assert about["n_features_in_"] == 6
    assert about["training patients"] + about["test patients"] == 60
    assert all(seconds > 0 for seconds in found.fit_seconds["LogisticRegression"])
    assert all(size > 1e7 for size in found.peak_memory["LogisticRegression"])
    assert found.versions["scikit-learn"]
    assert found.started.endswith("+00:00")
