"""What is said of the selected columns must be true of patients that nobody has seen."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score

from sicf import LyrebirdSelector

CHANCE = 1 / 3
N_PATIENTS, N_COLUMNS, N_DRAWS = 60, 100, 24


def shuffled(seed):
    """Two slices a patient, and labels that patients drew by lot."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(N_PATIENTS), 2)
    X = rng.normal(size=(N_PATIENTS, N_COLUMNS))[groups]
    X += 0.3 * rng.normal(size=X.shape)
    y = rng.permutation(np.arange(N_PATIENTS) % 3)[groups]
    return X, y, groups


def fitted(seed, **parameters):
    X, y, groups = shuffled(seed)
    if parameters.get("init") == "given":
        masks = np.random.default_rng(seed).random((4, N_COLUMNS)) < 0.1
        parameters["init"] = masks | np.eye(4, N_COLUMNS, dtype=bool)
    forest = RandomForestClassifier(10, max_depth=20, class_weight="balanced")
    selector = LyrebirdSelector(
        forest, population_size=4, max_iter=2, cv=3, random_state=seed, **parameters
    )
    return selector.fit(X, y, groups=groups)


@pytest.mark.parametrize(
    "parameters",
    [
        {"init": "mixed"},
        {"init": "uniform"},
        {"init": "given"},
        pytest.param({"init": "mixed", "transfer": "s"}, marks=pytest.mark.slow),
        pytest.param({"init": "mixed", "transfer": "v"}, marks=pytest.mark.slow),
        pytest.param({"init": "mixed", "alpha": 0.5}, marks=pytest.mark.slow),
        {"mode": "paper", "reserve": 0.2},
    ],
    ids=str,
)
def test_honest_score_of_shuffled_labels_is_chance_and_the_searchs_is_above(parameters):
    selectors = [fitted(seed, **parameters) for seed in range(N_DRAWS)]
    honest = np.array([selector.best_score_ for selector in selectors])
    optimistic = np.array([selector.search_score_ for selector in selectors])
    # The two slices of a patient go together, so patients are what is independent.
    n_judged = N_DRAWS * N_PATIENTS / 5
    assert abs(honest.mean() - CHANCE) < 3 * np.sqrt(CHANCE * (1 - CHANCE) / n_judged)
    assert optimistic.mean() > CHANCE + 3 * optimistic.std(ddof=1) / np.sqrt(N_DRAWS)


def test_fresh_folds_would_not_do():
    """What the reserve is for: on all rows, a filter flatters its columns under any folds."""
    scores = []
    for seed in range(N_DRAWS):
        X, y, groups = shuffled(seed)
        chosen = SelectKBest(f_classif, k=10).fit_transform(X, y)
        folds = StratifiedGroupKFold(3, shuffle=True, random_state=seed)
        forest = RandomForestClassifier(10, random_state=seed)
        scores.append(cross_val_score(forest, chosen, y, groups=groups, cv=folds).mean())
    assert np.mean(scores) > CHANCE + 0.05


@pytest.mark.parametrize("parameters", [{}, {"transfer": "s"}, {"mode": "paper", "reserve": 0.2}])
def test_reserved_patients_are_whole_and_the_search_does_not_look_at_them(parameters):
    """Whatever stands in the reserved rows, the search goes the same way."""
    X, y, groups = shuffled(0)
    options = {"population_size": 4, "max_iter": 2, "cv": 3, "random_state": 0} | parameters
    selector = LyrebirdSelector(RandomForestClassifier(10), **options)
    reserved = selector.fit(X, y, groups=groups).reserved_
    assert not set(groups[reserved]) & set(np.delete(groups, reserved))
    assert set(y[reserved]) == {0, 1, 2}
    assert 0.15 < len(reserved) / len(y) < 0.25
    chosen, search_score, history = selector.support_, selector.search_score_, selector.history_
    changed = X.copy()
    changed[reserved] = np.random.default_rng(1).permutation(changed[reserved])
    selector.fit(changed, y, groups=groups)
    assert selector.search_score_ == search_score
    went = ["best", "mean", "size", "evaluations"]
    np.testing.assert_array_equal(selector.history_[went], history[went])
    if parameters:  # else the rankings that everybody has taught may name other columns
        np.testing.assert_array_equal(selector.support_, chosen)


def test_who_is_judged_has_taught_nothing(monkeypatch):
    """No ranking and no forest that answers for a reserved patient has seen that patient."""
    from sicf.selection import _column_rankings, _fold_score

    ranked, judged = [], []

    def rank(self, round_, *budget):
        ranked.append(round_.folds)
        return original_rank(self, round_, *budget)

    def together(self, columns, folds, seed):
        judged.append((columns, folds))
        return original_together(self, columns, folds, seed)

    original_rank = _column_rankings.ColumnRankings.in_folds
    original_together = _fold_score.CompiledForestScore.together
    monkeypatch.setattr(_column_rankings.ColumnRankings, "in_folds", rank)
    monkeypatch.setattr(_fold_score.CompiledForestScore, "together", together)
    selector = fitted(0)
    ((columns, folds),) = judged
    assert ranked[-1] is folds
    groups = shuffled(0)[2]
    for train, test in folds:
        assert not set(groups[train]) & set(groups[test])
    tested = np.sort(np.concatenate([test for _, test in folds]))
    np.testing.assert_array_equal(tested, np.sort(selector.reserved_))
    sizes = {len(own) for own in columns}
    assert sizes == {selector.support_.sum()}


def test_selected_columns_are_ranked_by_everybody():
    """What only the reserved patients tell of a column is heard, though not by the search."""
    forest = RandomForestClassifier(10, max_depth=20, class_weight="balanced")
    options = {"population_size": 4, "max_iter": 2, "cv": 3, "min_features": 10}
    before, after = [], []
    for seed in range(8):
        X, y, groups = shuffled(seed)
        selector = LyrebirdSelector(forest, random_state=seed, **options)
        before.append(selector.fit(X, y, groups=groups).support_[7])
        X[selector.reserved_, 7] += 50 * y[selector.reserved_]
        after.append(selector.fit(X, y, groups=groups).support_[7])
    assert sum(after) > sum(before)


def test_honest_score_is_that_of_plain_scikit_learn_on_the_reserved_rows():
    X, y, groups = shuffled(0)
    X[:, 0] += 2 * y
    forest = RandomForestClassifier(200, random_state=0)
    selector = LyrebirdSelector(
        forest, population_size=3, max_iter=1, cv=3, random_state=0, scoring="balanced_accuracy"
    ).fit(X, y, groups=groups)
    reserved = selector.reserved_
    train = np.delete(np.arange(len(y)), reserved)
    X = selector.transform(X)
    predicted = forest.fit(X[train], y[train]).predict(X[reserved])
    # Trained on the searched rows alone, where the selector adds other reserved patients.
    expected = balanced_accuracy_score(y[reserved], predicted)
    assert selector.best_score_ == pytest.approx(expected, abs=0.15)
    assert selector.best_score_ > 0.6
