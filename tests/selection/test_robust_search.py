"""The robust search on a fitness that is known, so that each step can be counted by hand."""

from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest

from sicf.selection._budget import Budget, BudgetSpent
from sicf.selection._mask_coding import BitCoding, BlendCoding
from sicf.selection._robust_search import RobustSearch, _smallest_of_the_best_first

N_COLUMNS, N_FOLDS = 200, 3


class Fitness:
    """How many of the first ten columns a subset holds; each subset costs an evaluation."""

    def __init__(self, max_evals=None):
        self.budget = Budget(max_evals)
        self.rounds = []

    def score(self, masks, round_, partly=False):
        if self.budget.affords(len(masks)) < len(masks):
            raise BudgetSpent
        self.budget.spend(len(masks))
        self.rounds.append(round_.seed)
        return masks[..., :10].reshape(len(masks), -1).mean(axis=1)


class Ranker:
    """The first ranking is right, the second the other way round."""

    def __init__(self):
        self.rounds = []

    def in_folds(self, round_, budget=None):
        self.rounds.append(round_.seed)
        places = np.linspace(1, 0, N_COLUMNS)
        return np.tile([places, places[::-1]], (N_FOLDS, 1, 1))


class Log:
    """Follows a search as far as its budget goes, and notes what it had spent by then."""

    def __init__(self, budget):
        self.budget = budget

    def follow(self, search, best_mask, last):
        with suppress(BudgetSpent):
            for generation in search:
                last = generation
        self.spent, self.kept_back = self.budget.evaluations, self.budget.kept_back
        return last


def round_(number, final=False):
    return SimpleNamespace(seed=(number, final), folds=range(N_FOLDS))


def robust_search(max_evals=None, limits=(1, N_COLUMNS), bits=None, n_rankings=2, **changed):
    settings = {
        "init": "mixed",
        "population_size": 8,
        "max_iter": 5,
        "alpha": 0.9,
        "allows_all_columns": True,
    }
    return RobustSearch(
        Fitness(max_evals),
        round_,
        Ranker(),
        BlendCoding(N_COLUMNS, *limits, n_rankings),
        bits,
        rng=np.random.default_rng(0),
        **settings | changed,
    )


def run(search):
    log = Log(search.fitness.budget)
    return search.run(log), log


@pytest.mark.parametrize(
    ("limits", "smallest", "largest"), [((1, 200), 2, 100), ((20, 200), 20, 100), ((1, 50), 2, 50)]
)
def test_start_spans_the_sizes_from_a_hundredth_to_a_half(limits, smallest, largest):
    search = robust_search(limits=limits, population_size=40)
    positions, _ = search._start()
    sizes = search._blended(positions).sum(axis=1)
    assert smallest <= sizes.min() < 1.3 * smallest + 1
    assert largest / 1.3 < sizes.max() <= largest


def test_given_subsets_are_the_start():
    masks = np.random.default_rng(1).random((6, N_COLUMNS)) < 0.2
    search = robust_search(init=masks, n_rankings=0)
    positions, _ = search._start()
    np.testing.assert_array_equal(search._blended(positions), masks)


def test_bits_start_from_the_same_subsets():
    blended = robust_search()
    positions, _ = blended._start()
    search = robust_search(bits=BitCoding("s", N_COLUMNS, 1, N_COLUMNS))
    _, masks = search._start()
    np.testing.assert_array_equal(masks, blended._blended(positions))


def test_finals_cost_what_was_kept_back_for_them():
    """Four members, two rankings in eight sizes, all columns; then five in three more rounds."""
    search = robust_search()
    _, log = run(search)
    assert log.kept_back == (4 + 2 * 8 + 1) + 5 * 3 + 4 + 1
    assert search.fitness.budget.evaluations - log.spent == log.kept_back
    assert search.fitness.budget.kept_back == 0


def test_judging_costs_a_fit_and_where_rankings_count_these():
    assert robust_search().n_evaluations_to_judge == 2
    assert robust_search(n_rankings=0).n_evaluations_to_judge == 1
    bits = BitCoding("v", N_COLUMNS, 1, N_COLUMNS)
    assert robust_search(bits=bits).n_evaluations_to_judge == 1


@pytest.mark.parametrize(("max_evals", "has_finals"), [(81, False), (82, True)])
def test_finals_never_take_most_of_the_budget(max_evals, has_finals):
    search = robust_search(max_evals)
    run(search)
    assert any(final for _, final in search.fitness.rounds) == has_finals
    assert search.fitness.budget.evaluations <= max_evals


