"""The compiled forest against scikit-learn's: split for split, and in distribution."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import (
    balanced_accuracy_score,
    get_scorer,
    log_loss,
    make_scorer,
    roc_auc_score,
)

from sicf import LyrebirdSelector
from sicf.selection._fold_score import CompiledForestScore, EstimatorScore, choose_fold_score
from sicf.selection.forest import CompiledForest, unsupported
from sicf.selection.forest._compiled_forest import balances_weights, draws_by_weight
from sicf.selection.forest._kernel import compiled

SCORER = get_scorer("accuracy")
TRAIN, TEST = np.arange(120), np.arange(120, 240)


@pytest.fixture
def table():
    """240 rows of 30 columns, classes as 6 : 2 : 1, two columns constant and one of few values."""
    X, y = make_classification(
        240, 30, n_informative=6, n_classes=3, weights=[6 / 9, 2 / 9], flip_y=0.2, random_state=0
    )
    X[:, 3] = 1.5
    X[:, 4] = 0
    X[:, 5] = np.round(X[:, 5])
    return X, y


def one_tree(**parameters):
    return RandomForestClassifier(1, bootstrap=False, max_features=None, **parameters)


def both(forest, X, y, columns=None, train=TRAIN, test=TEST, weight=None):
    """Probabilities by the compiled forest and by scikit-learn's."""
    columns = np.arange(X.shape[1]) if columns is None else columns
    classes, ours = CompiledForest(forest, X, y, weight).probabilities(columns, train, test, 0)
    forest.set_params(random_state=0).fit(
        X[np.ix_(train, columns)],
        y[train],
        sample_weight=None if weight is None else weight[train],
    )
    assert_array_equal(classes, forest.classes_)
    return ours, forest.predict_proba(X[np.ix_(test, columns)])


@pytest.fixture
def weight():
    """Weights at random: no two splits of different rows are then equally good."""
    return np.random.default_rng(0).uniform(0.1, 2, 240)


@pytest.mark.plain_python
@pytest.mark.parametrize("column", [0, 5, 7])
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize(
    "limits",
    [{}, {"max_depth": 3}, {"min_samples_leaf": 4}, {"min_samples_split": 0.1}],
    ids=str,
)
def test_same_tree_on_one_column(table, weight, column, criterion, limits):
    forest = one_tree(criterion=criterion, **limits)
    ours, theirs = both(forest, *table, np.array([column]), weight=weight)
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.plain_python
@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 1, 1: 3, 2: 0.5}], ids=str)
def test_same_splits_on_all_columns(table, weight, criterion, class_weight):
    forest = one_tree(criterion=criterion, class_weight=class_weight, max_depth=4)
    # Columns may part the training rows in the same way, but at other thresholds.
    ours, theirs = both(forest, *table, test=TRAIN, weight=weight)
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.plain_python
def test_same_splits_of_nodes_that_are_counted(table):
    rng = np.random.default_rng(1)
    X = rng.integers(0, 200, size=(1200, 8)).astype(float)
    y = (X[:, 2] + rng.normal(0, 60, 1200) > 100).astype(int) + (X[:, 5] > 150)
    train, test = np.arange(1000), np.arange(1000, 1200)
    ours, theirs = both(one_tree(max_depth=3), X, y, train=train, test=test)
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.plain_python
@pytest.mark.parametrize("n_each", [1, 400])
def test_of_equally_good_cuts_the_first(n_each):
    X, y = np.repeat(np.arange(4.0), n_each)[:, np.newaxis], np.repeat([1, 0, 0, 1], n_each)
    rows = np.arange(len(y))
    ours, theirs = both(one_tree(max_depth=1), X, y, train=rows, test=rows)
    assert theirs[0].tolist() == [0, 1]
    assert_array_equal(ours, theirs)


