"""What both engines make of one subset: scikit-learn's scores, on folds and out of bag."""

import tracemalloc
import warnings

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import check_scoring, get_scorer, make_scorer, matthews_corrcoef
from sklearn.model_selection import StratifiedKFold

from sicf.selection._fold_score import (
    Answers,
    CompiledForestScore,
    EstimatorScore,
    check_out_of_bag,
    choose_fold_score,
)

ACCURACY = get_scorer("accuracy")
ROWS, COLUMNS = np.arange(180), np.arange(0, 20, 2)
SCORINGS = ["accuracy", "balanced_accuracy", "neg_log_loss", "roc_auc", "roc_auc_ovr"]
ENGINES = [EstimatorScore, CompiledForestScore]


def table(scoring="accuracy"):
    """180 rows of 20 columns; names as classes, two of them where a scorer takes no more."""
    shares = [0.6, 0.4] if scoring == "roc_auc" else [0.6, 0.2, 0.2]
    X, y = make_classification(
        180,
        20,
        n_informative=6,
        n_classes=len(shares),
        weights=shares,
        flip_y=0.2,
        random_state=0,
    )
    return X, np.array(["benign", "malignant", "normal"])[y]


@pytest.mark.parametrize("scoring", [*SCORINGS, "roc_auc_ovo_weighted", "f1_macro"])
def test_scorers_take_answers_for_the_classifier_that_gave_them(scoring):
    X, y = table(scoring)
    train, test = ROWS[:120], ROWS[120:]
    forest = RandomForestClassifier(25, random_state=0).fit(X[train], y[train])
    answers = Answers(forest.classes_, forest.predict_proba(X[test]))
    scorer = get_scorer(scoring)
    assert answers.scored(scorer, y[test]) == scorer(forest, X[test], y[test])


@pytest.mark.parametrize("scoring", ["roc_auc", "roc_auc_ovr"])
@pytest.mark.parametrize("out_of_bag", [False, True], ids=["folds", "out of bag"])
def test_both_engines_score_alike(scoring, out_of_bag):
    X, y = table(scoring)
    # Trees that are sure of a wrong answer make the log loss a matter of luck.
    forest = RandomForestClassifier(30, class_weight="balanced", min_samples_leaf=8)
    scorer = check_scoring(forest, scoring=[*SCORINGS[:3], scoring])  # of all four at once
    engines = [engine(forest, X, y, scorer) for engine in ENGINES]
    differences = []
    for seed in range(30):
        columns = np.flatnonzero(np.random.default_rng(seed).random(20) < 0.5)
        if out_of_bag:
            scores = [engine.out_of_bag(columns, ROWS, seed) for engine in engines]
        else:
            folds = StratifiedKFold(3, shuffle=True, random_state=seed)
            scores = [engine(columns, *next(folds.split(X, y)), seed) for engine in engines]
        differences.append(np.subtract(*(list(score.values()) for score in scores)))
    errors = np.std(differences, axis=0, ddof=1) / np.sqrt(len(differences))
    assert (errors < (0.013, 0.013, 0.04, 0.009)).all()
    assert (np.abs(np.mean(differences, axis=0)) < 4 * errors).all()


@pytest.mark.parametrize("scoring", SCORINGS)
def test_out_of_bag_score_is_that_of_the_oob_decision_function(scoring):
    X, y = table(scoring)
    forest = RandomForestClassifier(60, class_weight="balanced", oob_score=True, random_state=4)
    rows = ROWS[::-1][:150]
    forest.fit(X[np.ix_(rows, COLUMNS)], y[rows])
    answers = Answers(forest.classes_, forest.oob_decision_function_)
    score = EstimatorScore(RandomForestClassifier(60, class_weight="balanced"), X, y, ACCURACY)
    assert score.out_of_bag(COLUMNS, rows, 4) == forest.oob_score_
    score.scorer = get_scorer(scoring)
    assert score.out_of_bag(COLUMNS, rows, 4) == score.scorer(answers, X[rows], y[rows])


