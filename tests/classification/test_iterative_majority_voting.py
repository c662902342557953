import pickle
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from sicf import IterativeMajorityVoting
from sicf.classification._majority_vote import hold_election, vote


def members():
    return [
        ("one", KNeighborsClassifier(1)),
        ("tree", DecisionTreeClassifier(max_depth=2, random_state=0)),
        ("five", KNeighborsClassifier(5)),
        ("bayes", GaussianNB()),
    ]


@parametrize_with_checks(
    [
        IterativeMajorityVoting(members(), cv=2, random_state=0),
        IterativeMajorityVoting([("one", KNeighborsClassifier(1))], cv=2, random_state=0),
    ]
)
def test_scikit_learns_contract(estimator, check):
    check(estimator)


def plain_vote(row):
    """Mode; of equally frequent ones that which is named first."""
    counts = Counter(row)
    return next(label for label in row if counts[label] == max(counts.values()))


def test_vote_is_the_mode_and_ties_go_to_the_best_ranked(rng):
    labels = rng.integers(0, 4, size=(200, 5))
    winner, shares = vote(labels, 4)
    assert winner.tolist() == [plain_vote(row.tolist()) for row in labels]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    # The best has one vote, the two that tie have two: the one of the second best wins.
    assert vote(np.array([[0, 2, 1, 1, 2]]), 3)[0].tolist() == [2]


def test_election_is_the_published_loop(rng):
    target = rng.integers(0, 3, size=300)
    wrong = rng.random((300, 7)) < rng.uniform(0.2, 0.7, size=7)
    labels = np.where(wrong, rng.integers(0, 3, size=(300, 7)), target[:, None])
    election = hold_election(labels, target, 3)
    accuracy = (labels == target[:, None]).mean(axis=0)
    order = sorted(range(7), key=lambda member: -accuracy[member])
    assert election.ranking.tolist() == order
    expected = {}
    for m in range(3, 8):
        said = [plain_vote(row.tolist()) for row in labels[:, order[:m]]]
        expected[m] = np.mean(said == target)
    assert election.vote_accuracies == pytest.approx(expected)
    assert election.accuracy == pytest.approx(max(accuracy.max(), *expected.values()))


def test_one_member_decides_where_no_vote_is_better():
    target = np.array([0, 1, 0, 1])
    labels = np.column_stack([target, 1 - target, 1 - target, 1 - target])
    election = hold_election(labels, target, 2)
    assert (election.n_members, election.members.tolist(), election.accuracy) == (1, [0], 1.0)


def test_identical_members_say_what_each_of_them_says():
    X, y = load_iris(return_X_y=True)
    same = [(f"m{number}", KNeighborsClassifier(3)) for number in range(5)]
    model = IterativeMajorityVoting(same, random_state=0).fit(X[::2], y[::2])
    alone = KNeighborsClassifier(3).fit(X[::2], y[::2])
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    assert model.ranking_ == ["m0", "m1", "m2", "m3", "m4"]
    assert model.n_members_ == 1


def test_members_are_ranked_out_of_fold_and_only_those_that_decide_are_fitted():
    X, y = load_iris(return_X_y=True)
    X = X + np.random.default_rng(0).normal(scale=0.8, size=X.shape)
    folds = StratifiedKFold(4, shuffle=True, random_state=3)
    model = IterativeMajorityVoting(members(), cv=folds).fit(X, y)
    said = {name: cross_val_predict(member, X, y, cv=folds) for name, member in members()}
    assert model.accuracies_ == pytest.approx({n: np.mean(p == y) for n, p in said.items()})
    for m, accuracy in model.vote_accuracies_.items():
        rows = zip(*(said[name] for name in model.ranking_[:m]), strict=True)
        assert accuracy == pytest.approx(np.mean([plain_vote(row) for row in rows] == y))
    assert len(model.estimators_) == model.n_members_
    fitted = [dict(members())[name].fit(X, y).predict(X) for name in model.ranking_]
    rows = zip(*fitted[: model.n_members_], strict=True)
    assert model.predict(X).tolist() == [plain_vote(row) for row in rows]
    np.testing.assert_array_equal(
        model.classes_[model.predict_proba(X).argmax(1)], model.predict(X)
    )
    assert model.score(X, y) == np.mean(model.predict(X) == y)