@pytest.mark.plain_python
@pytest.mark.parametrize("n", [60, 1500])
def test_columns_are_drawn_until_one_is_not_constant(n):
    """Of ten columns one can be split, so that trees are the same whatever is drawn."""
    rng = np.random.default_rng(0)
    X, y = np.full((n, 10), 2.5), rng.integers(0, 2, n)
    X[:, 6] = rng.integers(0, 200, n)
    rows = np.arange(n)
    forest = one_tree(max_depth=3).set_params(max_features=1)
    ours, theirs = both(forest, X, y, train=rows, test=rows)
    assert len(np.unique(theirs)) > 2
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.plain_python
def test_the_first_column_that_is_not_constant_ends_the_drawing():
    """One of two columns tells the classes apart; half of the trees draw the other."""
    y = np.arange(60) % 2
    X = np.zeros((60, 10))
    X[:, 3], X[:, 8] = y, np.arange(60) // 2 % 2
    forest = RandomForestClassifier(400, bootstrap=False, max_features=1, max_depth=1)
    ours, theirs = both(forest, X, y, train=np.arange(60), test=np.arange(60))
    for p in (ours, theirs):  # trees that drew the other say 1/2
        assert abs(2 * p[1, 0] - 0.5) < 5 * 0.5 / np.sqrt(400)


@pytest.mark.plain_python
@pytest.mark.parametrize("n", [60, 1500])
def test_columns_that_leaves_forbid_to_split_count_as_drawn(n):
    """Each tree draws one of two columns, of which the other has one row apart, and stays whole."""
    X, y = np.zeros((n, 2)), np.arange(n) % 2
    X[:, 0], X[0, 1] = y, 1
    forest = RandomForestClassifier(400, bootstrap=False, max_features=1, min_samples_leaf=2)
    ours, theirs = both(forest, X, y, train=np.arange(n), test=np.arange(n))
    for p in (ours, theirs):
        whole = 2 * p[1, 0]  # the share of trees that are one leaf
        assert abs(whole - 0.5) < 5 * 0.5 / np.sqrt(400)


@pytest.mark.parametrize(
    "parameters",
    [
        {"class_weight": "balanced"},
        {"class_weight": "balanced", "bootstrap": False},
        {"max_features": 1},
        {"max_features": "log2", "bootstrap": False},
        {"max_features": 0.3, "criterion": "entropy", "max_depth": 4},
    ],
    ids=str,
)
def test_same_probabilities_in_the_limit_of_many_trees(table, parameters):
    forest = RandomForestClassifier(2000, n_jobs=2, **parameters)
    ours, theirs = both(forest, *table)
    # A tree's answer has a variance of at most 1/4: five standard errors of a difference.
    assert np.abs(ours - theirs).max() < 5 * np.sqrt(2 * 0.25 / 2000)
    # Over rows chance cancels; a different rule for bootstrap or constant columns does not.
    assert np.abs((ours - theirs).mean(axis=0)).max() < 0.012


@pytest.mark.plain_python
def test_no_two_trees_are_the_same(table):
    forest = CompiledForest(RandomForestClassifier(1, max_depth=2), *table)
    columns = np.arange(30)
    trees = [forest.probabilities(columns, TRAIN, TEST, seed)[1].ravel() for seed in range(200)]
    assert len(np.unique(trees, axis=0)) == 200


def test_more_than_256_values_are_binned_and_change_little():
    X, y = make_classification(3000, 10, n_informative=5, n_classes=3, random_state=0)
    forest = RandomForestClassifier(300, max_depth=20, n_jobs=2)
    ours, theirs = both(forest, X, y, train=np.arange(2000), test=np.arange(2000, 3000))
    assert np.abs(ours - theirs).mean() < 0.03
    right = [(p.argmax(axis=1) == y[2000:]).mean() for p in (ours, theirs)]
    assert right[0] == pytest.approx(right[1], abs=0.01)


