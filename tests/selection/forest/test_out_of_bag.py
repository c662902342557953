"""Out-of-bag rows of the compiled forest: exactly those not drawn, and scikit-learn's answers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from sicf.selection.forest import CompiledForest, _compiled_forest

ROWS, COLUMNS = np.arange(240), np.arange(30)
UNBALANCED = (6 / 9, 2 / 9)


@pytest.fixture(params=[True, False], ids=["by weight", "evenly"])
def draws_by_weight(request, monkeypatch):
    """Both ways in which scikit-learn has drawn its bootstrap."""
    monkeypatch.setattr(_compiled_forest, "draws_by_weight", lambda: request.param)
    return request.param


def table(weights=UNBALANCED):
    return make_classification(
        240,
        30,
        n_informative=8,
        n_redundant=10,
        n_classes=3,
        weights=weights,
        flip_y=0.05,
        class_sep=1.5,
        random_state=0,
    )


@pytest.mark.plain_python
@pytest.mark.parametrize("n_trees", [1, 5])
def test_a_tree_answers_for_the_rows_it_did_not_draw(draws_by_weight, n_trees):
    rng = np.random.default_rng(0)
    # Each row is a class of its own, so that only the trees that drew a row know its class; on one
    # column the trees do not depend on the rows that they are asked for.
    X, y, rows = rng.normal(size=(40, 1)), np.arange(40), np.arange(40)
    weight = rng.uniform(0.1, 2, 40)
    forest = CompiledForest(RandomForestClassifier(n_trees), X, y, weight)
    votes = forest.probabilities(np.array([0]), rows, rows, 3)[1] * n_trees
    n_drew = np.diag(votes)
    n_left = (n_trees - n_drew)[:, np.newaxis]
    expected = np.divide(votes - np.diag(n_drew), n_left, out=np.zeros((40, 40)), where=n_left > 0)
    _, probabilities, seen = forest.out_of_bag(np.array([0]), rows, 3)
    assert_array_equal(seen, n_drew < n_trees)
    assert_allclose(probabilities, expected, atol=1e-12)
    assert 0 < seen.sum() < 40


def test_a_row_without_weight_is_left_out_only_where_it_is_not_drawn(draws_by_weight):
    X, y = table()
    weight = np.where(ROWS == 7, 0.0, 1.0)
    forest = CompiledForest(RandomForestClassifier(1, max_depth=1), X, y, weight)
    share = np.mean([forest.out_of_bag(COLUMNS, ROWS, seed)[2][7] for seed in range(400)])
    expected = 1 if draws_by_weight else (1 - 1 / 240) ** 240
    assert share == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / 400))


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_same_answers_as_trees_drawn_by_hand(draws_by_weight, class_weight):
    X, y = table()
    n_trees = 800
    own = np.random.default_rng(1).uniform(0.5, 1.5, 240)
    compiled = CompiledForest(RandomForestClassifier(n_trees, class_weight=class_weight), X, y, own)
    weight = compiled._weights(ROWS)
    theirs, n_voters = trees_by_hand(X, y, weight, draws_by_weight, n_trees)
    _, ours, seen = compiled.out_of_bag(COLUMNS, ROWS, 0)
    assert seen.all()
    # A tree's answer has a variance of at most 1/4: standard errors of one row's difference.
    n_voters = n_voters[:, np.newaxis]
    assert (np.abs(ours - theirs) < 5 * np.sqrt(2 * 0.25 / n_voters)).all()
    # Over rows chance cancels. With balanced classes the other way of drawing gives 15 to 40.
    for here in (y == label for label in range(3)):
        total = ((ours - theirs) * n_voters)[here].sum(axis=0)
        assert (np.abs(total) < 4 * np.sqrt(2 * 0.25 * n_voters[here].sum())).all()


def trees_by_hand(X, y, weight, by_weight, n_trees):
    """Out-of-bag probabilities by scikit-learn's trees, and how many trees speak on each row."""
    rng = np.random.RandomState(0)
    votes, n_voters = np.zeros((len(y), 3)), np.zeros(len(y))
    for _ in range(n_trees):
        drawn = rng.choice(len(y), len(y), p=weight / weight.sum() if by_weight else None)
        n_draws = np.bincount(drawn, minlength=len(y))
        tree = DecisionTreeClassifier(max_features="sqrt", random_state=rng)
        tree.fit(X, y, sample_weight=n_draws if by_weight else n_draws * weight)
        votes[n_draws == 0] += tree.predict_proba(X[n_draws == 0])
        n_voters += n_draws == 0
    return votes / n_voters[:, np.newaxis], n_voters


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("weights", [None, UNBALANCED], ids=["balanced", "6:2:1"])
@pytest.mark.filterwarnings("ignore:Some inputs do not have OOB scores")
def test_in_distribution_the_answers_are_those_of_scikit_learn(weights, class_weight):
    X, y = table(weights)
    forest = RandomForestClassifier(30, class_weight=class_weight, oob_score=True)
    compiled = CompiledForest(forest, X, y)
    rng = np.random.default_rng(0)
    differences = []
    for seed in range(30):
        columns = np.flatnonzero(rng.random(30) < 0.4)
        ours = compiled.out_of_bag(columns, ROWS, seed)[1]
        theirs = forest.set_params(random_state=seed).fit(X[:, columns], y).oob_decision_function_
        differences.append(np.subtract(accuracy_and_truth(ours, y), accuracy_and_truth(theirs, y)))
    errors = np.std(differences, axis=0, ddof=1) / np.sqrt(len(differences))
    assert (errors < (0.008, 0.004)).all()
    assert (np.abs(np.mean(differences, axis=0)) < 4 * errors).all()


