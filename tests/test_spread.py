from concurrent.futures import CancelledError

import numpy as np
import pytest
from joblib import parallel_config
from sklearn import config_context, get_config

from sicf import _spread
from sicf._spread import (
    MOST_LOSSES,
    despite_lost_workers,
    has_workers_elsewhere,
    spread,
    spread_in_order,
)


def scaled(factor, number):
    return factor * number


def losing(n_losses, at=2):
    """A function that says so often that its worker was lost, at one item."""
    calls = []

    def call(shared, item):
        calls.append(item)
        if item == at and calls.count(at) <= n_losses:
            raise CancelledError
        return item

    return call, calls


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky", "multiprocessing"])
@pytest.mark.parametrize("ordered", [False, True])
def test_answers_on_all_backends(backend, ordered):
    with parallel_config(backend, n_jobs=2):
        answers = list(spread(scaled, 3, range(5), ordered=ordered))
        assert spread_in_order(scaled, 3, np.arange(5)) == [0, 3, 6, 9, 12]
    assert sorted(answers) == [(0, 0), (1, 3), (2, 6), (3, 9), (4, 12)]
    if ordered:
        assert answers == sorted(answers)


def test_nothing_to_do():
    assert spread_in_order(scaled, 3, []) == []


def test_configuration_of_scikit_learn_reaches_threads():
    with config_context(enable_metadata_routing=True):
        configs = spread_in_order(
            lambda shared, item: get_config()["enable_metadata_routing"],
            None,
            range(4),
            n_jobs=2,
            prefer="threads",
        )
    assert configs == [True] * 4


def test_lost_calls_alone_are_made_again():
    call, calls = losing(MOST_LOSSES)
    assert spread_in_order(call, None, range(4)) == [0, 1, 2, 3]
    assert calls == [0, 1, 2, 2, 2, 2, 3]


def test_it_gives_up_after_some_losses_in_a_row():
    call, calls = losing(MOST_LOSSES + 1)
    with pytest.raises(CancelledError):
        spread_in_order(call, None, range(4))
    assert calls == [0, 1, 2, 2, 2, 2]


def test_an_answer_between_losses_starts_the_count_anew():
    left = dict.fromkeys(range(3), MOST_LOSSES)

    def call(shared, item):
        left[item] -= 1
        if left[item] >= 0:
            raise CancelledError
        return item

    assert spread_in_order(call, None, range(3)) == [0, 1, 2]


def test_other_errors_are_raised_at_once():
    calls = []

    def call(shared, item):
        calls.append(item)
        raise ValueError("a rule")

    with pytest.raises(ValueError, match="a rule"):
        spread_in_order(call, None, range(4))
    assert calls == [0]


def test_with_one_worker_left_it_waits_for_another(monkeypatch):
    numbers, waits = iter([2, 1, 1, 2]), []
    monkeypatch.setattr(_spread, "count_workers", lambda n_jobs: next(numbers))
    monkeypatch.setattr(_spread.time, "sleep", waits.append)
    call, _ = losing(1)
    assert spread_in_order(call, None, range(4)) == [0, 1, 2, 3]
    assert len(waits) == 2


def test_a_whole_call_is_made_again():
    outcomes = iter([CancelledError(), CancelledError(), "done"])

    def call():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert despite_lost_workers(call) == "done"


@pytest.mark.parametrize(("error", "n_calls"), [(CancelledError, MOST_LOSSES + 1), (KeyError, 1)])
def test_a_whole_call_that_fails_is_an_error(error, n_calls):
    calls = []

    def call():
        calls.append(error)
        raise error

    with pytest.raises(error):
        despite_lost_workers(call)
    assert len(calls) == n_calls


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky", "multiprocessing"])
def test_joblibs_own_workers_are_here(backend):
    with parallel_config(backend, n_jobs=2):
        assert not has_workers_elsewhere()