def test_classes_are_those_of_the_training_rows(table):
    X, y = table
    names = np.array(["a", "b", "c"])[y]
    train = TRAIN[y[TRAIN] != 1]
    ours, theirs = both(RandomForestClassifier(20), X, names, train=train)
    assert ours.shape == theirs.shape == (120, 2)


@pytest.mark.parametrize(
    ("scoring", "oracle"),
    [
        ("accuracy", lambda y, p: (p.argmax(axis=1) == y).mean()),
        ("balanced_accuracy", lambda y, p: balanced_accuracy_score(y, p.argmax(axis=1))),
        ("neg_log_loss", lambda y, p: -log_loss(y, p)),
        ("roc_auc_ovr", lambda y, p: roc_auc_score(y, p, multi_class="ovr")),
    ],
)
def test_scorers_ask_the_compiled_forest_as_any_classifier(table, scoring, oracle):
    X, y = table
    forest = RandomForestClassifier(25)
    score = CompiledForestScore(forest, X, y, get_scorer(scoring))
    columns = np.arange(0, 30, 2)
    _, probabilities = score.forest.probabilities(columns, TRAIN, TEST, 4)
    assert score(columns, TRAIN, TEST, 4) == pytest.approx(oracle(y[TEST], probabilities))


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("max_leaf_nodes", 5),
        ("min_weight_fraction_leaf", 0.1),
        ("min_impurity_decrease", 0.1),
        ("class_weight", "balanced_subsample"),
        ("ccp_alpha", 0.1),
        ("max_samples", 0.5),
        ("oob_score", balanced_accuracy_score),
        ("monotonic_cst", [1] * 30),
    ],
)
def test_a_parameter_it_does_not_know_is_left_to_scikit_learn(table, parameter, value):
    forest = RandomForestClassifier(2, **{parameter: value})
    with pytest.warns(UserWarning, match=f"because of {parameter}="):
        assert isinstance(choose_fold_score("auto", forest, *table, SCORER), EstimatorScore)
    with pytest.raises(ValueError, match=f"engine='compiled' needs.*Got {parameter}="):
        choose_fold_score("compiled", forest, *table, SCORER)


def test_what_float32_cannot_hold_is_left_to_scikit_learn(table):
    X, y = table
    X[7, 2] = np.nan
    selector = LyrebirdSelector(
        RandomForestClassifier(2), population_size=2, max_iter=1, cv=2, random_state=0
    )
    with pytest.warns(UserWarning, match="not finite in float32"):
        selector.fit(X, y)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e39, -1e39])
def test_one_number_that_float32_cannot_hold_is_enough(table, number):
    X, _ = table
    forest = RandomForestClassifier()
    assert unsupported(forest, X) is None
    X[7, 2] = number
    assert unsupported(forest, X) == "X with values that are not finite in float32"


def test_oob_score_changes_nothing_on_a_fold(table):
    assert unsupported(RandomForestClassifier(oob_score=True), table[0]) is None


def test_other_estimators_need_scikit_learn(table):
    class Own(RandomForestClassifier):
        pass

    assert isinstance(choose_fold_score("auto", Own(), *table, SCORER), EstimatorScore)
    with pytest.raises(ValueError, match="Got Own, which is none"):
        choose_fold_score("compiled", Own(), *table, SCORER)


def test_seed_gives_the_forest(table):
    X, y = table
    forest = CompiledForest(RandomForestClassifier(10), X, y)
    columns = np.arange(30)
    first, again, other = (forest.probabilities(columns, TRAIN, TEST, s)[1] for s in (1, 1, 2))
    assert_array_equal(first, again)
    assert (first != other).any()


