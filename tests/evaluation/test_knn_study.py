import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.feature_selection import SelectKBest
from sklearn.metrics import accuracy_score, recall_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from sicf.evaluation import knn_study


@pytest.fixture(scope="module")
def data():
    """Thirty patients with three slices, two classes, columns of very different scale."""
    X, y = make_classification(30, 6, n_informative=4, random_state=0)
    groups = np.repeat(np.arange(30), 3)
    noise = np.random.default_rng(0).normal(size=(90, 6))
    return (X[groups] + noise) * 10.0 ** np.arange(6), y[groups], groups


def by_hand(X, y, groups, k):
    """Distances, votes and folds without any estimator."""
    scores = np.empty((len(y), 2))
    for train, test in GroupKFold(3).split(X, y, groups):
        mean, std = X[train].mean(axis=0), X[train].std(axis=0)
        a, b = (X[test] - mean) / std, (X[train] - mean) / std
        distance = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        weight = 1 / np.take_along_axis(distance, nearest, axis=1)
        votes = np.stack([(weight * (y[train][nearest] == c)).sum(axis=1) for c in (0, 1)], axis=1)
        scores[test] = votes / votes.sum(axis=1, keepdims=True)
    predicted = scores.argmax(axis=1)
    return [
        accuracy_score(y, predicted),
        recall_score(y, predicted),
        recall_score(y, predicted, pos_label=0),
        roc_auc_score(y, scores[:, 1]),
    ]


def test_table_is_that_of_neighbours_by_hand(data):
    X, y, groups = data
    study = knn_study(X, y, groups=groups, n_splits=GroupKFold(3), n_bootstrap=5)
    assert study.table.index.tolist() == list(range(1, 9))
    for k in (1, 3, 8):
        np.testing.assert_allclose(study.table.loc[k], by_hand(X, y, groups, k), rtol=1e-9)
    interval = study.evaluation.metrics("k=3")["accuracy"]
    assert interval.low <= study.table.loc[3, "accuracy"] <= interval.high
    best = study.table["accuracy"].max()
    assert study.best_k == min(k for k, value in study.table["accuracy"].items() if value == best)


def test_area_of_one_neighbour_is_the_mean_of_both_rates(data):
    X, y, groups = data
    row = knn_study(X, y, k_range=[1], groups=groups, n_bootstrap=5, random_state=0).table.loc[1]
    assert row["AUC"] == pytest.approx((row["sensitivity"] + row["specificity"]) / 2)


def test_ties_go_to_the_smaller_number_in_any_order():
    X = np.repeat([[0.0], [9.0]], 12, axis=0) + np.tile(np.arange(12) / 100, 2)[:, None]
    study = knn_study(X, np.repeat([0, 1], 12), k_range=[5, 2, 3], n_bootstrap=5, random_state=0)
    assert (study.table["accuracy"] == 1).all()
    assert study.best_k == 2
    assert study.table.index.tolist() == [5, 2, 3]


def test_columns_are_chosen_inside_the_folds():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2000)), np.arange(60) % 2
    outside = SelectKBest(k=10).fit_transform(X, y)
    options = {"k_range": [5], "n_bootstrap": 5, "random_state": 0}
    leaked = knn_study(outside, y, **options).table.loc[5, "accuracy"]
    honest = knn_study(X, y, features=SelectKBest(k=10), **options).table.loc[5, "accuracy"]
    assert leaked > 0.8
    assert honest < 0.7


@pytest.mark.parametrize(
    ("k_range", "error", "message"),
    [
        ([], ValueError, "k_range must hold at least 1 number. Got none"),
        ([0], ValueError, "k_range must be at least 1. Got 0"),
        ([1.5], TypeError, "k_range must be a whole number. Got 1.5"),
        ([2, 2], ValueError, r"k_range must hold each number once. Got \[2, 2\]"),
    ],
)
def test_wrong_numbers_are_named(data, k_range, error, message):
    with pytest.raises(error, match=message):
        knn_study(data[0], data[1], k_range=k_range)