def test_reported_ranks_on_the_labels_it_reports_on_and_predicts_nothing():
    X, y = load_iris(return_X_y=True)
    y = np.array(["a", "b", "c"])[y]
    model = IterativeMajorityVoting(members(), ranking="reported").fit(X[::2], y[::2])
    said = [member.fit(X[::2], y[::2]).predict(X[1::2]) for _, member in members()]
    target = np.searchsorted(["a", "b", "c"], y[1::2])
    labels = np.searchsorted(["a", "b", "c"], np.column_stack(said))
    assert model.score(X[1::2], y[1::2]) == hold_election(labels, target, 3).accuracy
    assert model.score(X[1::2], y[1::2]) >= max(np.mean(p == y[1::2]) for p in said)
    assert model.score(X[:2], ["a", "z"]) == 0.5
    with pytest.raises(ValueError, match="ranking must be 'inner_cv' to predict"):
        model.predict(X)


class GroupsWanted(ClassifierMixin, BaseEstimator):
    """Remembers the groups it was given."""

    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def fit(self, X, y, *, groups=None):
        self.classes_ = np.unique(y)
        self.groups_ = groups
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_groups_stay_together_and_reach_the_members_that_ask():
    y = np.tile([0, 1], 20)
    groups = np.repeat(np.arange(10), 4)
    X = groups[:, None] + 0.01 * np.arange(40)[:, None]
    # Within a group the nearest neighbour tells; across groups it does not.
    y = np.where(groups % 2, y, 1 - y)
    model = IterativeMajorityVoting([("one", KNeighborsClassifier(1)), ("asks", GroupsWanted())])
    model.set_params(random_state=0).fit(X, y, groups=groups)
    assert model.accuracies_["one"] < 1
    asking = IterativeMajorityVoting([("asks", GroupsWanted())], random_state=0)
    fitted = asking.fit(X, y, groups=groups)
    np.testing.assert_array_equal(fitted.estimators_[0].groups_, groups)


def test_lists_and_tables_of_samples_are_taken_as_they_are():
    X, y = load_iris(return_X_y=True)
    table = pd.DataFrame(X, columns=list("abcd"))
    expected = IterativeMajorityVoting(members(), random_state=0).fit(X, y).predict(X)
    for other in (table, [list(row) for row in X]):
        model = IterativeMajorityVoting(members(), random_state=0).fit(other, y)
        np.testing.assert_array_equal(model.predict(other), expected)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), expected)


def test_members_parameters_can_be_searched_and_members_replaced():
    X, y = load_iris(return_X_y=True)
    model = IterativeMajorityVoting(members(), cv=2, random_state=0)
    search = GridSearchCV(model, {"five__n_neighbors": [5, 9], "min_votes": [2, 3]}, cv=2)
    search.fit(X, y)
    assert model.get_params()["five__n_neighbors"] == 5
    model.set_params(bayes=DummyClassifier(), one__n_neighbors=2)
    assert isinstance(model.get_params()["bayes"], DummyClassifier)
    assert [name for name, _ in model.estimators] == ["one", "tree", "five", "bayes"]
    assert model.fit(X, y).ranking_[-1] == "bayes"


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"ranking": "train"}, ValueError, "ranking must be one of .* Got 'train'"),
        ({"min_votes": 1}, ValueError, "min_votes must be at least 2. Got 1"),
        ({"estimators": []}, ValueError, "at least 1 pair of name and classifier"),
        ({"estimators": members() * 2}, ValueError, "estimators must have names of their own"),
        ({"estimators": [("a", LinearRegression())]}, TypeError, "must be classifiers"),
        ({"cv": "oob"}, ValueError, "cv must be folds or a splitter. Got 'oob'"),
        ({"cv": 51}, ValueError, "Every class must have at least cv=51 members"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    model = IterativeMajorityVoting(members())
    for name, value in parameters.items():
        setattr(model, name, value)
    with pytest.raises(error, match=message):
        model.fit(*load_iris(return_X_y=True))
