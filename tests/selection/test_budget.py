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
from sklearn.neighbors import KNeighborsClassifier

from sicf import LyrebirdSelector
from sicf.selection._budget import Budget


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