def test_out_of_bag_forest_is_fitted_with_the_weights():
    X, y = table()
    weight = np.random.default_rng(0).uniform(0.1, 3, 180)
    forest = RandomForestClassifier(60, oob_score=True, random_state=4)
    forest.fit(X[:150], y[:150], sample_weight=weight[:150])
    score = EstimatorScore(RandomForestClassifier(60), X, y, ACCURACY, weight)
    assert score.out_of_bag(np.arange(20), ROWS[:150], 4) == forest.oob_score_


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_that_every_tree_drew_are_left_out(engine):
    X, y = table()
    X[:, 0] = np.unique(y, return_inverse=True)[1]
    # On a column that tells the classes apart every tree is right on every row that it is asked
    # for; a row that none is asked for would be answered by the first class.
    forest = RandomForestClassifier(2, max_features=None)
    score = engine(forest, X, y, ACCURACY)
    assert score.out_of_bag(np.array([0]), ROWS, 0) == 1


def test_bagged_trees_have_an_out_of_bag_score():
    X, y = table()
    bagging = BaggingClassifier(n_estimators=2, random_state=3, oob_score=True)
    with pytest.warns((UserWarning, RuntimeWarning)):
        bagging.fit(X, y)
    said = np.isfinite(bagging.oob_decision_function_).all(axis=1)
    assert 0 < said.sum() < 180
    right = bagging.classes_[bagging.oob_decision_function_[said].argmax(axis=1)] == y[said]
    score = EstimatorScore(BaggingClassifier(n_estimators=2), X, y, ACCURACY)
    assert score.out_of_bag(np.arange(20), ROWS, 3) == right.mean()


def test_no_other_warning_is_silenced():
    class Warns(RandomForestClassifier):
        def fit(self, X, y):
            warnings.warn("The scanner is on fire.", stacklevel=2)
            return super().fit(X, y)

    score = EstimatorScore(Warns(2), *table(), ACCURACY)
    with pytest.warns(UserWarning, match="on fire"):
        score.out_of_bag(COLUMNS, ROWS, 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_score_needs_a_row_that_some_tree_did_not_draw(engine):
    score = engine(RandomForestClassifier(1), np.eye(2), np.array([0, 1]), ACCURACY)
    said = []
    for seed in range(20):
        try:
            score.out_of_bag(np.arange(2), np.arange(2), seed)
        except ValueError as exc:
            said.append(str(exc))
    # A tree draws both rows every second time.
    assert 2 <= len(said) <= 18
    assert all("needs a row that at least one tree did not draw" in text for text in said)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        ExtraTreesClassifier(),
        RandomForestRegressor(),
        RandomForestClassifier(bootstrap=False),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_without_out_of_bag_rows_is_refused(estimator):
    match = "cv='oob' needs a classifier.*bootstrap=True. Got " + type(estimator).__name__
    with pytest.raises(ValueError, match=match):
        check_out_of_bag(estimator, ACCURACY)
    score = choose_fold_score("auto", estimator, *table(), ACCURACY)
    with pytest.raises(ValueError, match=match):
        score.out_of_bag(COLUMNS, ROWS, 0)


def test_an_estimator_that_leaves_no_decision_function_is_refused():
    class Silent(RandomForestClassifier):
        def fit(self, X, y):
            super().fit(X, y)
            del self.oob_decision_function_
            return self

    score = EstimatorScore(Silent(30), *table(), ACCURACY)
    with pytest.raises(ValueError, match="has oob_decision_function_ once fitted. Silent has none"):
        score.out_of_bag(COLUMNS, ROWS, 0)


def test_a_scorer_of_ones_own_would_miss_the_forest():
    with pytest.raises(ValueError, match="needs a scorer of scikit-learn's. Got scoring by a func"):
        check_out_of_bag(RandomForestClassifier(), lambda e, X, y: e.n_estimators)
    check_out_of_bag(RandomForestClassifier(), make_scorer(matthews_corrcoef))


def test_memory_beyond_the_table_is_that_of_its_codes():
    X = np.random.default_rng(0).normal(size=(5000, 1200)).astype(np.float32)
    y, rows, columns = np.arange(5000) % 3, np.arange(5000), np.arange(500)
    forest = RandomForestClassifier(2, max_depth=3)
    choose_fold_score("compiled", forest, X[:9], y[:9], ACCURACY)  # loads numba
    tracemalloc.start()
    score = choose_fold_score("compiled", forest, X, y, ACCURACY)
    score(columns, rows[:4000], rows[4000:], 0)
    score.out_of_bag(columns, rows, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * X.size  # a code is a byte
