import numpy as np
import pytest
from sklearn.datasets import load_iris, make_classification
from sklearn.feature_selection import f_classif
from sklearn.utils.estimator_checks import parametrize_with_checks

from sicf import ReliefF
from sicf.selection import _relieff
from sicf.selection._relieff import relieff_weights


@parametrize_with_checks([ReliefF(), ReliefF(2, n_neighbors=3, prefilter=4)])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


def plain_relieff(X, y, k):
    """The published loop (Robnik-Šikonja and Kononenko 2003, figure 2), every sample once."""
    n, p = X.shape
    ranges = X.max(axis=0) - X.min(axis=0)

    def diff(a, i, j):
        return abs(X[i, a] - X[j, a]) / ranges[a] if ranges[a] else 0.0

    weights = np.zeros(p)
    for i in range(n):
        for label in set(y):
            others = [j for j in range(n) if y[j] == label and j != i]
            others.sort(key=lambda j: sum(diff(a, i, j) for a in range(p)))
            near = others[:k]
            if not near:
                continue
            prior = np.mean(y == label) / (1 - np.mean(y == y[i]))
            factor = -1 if label == y[i] else prior
            for a in range(p):
                weights[a] += factor * sum(diff(a, i, j) for j in near) / (n * len(near))
    return weights


@pytest.mark.parametrize("k", [1, 4, 100])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_weights_are_those_of_the_published_loop(rng, k, n_classes):
    y = np.r_[np.arange(n_classes), rng.choice(n_classes, size=40)]
    X = rng.normal(size=(len(y), 6)) * [1, 5, 0.1, 1, 1, 0]
    X[:, 2] += 0.1 * y
    np.testing.assert_allclose(relieff_weights(X, y, k), plain_relieff(X, y, k), atol=1e-12)


def test_a_class_of_one_has_no_hits(rng):
    X, y = rng.normal(size=(12, 3)), np.r_[0, np.repeat([1, 2], [6, 5])]
    np.testing.assert_allclose(relieff_weights(X, y, 4), plain_relieff(X, y, 4), atol=1e-12)


def test_little_memory_gives_the_same_weights(rng, monkeypatch):
    X, y = rng.normal(size=(30, 5)), np.arange(30) % 3
    whole = relieff_weights(X, y, 3)
    monkeypatch.setattr(_relieff, "NUMBERS_AT_ONCE", 60)
    np.testing.assert_allclose(relieff_weights(X, y, 3), whole, rtol=1e-12)


def test_an_interaction_is_found_that_an_analysis_of_variance_misses(rng):
    X = rng.uniform(-1, 1, size=(400, 8))
    y = (X[:, 2] * X[:, 5] > 0).astype(int)
    selector = ReliefF(2).fit(X, y)
    assert selector.get_support(indices=True).tolist() == [2, 5]
    assert sorted(np.argsort(f_classif(X, y)[0])[-2:]) != [2, 5]
    np.testing.assert_array_equal(selector.transform(X), X[:, [2, 5]])


def test_prefilter_weighs_the_columns_of_the_largest_f():
    X, y = make_classification(80, 12, n_informative=4, random_state=0)
    selector = ReliefF(3, prefilter=5).fit(X, y)
    weighed = np.flatnonzero(~np.isnan(selector.weights_))
    assert weighed.tolist() == sorted(np.argsort(f_classif(X, y)[0])[-5:].tolist())
    np.testing.assert_allclose(selector.weights_[weighed], relieff_weights(X[:, weighed], y, 10))
    assert set(selector.get_support(indices=True)) <= set(weighed)
    assert ReliefF(50).fit(X, y).support_.all()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_features_to_select": 0}, ValueError, "n_features_to_select must be at least 1. Got 0"),
        ({"n_neighbors": 0}, ValueError, "n_neighbors must be at least 1. Got 0"),
        ({"prefilter": 10}, ValueError, "prefilter must be at least 1000. Got 10"),
        ({"n_neighbors": 2.0}, TypeError, "n_neighbors must be a whole number. Got 2.0"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        ReliefF(**parameters).fit(*load_iris(return_X_y=True))


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="y must hold at least 2 classes. Got 1 class: 7"):
        ReliefF().fit(np.eye(4), [7] * 4)
