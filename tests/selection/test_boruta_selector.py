import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from sicf import BorutaSelector
from sicf.selection._boruta_hits import decide


def small_forest():
    return RandomForestClassifier(30, max_depth=4)


@pytest.fixture(scope="module")
def data():
    """Three columns that bear on y, two copies of one of them, and fifteen of noise."""
    X, y = make_classification(
        250, 18, n_informative=3, n_redundant=0, shuffle=False, class_sep=2, random_state=0
    )
    noise = np.random.default_rng(0).normal(size=(250, 2))
    return np.hstack([X[:, :1] + 0.1 * noise, X]), y


@pytest.mark.parametrize("two_step", [True, False])
def test_all_columns_that_bear_on_y_are_found_copies_included(data, two_step):
    selector = BorutaSelector(small_forest(), max_iter=40, two_step=two_step, random_state=0)
    selector.fit(*data)
    assert selector.get_support(indices=True).tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(selector.confirmed_, selector.support_)
    assert (selector.ranking_[:5] == 1).all()
    rejected = ~selector.confirmed_ & ~selector.tentative_
    assert rejected.sum() >= 12
    ranks = selector.ranking_[rejected]
    assert sorted(ranks) == list(range(3, 3 + len(ranks)))
    means = np.nanmean(selector.importances_, axis=0)[rejected]
    assert (np.diff(means[np.argsort(ranks)]) <= 0).all()


def test_rejected_columns_leave_and_rounds_end_when_all_is_decided(data):
    selector = BorutaSelector(small_forest(), max_iter=25, random_state=0).fit(*data)
    assert selector.importances_.shape == (selector.n_iter_, 20)
    gone = np.isnan(selector.importances_)
    assert (gone[1:] >= gone[:-1]).all()
    assert not gone[:, selector.confirmed_].any()
    assert selector.n_iter_ == 25 or not selector.tentative_.any()


def test_noise_is_hardly_ever_confirmed():
    rng = np.random.default_rng(0)
    confirmed = 0
    for seed in range(5):
        X, y = rng.normal(size=(80, 12)), np.arange(80) % 2
        selector = BorutaSelector(
            small_forest(), max_iter=15, min_features=0, random_state=seed
        ).fit(X, y)
        confirmed += selector.confirmed_.sum()
    # At a level of 5 % for each of sixty columns, five or more have a chance below one in 100.
    assert confirmed <= 5


def test_same_seed_same_answer_and_the_users_estimator_is_left_alone(data):
    forest = ExtraTreesClassifier(20, random_state=7)
    before = repr(forest.get_params())
    one, two = (BorutaSelector(forest, max_iter=8, random_state=4).fit(*data) for _ in range(2))
    np.testing.assert_array_equal(one.importances_, two.importances_)
    assert repr(forest.get_params()) == before
    assert not hasattr(forest, "estimators_")
    assert one.random_state == 4
    other = BorutaSelector(forest, max_iter=8, random_state=5).fit(*data)
    assert (other.importances_ != one.importances_).any()


@pytest.mark.filterwarnings("error")
def test_best_ranks_make_up_for_what_is_not_confirmed_and_say_so():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 6)), np.arange(40) % 2
    selector = BorutaSelector(small_forest(), max_iter=3, min_features=2, random_state=0)
    with pytest.warns(UserWarning, match=r"confirmed 0 column\(s\); the 2 of the best rank"):
        selector.fit(X, y)
    assert selector.support_.sum() == 2
    assert selector.ranking_[selector.support_].max() <= selector.ranking_.max()
    none = clone(selector).set_params(min_features=0).fit(X, y)
    assert none.support_.sum() == 0


def test_it_stands_in_a_pipeline_and_takes_regressors(data):
    X, y = data
    pipeline = make_pipeline(
        BorutaSelector(small_forest(), max_iter=15, random_state=0), LogisticRegression()
    )
    predicted = pipeline.fit(X, y).predict(X)
    chosen = X[:, pipeline[0].support_]
    np.testing.assert_array_equal(predicted, LogisticRegression().fit(chosen, y).predict(chosen))
    selector = BorutaSelector(DecisionTreeRegressor(max_depth=4), max_iter=15, random_state=0)
    assert selector.fit(X, 3 * X[:, 10]).get_support(indices=True).tolist() == [10]


@pytest.mark.parametrize("rounds", [1, 7, 40])
@pytest.mark.parametrize("two_step", [True, False])
def test_decision_is_that_of_scipys_tests(rounds, two_step):
    hits = np.random.default_rng(rounds).integers(0, rounds + 1, size=30)
    better, worse = decide(hits, rounds, 0.05, two_step)
    for found, side in ((better, "greater"), (worse, "less")):
        p = np.array([binomtest(int(h), rounds, 0.5, alternative=side).pvalue for h in hits])
        if two_step:
            expected = (false_discovery_control(p) <= 0.05) & (p <= 0.05 / rounds)
        else:
            expected = p * 30 <= 0.05
        np.testing.assert_array_equal(found, expected)
    if rounds == 40:
        assert better.any()
        assert worse.any()


def test_progress_is_shown_when_asked(data, capsys):
    BorutaSelector(small_forest(), max_iter=12, random_state=0, verbose=1).fit(*data)
    assert "Boruta" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"max_iter": 0}, ValueError, "max_iter must be at least 1. Got 0"),
        ({"alpha": 5}, ValueError, "alpha must lie between 0 and 1. Got 5"),
        ({"percentile": "max"}, TypeError, "percentile must be a number. Got 'max'"),
        ({"min_features": 21}, ValueError, "min_features must be at most 20"),
        ({"estimator": LinearRegression()}, ValueError, "LinearRegression has none"),
    ],
)
def test_wrong_parameters_are_named(data, parameters, error, message):
    with pytest.raises(error, match=message):
        BorutaSelector(**parameters).fit(*data)