def test_scorer_of_ones_own_gets_a_true_forest(table):
    forest = RandomForestClassifier(5)
    with pytest.warns(UserWarning, match="because of scoring by a function of one's own"):
        score = choose_fold_score("auto", forest, *table, lambda e, X, y: e.n_estimators)
    assert score(np.arange(5), TRAIN, TEST, 0) == 5
    known = choose_fold_score("auto", forest, *table, make_scorer(balanced_accuracy_score))
    assert isinstance(known, CompiledForestScore)


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf, "class without weight"])
@pytest.mark.parametrize("bootstrap", [True, False])
def test_weights_that_mean_nothing_are_refused(table, wrong, bootstrap):
    X, y = table
    weight = np.ones(len(y))
    if wrong == "class without weight":
        if not balances_weights():
            pytest.skip("the installed scikit-learn balances classes by their numbers of rows")
        weight[y == 1] = 0
    else:
        weight[3] = wrong
    forest = RandomForestClassifier(2, class_weight="balanced", bootstrap=bootstrap)
    with pytest.raises(ValueError, match="must be finite and not negative, and every class"):
        CompiledForest(forest, X, y, weight).probabilities(np.arange(30), TRAIN, TEST, 0)


@pytest.mark.plain_python
@pytest.mark.parametrize("limits", [{"min_samples_leaf": 5}, {"min_samples_split": 12}], ids=str)
def test_rows_without_weight_do_not_fill_a_leaf(table, weight, limits):
    weight[::3] = 0
    ours, theirs = both(one_tree(**limits), *table, np.array([7]), weight=weight)
    assert_allclose(ours, theirs, atol=1e-12)


def test_weights_of_very_different_size_make_the_same_tree(table):
    X, y = table
    weight = np.exp(-np.arange(240.0) / 4)
    ours, theirs = both(one_tree(max_depth=2), X, y, test=TRAIN, weight=weight)
    assert np.isfinite(ours).all()
    assert_allclose(ours, theirs, atol=1e-6)


def test_balanced_classes_with_weights_are_those_of_the_installed_forest(table):
    X, y = table
    weight = np.where(y == 1, 10.0, 1.0)
    ours, theirs = both(one_tree(class_weight="balanced", max_depth=1), X, y, weight=weight)
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("ask", [balances_weights, draws_by_weight])
def test_what_the_installed_forest_does_is_asked_without_a_draw(ask):
    before = np.random.get_state()  # noqa: NPY002
    ask.__wrapped__()
    np.testing.assert_equal(np.random.get_state(), before)  # noqa: NPY002


def test_a_column_of_very_small_numbers_is_as_good_as_its_multiple():
    rng = np.random.default_rng(0)
    column = rng.uniform(0, 1, 300)
    y = (column + rng.normal(0, 0.1, 300) > 0.5).astype(int)
    forest = RandomForestClassifier(100, min_samples_leaf=3)
    X = column[:, np.newaxis] * 1e-5
    ours, theirs = both(forest, X, y, train=np.arange(200), test=np.arange(200, 300))
    right = [(p.argmax(axis=1) == y[200:]).mean() for p in (ours, theirs)]
    assert right[0] == pytest.approx(right[1], abs=0.03)


def test_test_rows_may_come_in_any_order_and_more_than_once(table):
    X, y = table
    forest = CompiledForest(RandomForestClassifier(10), X, y)
    _, plain = forest.probabilities(np.arange(30), TRAIN, TEST, 0)
    mixed = np.r_[TEST[::-1], TEST[:5]]
    _, again = forest.probabilities(np.arange(30), TRAIN, mixed, 0)
    assert_array_equal(again, plain[mixed - 120])


def test_repeated_training_rows_are_refused(table):
    forest = CompiledForest(RandomForestClassifier(2), *table)
    with pytest.raises(ValueError, match="name each row once.*Got 121 rows, 120 of them"):
        forest.probabilities(np.arange(30), np.r_[TRAIN, 0], TEST, 0)


def test_compiles_where_numba_has_no_place_for_its_cache():
    module = {}
    exec("def twice(x): return 2 * x", module)  # code of no file, so there is no such place
    assert compiled(module["twice"])(3) == 6
