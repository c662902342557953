import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.datasets import load_iris, make_classification
from sklearn.utils.estimator_checks import parametrize_with_checks

from sicf import DiagonalNCA
from sicf.selection import _neighbour_accuracy
from sicf.selection._neighbour_accuracy import NeighbourAccuracy


@parametrize_with_checks([DiagonalNCA(), DiagonalNCA(2, penalty=0.1, prefilter=4, max_iter=5)])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


def plain_accuracy(X, y, weights):
    """Goldberger's expected accuracy, by its definition."""
    n = len(X)
    total = 0.0
    for i in range(n):
        near = [np.exp(-((weights * (X[i] - X[j])) ** 2).sum()) if j != i else 0 for j in range(n)]
        total += sum(near[j] for j in range(n) if y[j] == y[i]) / sum(near)
    return total / n


@pytest.fixture
def problem(rng):
    y = np.r_[0, 0, 1, 1, 2, rng.integers(0, 2, size=20)]  # class 2 has one member
    return rng.normal(size=(25, 4)), y, rng.normal(size=4)


def test_loss_is_that_of_the_definition(problem):
    X, y, weights = problem
    accuracy = NeighbourAccuracy(X, y, 0.3)
    expected = plain_accuracy(X, y, weights)
    assert accuracy.expected(weights) == pytest.approx(expected, rel=1e-12)
    loss, _ = accuracy.loss_and_gradient(weights)
    assert loss == pytest.approx(0.3 * (weights**2).sum() - expected, rel=1e-12)


@pytest.mark.parametrize("rows", [512, 7])
def test_gradient_is_the_slope_of_the_loss(problem, rows, monkeypatch):
    monkeypatch.setattr(_neighbour_accuracy, "ROWS_AT_ONCE", rows)
    X, y, weights = problem
    accuracy = NeighbourAccuracy(X, y, 0.3)
    error = check_grad(
        lambda w: accuracy.loss_and_gradient(w)[0],
        lambda w: accuracy.loss_and_gradient(w)[1],
        weights,
    )
    assert error < 1e-6


def test_columns_that_tell_are_found_whatever_their_unit():
    X, y = make_classification(
        150, 20, n_informative=3, n_redundant=0, shuffle=False, class_sep=2, random_state=0
    )
    units = 10.0 ** np.arange(-10, 10)
    selector = DiagonalNCA(3).fit(X * units, y)
    assert selector.get_support(indices=True).tolist() == [0, 1, 2]
    plain = DiagonalNCA(3).fit(X, y)
    np.testing.assert_allclose(np.abs(selector.weights_), np.abs(plain.weights_), atol=1e-3)
    assert 0.9 < selector.expected_accuracy_ <= 1
    assert 1 <= selector.n_iter_ <= 100


def test_an_interaction_is_found(rng):
    X = rng.uniform(-1, 1, size=(200, 8))
    y = (X[:, 2] * X[:, 5] > 0).astype(int)
    assert DiagonalNCA(2).fit(X, y).get_support(indices=True).tolist() == [2, 5]


def test_penalty_shrinks_weights_and_many_columns_do_not_stop_it(rng):
    X, y = rng.normal(size=(60, 1500)), np.arange(60) % 2
    X[:, 7] += 4 * y
    free, tight = (DiagonalNCA(1, penalty=penalty).fit(X, y) for penalty in (None, 0.2))
    assert free.get_support(indices=True).tolist() == [7]
    assert np.abs(tight.weights_).sum() < np.abs(free.weights_).sum()


def test_constant_columns_weigh_nothing_but_the_penalty(rng):
    X = np.c_[rng.normal(size=(40, 2)), np.full(40, 0.1)]
    y = (X[:, 0] > 0).astype(int)
    weights = DiagonalNCA(1).fit(X, y).weights_
    assert abs(weights[2]) < 1e-3
    assert np.abs(weights).argmax() == 0


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"penalty": -1}, ValueError, "penalty must be a finite number, at least 0. Got -1"),
        ({"penalty": "l2"}, TypeError, "penalty must be a number. Got 'l2'"),
        ({"max_iter": 0}, ValueError, "max_iter must be at least 1. Got 0"),
        ({"prefilter": 3}, ValueError, "prefilter must be at least 1000. Got 3"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        DiagonalNCA(**parameters).fit(*load_iris(return_X_y=True))
