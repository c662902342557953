"""What a search may cost, and who may end it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier

from sicf import LyrebirdSelector
from sicf.selection._budget import Budget, BudgetSpent
from sicf.selection._column_rankings import ColumnRankings
from sicf.selection._lyrebird import generations
from sicf.selection._mask_fitness import Round
from sicf.selection._robust_search import RobustSearch


def small(estimator=None, **parameters):
    defaults = {"population_size": 4, "max_iter": 4, "cv": 3, "random_state": 0}
    return LyrebirdSelector(estimator or KNeighborsClassifier(), **(defaults | parameters))


@pytest.fixture(scope="module")
def data():
    return make_classification(90, 40, n_informative=4, n_redundant=0, random_state=0)


@pytest.mark.parametrize("mode", ["robust", "paper"])
@pytest.mark.parametrize("max_evals", [3, 4, 7, 30, 90])
@pytest.mark.parametrize("reserve", [0, 0.2])
@pytest.mark.filterwarnings("ignore:The budget was spent before")
def test_evaluations_are_never_exceeded(data, mode, max_evals, reserve):
    selector = small(mode=mode, max_evals=max_evals, reserve=reserve, max_iter=50).fit(*data)
    assert 1 <= selector.n_evaluations_ <= max_evals
    assert selector.support_.any()
    assert np.isfinite(selector.best_score_) == (reserve > 0)
    if max_evals >= 30:
        assert selector.n_evaluations_ > max_evals / 2


def test_budget_for_nothing_gives_the_best_initial_mask_and_warns(data):
    X, y = data
    start = small(max_iter=0, reserve=0.2).fit(X, y)
    with pytest.warns(UserWarning, match="The budget was spent before a subset was scored"):
        nothing = small(max_evals=3, reserve=0.2).fit(X, y)
    assert np.isnan(nothing.search_score_)
    assert np.isnan(nothing.top_scores_).all()
    assert nothing.history_.iloc[0]["evaluations"] == 1
    # It follows the F test, the first of the initial ones, of which the search began as well.
    assert nothing.ranking_.shape == start.ranking_.shape
    assert np.isfinite(nothing.best_score_)


def test_time_ends_the_search(data):
    small(max_iter=0).fit(*data)  # What is loaded at the first fit takes none of the time below.
    start = time.perf_counter()
    selector = small(max_time=1.5, max_iter=100_000).fit(*data)
    assert selector.n_iter_ < 100_000
    assert time.perf_counter() - start < 60
    assert np.isfinite(selector.best_score_)


def test_time_is_kept_back_for_the_finals():
    budget = Budget(max_time=3600)
    time.sleep(0.01)
    budget.spend(1)
    assert not budget.out_of_time()
    budget.kept_back = 360_000
    assert budget.out_of_time()


def test_search_ends_where_nothing_changes():
    X = np.tile(np.repeat([0.0, 1.0], 20)[:, np.newaxis], 10)
    selector = small(n_iter_no_change=3, max_iter=50).fit(X, X[:, 0].astype(int))
    assert selector.n_iter_ == 3


@pytest.mark.parametrize("by", ["return", "raise"])
def test_callback_sees_each_generation_and_can_end_the_search(data, by):
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result)
        if len(seen) == 3 and by == "raise":
            raise StopIteration
        return len(seen) == 3

    selector = small(callback=callback).fit(*data)
    assert selector.n_iter_ == 2
    assert [row.iteration for row in seen] == [0, 1, 2]
    assert [int(row.support.sum()) for row in seen] == selector.history_["size"].tolist()


class Interrupted(KNeighborsClassifier):
    """Is interrupted at the given fits."""

    fits = 0
    at = ()

    def fit(self, X, y):
        Interrupted.fits += 1
        if Interrupted.fits in Interrupted.at:
            raise KeyboardInterrupt
        return super().fit(X, y)


def test_first_interruption_keeps_the_best_so_far_and_the_second_ends_the_fit(data, monkeypatch):
    monkeypatch.setattr(Interrupted, "fits", 0)
    monkeypatch.setattr(Interrupted, "at", (70,))
    with pytest.warns(UserWarning, match="Interrupted: the best subset so far stands") as caught:
        kept = small(Interrupted(), max_iter=50).fit(*data)
    assert caught[0].filename == __file__
    assert 0 < kept.n_iter_ < 50
    assert np.isfinite(kept.best_score_)
    monkeypatch.setattr(Interrupted, "fits", 0)
    monkeypatch.setattr(Interrupted, "at", (70, 71))
    with (
        pytest.warns(UserWarning, match="Interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        small(Interrupted(), max_iter=50).fit(*data)


def test_interruption_before_anything_was_scored_ends_the_fit(data, monkeypatch):
    monkeypatch.setattr(Interrupted, "fits", 0)
    monkeypatch.setattr(Interrupted, "at", (3,))
    with pytest.raises(KeyboardInterrupt):
        small(Interrupted()).fit(*data)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
def test_control_c_keeps_the_best_so_far():
    """A true signal to a process that searches with two threads."""
    script = textwrap.dedent("""
        import signal, warnings
        from sklearn.datasets import make_classification
        from sicf import LyrebirdSelector

        # What runs in a shell's background ignores the signal, and so do its children.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        warnings.simplefilter("ignore")
        X, y = make_classification(100, 200, random_state=0)
        told = lambda row: print("generation", flush=True)
        selector = LyrebirdSelector(max_iter=10_000, n_jobs=2, callback=told).fit(X, y)
        print("kept", selector.support_.sum(), selector.n_iter_ < 10_000, flush=True)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        guard = threading.Timer(120, process.kill)
        guard.start()
        assert process.stdout.readline() == "generation\n"
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        *_, last = process.stdout.read().splitlines()
        guard.cancel()
    assert last.startswith("kept")
    assert last.endswith("True")