def test_folds_are_drawn_anew_and_those_of_the_finals_are_their_own():
    search = robust_search(max_iter=5)
    run(search)
    in_search = [number for number, final in search.fitness.rounds if not final]
    in_finals = [number for number, final in search.fitness.rounds if final]
    # Two generations a round; every second one scores its parents once more.
    assert sorted(set(in_search)) == [0, 1, 2]
    assert in_finals == [0, 1, 2, 3, 3]
    assert search.ranker.rounds == [(n, False) for n in range(3)] + [(n, True) for n in range(4)]


def test_the_smallest_subset_with_all_that_counts_is_found():
    """One of the sizes of the simple subsets holds the ten columns, and the first ranking them."""
    search = robust_search()
    found, _ = run(search)
    best = found.masks[0]
    assert best[:10].mean() > 0.75
    assert best.sum() <= 20
    fitness = 0.9 * found.masks[:, :10].mean(axis=1) + 0.1 * (1 - found.masks.mean(axis=1))
    np.testing.assert_allclose(found.scores, fitness)
    assert found.search_score == pytest.approx(best[:10].mean())
    assert len(np.unique(found.masks, axis=0)) == len(found.masks)


def test_where_no_time_is_left_the_score_in_the_finals_stands():
    class Late(Fitness):
        """Nothing is scored after the last final."""

        def score(self, masks, round_, partly=False):
            values = super().score(masks, round_)
            return np.full(len(masks), np.nan) if len(masks) == 1 else values

    search = robust_search(limits=(1, 8), allows_all_columns=False)
    search.fitness = Late()
    found, _ = run(search)
    assert found.masks[-1, :10].mean() < found.masks[0, :10].mean()
    assert found.search_score == pytest.approx(found.masks[0, :10].mean())


@pytest.mark.parametrize("bits", [None, BitCoding("s", N_COLUMNS, 1, N_COLUMNS)])
@pytest.mark.parametrize("t", range(6))
def test_a_search_that_goes_on_has_the_rankings_of_one_that_was_not_stopped(t, bits):
    """Of all rounds up to that generation; for bits of the first, which made the start."""
    stopped = robust_search(max_iter=t, bits=bits)
    stopped._keep_back_for_finals = lambda: 0  # finals rank as well
    run(stopped)
    resumed = robust_search(bits=bits)
    resumed._rank_again(t)
    assert resumed.ranker.rounds == stopped.ranker.rounds
    np.testing.assert_array_equal(resumed._whole, stopped._whole)


SMALL, MIDDLE, LARGE = np.tri(3, 12, k=3, dtype=bool)  # the first 4, 5 and 6 columns


def order_of(*columns):
    return _smallest_of_the_best_first(np.array(columns).T, np.array([LARGE, MIDDLE, SMALL]))


def test_small_subsets_within_a_standard_error_come_first():
    assert SMALL.sum() < MIDDLE.sum() < LARGE.sum()
    noisy = [0.8, 0.9, 0.7, 0.8]
    within = [0.79, 0.89, 0.69, 0.79]
    beyond = [0.5, 0.6, 0.4, 0.5]
    assert order_of(noisy, within, beyond).tolist() == [1, 0, 2]
    assert order_of(noisy, within, within).tolist() == [2, 0, 1]
    assert order_of(noisy, beyond, beyond).tolist() == [0, 2, 1]


def test_the_error_is_that_of_a_mean_over_rounds():
    """Standard deviation 0.1 in each of four rounds: means are known to within 0.05."""
    swing = 0.1 * np.sqrt(3 / 4) * np.array([1, -1, 1, -1])
    assert order_of(0.8 + swing, 0.751 + swing, 0.1 + swing)[0] == 1
    assert order_of(0.8 + swing, 0.749 + swing, 0.1 + swing)[0] == 0


def test_of_equally_small_ones_the_better():
    masks = np.array([LARGE, SMALL, np.roll(SMALL, 1)])
    values = np.array([[0.8, 0.7, 0.75], [0.8, 0.9, 0.85], [0.8, 0.76, 0.78]])
    assert _smallest_of_the_best_first(values, masks)[0] == 2


def test_one_round_has_no_error():
    assert order_of([0.8], [0.79], [0.78]).tolist() == [0, 1, 2]
