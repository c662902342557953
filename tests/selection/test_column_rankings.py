import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.datasets import load_breast_cancer, make_regression
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import f_classif, f_regression

from sicf.selection._budget import Budget, BudgetSpent
from sicf.selection._column_rankings import ColumnRankings, ranking_forest
from sicf.selection._mask_fitness import Round
from sicf.selection.forest import CompiledForest


@pytest.fixture(scope="module")
def cancer():
    return load_breast_cancer(return_X_y=True)


def ranker(X, y, classifier=True):
    if not classifier:
        return ColumnRankings(X, y, False, RandomForestRegressor(20))
    return ColumnRankings(X, y, True, CompiledForest(RandomForestClassifier(50), X, y))


def as_ranks(scores):
    return (rankdata(scores) - 1) / (len(scores) - 1)


def test_f_test_is_scikit_learns(cancer):
    X, y = cancer
    rows = np.arange(0, len(y), 2)
    expected = as_ranks(f_classif(X[rows], y[rows])[0])
    np.testing.assert_array_equal(ranker(X, y)(rows, 0)[0], expected)
    X, y = make_regression(60, 600, random_state=0)
    rankings = ranker(X, y, classifier=False)(np.arange(50), 0)
    np.testing.assert_allclose(rankings[0], as_ranks(f_regression(X[:50], y[:50])[0]))


def test_importance_agrees_with_scikit_learns(cancer):
    X, y = cancer
    rows = np.arange(0, len(y), 2)
    theirs = [
        RandomForestClassifier(100, random_state=seed).fit(X[rows], y[rows]).feature_importances_
        for seed in (0, 1)
    ]
    ours = ranker(X, y)(rows, 0)[1]
    between_seeds = np.corrcoef(*map(as_ranks, theirs))[0, 1]
    assert np.corrcoef(as_ranks(theirs[0]), ours)[0, 1] > between_seeds - 0.05


def test_rows_of_a_test_fold_are_not_looked_at(cancer):
    X, y = cancer
    train, test = np.arange(300), np.arange(300, len(y))
    changed = X.copy()
    changed[test] = np.random.default_rng(0).permutation(changed[test])
    shuffled = y.copy()
    shuffled[test] = 1 - y[test]
    fold = Round([(train, test)], 3)
    np.testing.assert_array_equal(
        ranker(X, y).in_folds(fold), ranker(changed, shuffled).in_folds(fold)
    )


@pytest.mark.parametrize(("n_jobs", "n_finished"), [(1, 1), (2, 2)])
def test_time_is_asked_for_before_as_many_folds_as_there_are_workers(cancer, n_jobs, n_finished):
    class Clock(Budget):
        n_asked = 0

        def out_of_time(self):
            self.n_asked += 1
            return self.n_asked > 1

    X, y = cancer
    finished = []

    class Forest(CompiledForest):
        def importances(self, rows, seed):
            finished.append(seed)
            return super().importances(rows, seed)

    rankings = ColumnRankings(X, y, True, Forest(RandomForestClassifier(5), X, y), n_jobs=n_jobs)
    round_ = Round([(np.arange(number, 569, 2), None) for number in range(4)], 3)
    with pytest.raises(BudgetSpent):
        rankings.in_folds(round_, Clock(max_time=60))
    assert len(finished) == n_finished
    assert np.shape(rankings.in_folds(round_, Clock())) == (4, 2, 30)


def test_columns_with_gaps_and_constant_columns_have_a_rank():
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = rng.normal(size=(80, 6))
    X[:, 0] += 3 * y
    X[rng.random((80, 6)) < 0.1] = np.nan
    X[:, 4], X[:, 5] = 0.1, np.nan
    rankings = ColumnRankings(X, y, True, RandomForestClassifier(20))(np.arange(80), 0)
    assert np.isfinite(rankings).all()
    assert rankings.argmax(axis=1).tolist() == [0, 0]
    assert (rankings[0, 4:] < rankings[0, 1:4].min()).all()


def test_forest_of_numbers_looks_at_few_columns_a_split():
    forest = ranking_forest("auto", None, classifier=False)
    assert (forest.max_features, forest.max_depth) == ("sqrt", 20)