def accuracy_and_truth(probabilities, y):
    """Accuracy, and the mean probability of the true class, on the rows that were left out."""
    seen = probabilities.sum(axis=1) > 0
    right = probabilities.argmax(axis=1) == y
    return right[seen].mean(), probabilities[np.arange(len(y)), y][seen].mean()


def test_as_many_rows_are_seen_as_in_scikit_learn():
    X, y = table()
    forest = RandomForestClassifier(3, class_weight="balanced", max_depth=1, oob_score=True)
    compiled = CompiledForest(forest, X, y)
    for label in range(3):
        here = y == label
        ours, theirs = [], []
        for seed in range(60):
            ours.append(compiled.out_of_bag(COLUMNS[:4], ROWS, seed)[2][here].mean())
            with pytest.warns(UserWarning, match="Some inputs do not have OOB scores"):
                forest.set_params(random_state=seed).fit(X[:, :4], y)
            theirs.append((forest.oob_decision_function_[here].sum(axis=1) > 0).mean())
        error = np.hypot(np.std(ours), np.std(theirs)) / np.sqrt(60)
        assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=4 * error)


def test_rows_may_be_some_of_them_in_any_order_and_lack_a_class():
    X, y = table()
    names = np.array(["a", "b", "c"])[y]
    forest = CompiledForest(RandomForestClassifier(200), X, names)
    rows = np.flatnonzero(y != 1)[::-1]
    classes, probabilities, seen = forest.out_of_bag(COLUMNS, rows, 0)
    assert classes.tolist() == ["a", "c"]
    assert seen.all()
    assert_allclose(probabilities.sum(axis=1), 1)
    # In the wrong order it would know no more than the share of the larger class.
    right = (classes[probabilities.argmax(axis=1)] == names[rows]).mean()
    assert right > (names[rows] == "a").mean() + 0.03


def test_seed_gives_the_forest():
    forest = CompiledForest(RandomForestClassifier(10), *table())
    first, again, other = (forest.out_of_bag(COLUMNS, ROWS, seed)[1] for seed in (1, 1, 2))
    assert_array_equal(first, again)
    assert (first != other).any()


def test_without_bootstrap_there_is_nothing_out_of_bag():
    forest = CompiledForest(RandomForestClassifier(2, bootstrap=False), *table())
    with pytest.raises(ValueError, match="need bootstrap=True. Got bootstrap=False"):
        forest.out_of_bag(COLUMNS, ROWS, 0)


def test_repeated_rows_are_refused():
    forest = CompiledForest(RandomForestClassifier(2), *table())
    with pytest.raises(ValueError, match="name each row once.*Got 241 rows, 240 of them"):
        forest.out_of_bag(COLUMNS, np.r_[ROWS, 0], 0)