@pytest.mark.parametrize("limit", [{"max_evals": 3}, {"max_time": 1e-9}], ids=str)
@pytest.mark.filterwarnings("ignore:The budget was spent before")
def test_patience_without_a_score_is_no_error(data, limit):
    assert small(n_iter_no_change=1, **limit).fit(*data).support_.any()


@pytest.mark.parametrize("late", [3, 8, 12, 25])
def test_finals_cut_short_are_decided_by_whole_rounds(data, monkeypatch, late):
    """Of a round the largest subsets are scored first; they must not win by default."""
    end = small().fit(*data).n_evaluations_
    monkeypatch.setattr(Budget, "out_of_time", lambda budget: budget.evaluations >= end - late)
    cut = small(max_time=3600).fit(*data)
    assert cut.n_evaluations_ < end
    assert np.isfinite(cut.top_scores_).all()
    assert np.isfinite(cut.search_score_)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"transfer": "s"}, {"mode": "paper", "reserve": 0.2}, {"reserve": 0}],
    ids=str,
)
@pytest.mark.parametrize("from_the_end", [0, 4, 5])
def test_first_interruption_of_the_last_fits_keeps_the_best_as_well(
    data, monkeypatch, parameters, from_the_end
):
    """Of the last score of the search, or of the judging, of which five are the last fits."""
    monkeypatch.setattr(Interrupted, "fits", 0)
    whole = small(Interrupted(), n_jobs=1, **parameters).fit(*data)
    last = Interrupted.fits - from_the_end
    monkeypatch.setattr(Interrupted, "at", (last,))
    monkeypatch.setattr(Interrupted, "fits", 0)
    with pytest.warns(UserWarning, match="Interrupted: the best subset so far stands") as caught:
        kept = small(Interrupted(), n_jobs=1, **parameters).fit(*data)
    assert [warning.filename for warning in caught] == [__file__]
    judging = kept.reserved_.size > 0 and from_the_end < 5
    in_the_search = parameters.get("mode") == "paper" and not judging
    assert kept.n_iter_ == whole.n_iter_ - in_the_search
    assert kept.support_.any()
    assert np.isfinite(kept.search_score_)
    assert np.isnan(kept.best_score_) == (judging or not kept.reserved_.size)
    if not judging and not in_the_search:
        np.testing.assert_array_equal(kept.support_, whole.support_)


@pytest.mark.parametrize("mode", ["robust", "paper"])
def test_second_interruption_of_the_judging_ends_the_fit(data, monkeypatch, mode):
    options = {"mode": mode, "reserve": 0.2, "n_jobs": 1}
    monkeypatch.setattr(Interrupted, "fits", 0)
    monkeypatch.setattr(Interrupted, "at", (40,))
    with pytest.warns(UserWarning, match="Interrupted"):
        small(Interrupted(), **options).fit(*data)
    monkeypatch.setattr(Interrupted, "at", (40, Interrupted.fits))
    monkeypatch.setattr(Interrupted, "fits", 0)
    with (
        pytest.warns(UserWarning, match="Interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        small(Interrupted(), **options).fit(*data)


def test_first_interruption_while_everybody_ranks_keeps_the_best_as_well(data, monkeypatch):
    whole = small().fit(*data)
    original, calls = ColumnRankings.in_folds, []

    def in_folds(self, round_, budget=None):
        calls.append(round_)
        if budget is None:
            raise KeyboardInterrupt
        return original(self, round_, budget)

    monkeypatch.setattr(ColumnRankings, "in_folds", in_folds)
    with pytest.warns(UserWarning, match="Interrupted"):
        kept = small().fit(*data)
    assert np.isnan(kept.best_score_)
    assert kept.search_score_ == whole.search_score_


@pytest.mark.parametrize("name", ["_finalists", "_final_values"])
def test_first_interruption_between_search_and_finals_keeps_the_best_as_well(
    data, monkeypatch, name
):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(RobustSearch, name, interrupted)
    with pytest.warns(UserWarning, match="Interrupted") as caught:
        kept = small().fit(*data)
    assert caught[0].filename == __file__
    assert np.isfinite(kept.best_score_)
    assert kept.search_score_ == pytest.approx(kept.history_["best"].iloc[-1])


def test_time_is_asked_before_each_fold_is_ranked(data):
    """As after two folds of three there is none left."""
    X, y = data
    asked = []

    class Two(Budget):
        def out_of_time(self):
            asked.append(self)
            return len(asked) > 2

    class Ranker(ColumnRankings):
        ranked = 0

        def __call__(self, rows, seed):
            Ranker.ranked += 1
            return np.zeros((2, X.shape[1]))

    folds = Round(list(KFold(3).split(X)), 0)
    ranker = Ranker(X, y, True, RandomForestClassifier())
    with pytest.raises(BudgetSpent):
        ranker.in_folds(folds, Two(max_time=60))
    assert Ranker.ranked == 2
    assert len(ranker.in_folds(folds, Two())) == 3
    assert len(asked) == 3


def test_finals_whose_rankings_come_too_late_are_left_out(data, monkeypatch):
    original = RobustSearch._finals

    def late(self, last, log):
        monkeypatch.setattr(Budget, "out_of_time", lambda budget: True)
        return original(self, last, log)

    monkeypatch.setattr(RobustSearch, "_finals", late)
    monkeypatch.setattr(Budget, "out_of_time", lambda budget: False)
    kept = small(max_time=3600).fit(*data)
    assert kept.search_score_ == pytest.approx(kept.history_["best"].iloc[-1])
    assert np.isfinite(kept.best_score_)


@pytest.mark.parametrize("seed", range(4))
def test_patience_is_not_fooled_by_lucky_folds(data, seed):
    """What guesses is as good on any columns, and better or worse on any folds."""
    guess = DummyClassifier(strategy="stratified")
    selector = small(guess, n_iter_no_change=3, max_iter=50, random_state=seed).fit(*data)
    assert selector.history_["best"].nunique() > 1
    assert selector.n_iter_ == 3


def test_a_best_that_gets_better_is_not_ended_by_unlucky_folds():
    """In each generation a candidate is better, though every score is below those before."""

    def cost(vectors, t):
        new = len(vectors) // 2 if t % 2 == 0 and t else 0
        return np.where(np.arange(len(vectors)) < new, 1.0, 0.5) + 10 * t

    steps = generations(
        cost,
        np.zeros((4, 2)),
        np.zeros(2),
        np.ones(2),
        max_iter=4,
        rng=np.random.default_rng(0),
        rescore=lambda t: t % 2 == 0,
    )
    assert [step.improved for step in steps] == [True, False, True, False, True]


def test_first_interruption_in_the_finals_keeps_the_best_as_well(data, monkeypatch):
    monkeypatch.setattr(Interrupted, "fits", 0)
    whole = small(Interrupted(), n_jobs=1).fit(*data)
    monkeypatch.setattr(Interrupted, "at", (Interrupted.fits - 15,))
    monkeypatch.setattr(Interrupted, "fits", 0)
    with pytest.warns(UserWarning, match="Interrupted") as caught:
        kept = small(Interrupted(), n_jobs=1).fit(*data)
    assert caught[0].filename == __file__
    assert kept.n_iter_ == whole.n_iter_
    assert np.isfinite(kept.best_score_)
