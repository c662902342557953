import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, differential_evolution

from sicf import lyrebird_minimize
from sicf.selection._lyrebird import Moves, draw_moves, generations, move


def sphere(x, center=0.0):
    return float(((x - center) ** 2).sum())


def squares(X):
    return (X**2).sum(axis=0)


def test_escape_goes_towards_the_safe_area_by_hand():
    """x' = x + r (S - I x), worked out on paper for two members and two variables."""
    population = np.array([[1.0, 2.0], [4.0, 8.0]])
    moves = Moves(
        escapes=np.array([True, True]),
        safe_area=np.array([0, 0]),
        r=np.array([[0.5, 0.25], [0.5, 0.25]]),
        pull=np.array([[1, 2], [2, 1]]),
    )
    # Member 0 is best, its safe area its own place: 1 + 0.5 (1 - 1), 2 + 0.25 (2 - 4).
    # Member 1 escapes to member 0: 4 + 0.5 (1 - 8), 8 + 0.25 (2 - 8).
    expected = [[1.0, 1.5], [0.5, 6.5]]
    candidates = move(population, moves, t=3, lower=np.full(2, -10.0), upper=np.full(2, 10.0))
    np.testing.assert_allclose(candidates, expected)


def test_hiding_steps_shorten_with_the_iteration_by_hand():
    """x' = x + (1 - 2 r) (ub - lb) / t, clipped to the bounds."""
    moves = Moves(
        escapes=np.array([False]),
        safe_area=np.array([0]),
        r=np.array([[0.25, 1.0]]),
        pull=np.ones((1, 2), int),
    )
    lower, upper = np.array([0.0, -1.0]), np.array([4.0, 1.0])
    at = np.array([[1.0, 0.0]])
    np.testing.assert_allclose(move(at, moves, 2, lower, upper), [[2.0, -1.0]])
    np.testing.assert_allclose(move(at, moves, 8, lower, upper), [[1.25, -0.25]])


def test_both_steps_are_clipped_to_the_bounds_by_hand():
    """One member hides at 1 + (1 - 0) 6 / 1 = 7, one escapes to 5 + 1 (1 - 2 (5)) = -4."""
    moves = Moves(
        escapes=np.array([False, True]),
        safe_area=np.array([0, 0]),
        r=np.array([[0.0], [1.0]]),
        pull=np.array([[1], [2]]),
    )
    candidates = move(np.array([[1.0], [5.0]]), moves, 1, np.array([0.0]), np.array([6.0]))
    np.testing.assert_array_equal(candidates, [[6.0], [0.0]])


def test_safe_areas_are_strictly_better_members_and_the_best_ones_own_place():
    costs = np.array([3.0, 1.0, 2.0, 1.0])
    seen = {member: set() for member in range(4)}
    for seed in range(200):
        moves = draw_moves(costs, 2, np.random.default_rng(seed))
        assert set(np.unique(moves.pull)) <= {1, 2}
        for member, safe in enumerate(moves.safe_area):
            seen[member].add(int(safe))
    assert seen == {0: {1, 2, 3}, 1: {1}, 2: {1, 3}, 3: {3}}


def test_each_safe_area_is_equally_likely():
    costs = np.array([0.0, 1.0, 2.0, 3.0])
    drawn = [draw_moves(costs, 1, np.random.default_rng(seed)).safe_area[3] for seed in range(3000)]
    counts = np.bincount(drawn, minlength=3)
    assert (np.abs(counts - 1000) < 4 * np.sqrt(3000 * 1 / 3 * 2 / 3)).all()


def test_factor_is_one_or_two_evenly_and_one_without_shrinkage():
    """Everything else is drawn as with it, so that one seed compares the two."""
    published, without = (
        draw_moves(np.arange(50.0), 80, np.random.default_rng(0), shrinkage=s)
        for s in (True, False)
    )
    assert abs((published.pull == 2).mean() - 0.5) < 4 * 0.5 / np.sqrt(50 * 80)
    assert (without.pull == 1).all()
    for name in ("escapes", "safe_area", "r"):
        np.testing.assert_array_equal(getattr(without, name), getattr(published, name))


def test_half_of_the_members_escape():
    escapes = draw_moves(np.arange(4000.0), 1, np.random.default_rng(0)).escapes
    assert abs(escapes.mean() - 0.5) < 4 * 0.5 / np.sqrt(4000)


def test_all_candidates_of_a_generation_come_from_the_same_population():
    seen = []

    def cost(vectors, t):
        seen.append(vectors.copy())
        return (vectors**2).sum(axis=1)

    start = np.random.default_rng(0).random((4, 3))
    bounds = np.zeros(3), np.ones(3)
    steps = list(generations(cost, start, *bounds, max_iter=1, rng=np.random.default_rng(1)))
    replay = draw_moves(steps[0].costs, 3, np.random.default_rng(1))
    np.testing.assert_array_equal(seen[1], move(start, replay, 1, *bounds))


def test_only_strictly_better_candidates_are_accepted():
    """Of three members one finds better, one equal and one worse."""
    costs = {0: [1.0, 2.0, 3.0], 1: [0.5, 2.0, 3.5]}
    tried = {}

    def cost(vectors, t):
        tried[t] = vectors.copy()
        return costs[t]

    start = np.random.default_rng(0).random((3, 2))
    rng = np.random.default_rng(1)
    *_, last = generations(cost, start, np.zeros(2), np.ones(2), max_iter=1, rng=rng)
    assert (tried[1][[1, 2]] != start[[1, 2]]).all()
    np.testing.assert_array_equal(last.population, [tried[1][0], start[1], start[2]])
    assert last.costs.tolist() == [0.5, 2.0, 3.0]
    assert (last.best, last.n_evaluations) == (0, 6)


def test_members_are_scored_again_beside_their_candidates():
    sizes = []

    def cost(vectors, t):
        sizes.append((t, len(vectors)))
        return np.full(len(vectors), float(t))

    start = np.random.default_rng(0).random((3, 2))
    rng = np.random.default_rng(0)
    steps = list(
        generations(
            cost, start, np.zeros(2), np.ones(2), max_iter=3, rng=rng, rescore=lambda t: t == 2
        )
    )
    assert sizes == [(0, 3), (1, 3), (2, 6), (3, 3)]
    assert steps[-1].n_evaluations == 15
    assert steps[-1].costs.tolist() == [2, 2, 2]
    np.testing.assert_array_equal(steps[-1].population, start)


def test_cost_and_history():
    result = lyrebird_minimize(sphere, [(-5, 5)] * 4, population_size=7, max_iter=11, seed=0)
    assert (result.nfev, result.nit, result.success) == (7 * 12, 11, True)
    assert (np.diff(result.history) <= 0).all()
    assert result.history[-1] == result.fun == sphere(result.x)
    assert result.population.shape == (7, 4)
    assert result.population_energies.min() == result.fun


def test_pull_to_zero_is_real_and_can_be_left_out():
    """The published algorithm finds an optimum at zero, and far worse one elsewhere."""
    options = {"population_size": 20, "max_iter": 100, "seed": 0}
    bounds = [(-100, 100)] * 10
    at_zero, elsewhere = (
        lyrebird_minimize(sphere, bounds, args=(c,), **options).fun for c in (0.0, 37.0)
    )
    assert at_zero < 1e-6 < 1 < elsewhere
    fair = [
        lyrebird_minimize(sphere, bounds, args=(c,), shrinkage=False, **options).fun
        for c in (0.0, 37.0)
    ]
    assert max(fair) < elsewhere / 10
    assert min(fair) > at_zero


@settings(max_examples=30, deadline=None)
@given(
    lower=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=4),
    width=st.floats(0, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
def test_never_leaves_the_bounds(lower, width, seed):
    bounds = Bounds(np.array(lower), np.array(lower) + width)
    seen = []

    def fun(x):
        seen.append(x)
        return sphere(x)

    lyrebird_minimize(fun, bounds, population_size=4, max_iter=3, seed=seed)
    assert len(seen) == 16
    assert (np.array(seen) >= bounds.lb).all()
    assert (np.array(seen) <= bounds.ub).all()


@pytest.mark.parametrize("way", [{"vectorized": True}, {"workers": 2}, {"workers": map}])
def test_ways_to_evaluate_give_the_same(way):
    options = {"population_size": 6, "max_iter": 5, "seed": 3}
    plain = lyrebird_minimize(sphere, [(-1, 2)] * 3, **options)
    fun = squares if "vectorized" in way else sphere
    other = lyrebird_minimize(fun, [(-1, 2)] * 3, **options, **way)
    np.testing.assert_allclose(other.x, plain.x, rtol=1e-12)


@pytest.mark.parametrize("way", [{}, {"vectorized": True}, {"workers": map}], ids=str)
def test_cost_may_work_in_place(way):
    """What it writes to are copies, not the population."""

    def in_place(x):
        x -= 0.5
        x *= x
        return x.sum(axis=0)

    def plain(x):
        return in_place(x.copy())

    options = {"bounds": [(-1, 2)] * 3, "population_size": 6, "max_iter": 5, "seed": 3} | way
    expected, result = (lyrebird_minimize(fun, **options) for fun in (plain, in_place))
    np.testing.assert_array_equal(result.x, expected.x)
    np.testing.assert_array_equal(result.population, expected.population)
    assert result.fun == expected.fun


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_cost_may_be_an_array_of_one_number_as_for_scipy(shape):
    bounds, options = [(0, 1)] * 2, {"population_size": 5, "max_iter": 3, "seed": 0}

    def fun(x):
        return np.full(shape, sphere(x))

    expected = lyrebird_minimize(sphere, bounds, **options)
    assert lyrebird_minimize(fun, bounds, **options).fun == expected.fun
    assert np.isfinite(differential_evolution(fun, bounds, maxiter=1, seed=0).fun)


@pytest.mark.parametrize("way", [{}, {"workers": map}], ids=str)
@pytest.mark.parametrize("cost", [None, "0.5", 1j, [None]], ids=repr)
def test_cost_that_is_no_number_is_named(cost, way):
    with pytest.raises(TypeError, match="fun must return one number. Got .*instead"):
        lyrebird_minimize(lambda x: cost, [(0, 1)], **way)


def test_vectorized_cost_that_is_no_number_is_named():
    with pytest.raises(TypeError, match="fun must return one number. Got None instead"):
        lyrebird_minimize(lambda X: [None] * X.shape[1], [(0, 1)], vectorized=True)


def test_global_generator_is_left_alone():
    before = np.random.get_state()  # noqa: NPY002
    for seed in (0, None):
        lyrebird_minimize(sphere, [(0, 1)], max_iter=2, seed=seed)
    np.testing.assert_equal(np.random.get_state(), before)  # noqa: NPY002


@pytest.mark.parametrize("by", ["return", "raise"])
def test_callback_ends_the_search(by):
    def callback(intermediate_result):
        if intermediate_result.nit == 3:
            if by == "raise":
                raise StopIteration
            return True
        return False

    result = lyrebird_minimize(sphere, [(0, 1)], max_iter=50, seed=0, callback=callback)
    assert result.nit == 3
    assert "callback" in result.message


def test_nan_is_never_accepted():
    def fun(x):
        return np.nan if x[0] < 0.5 else x[0]

    result = lyrebird_minimize(fun, [(0, 1)], max_iter=30, seed=0)
    assert result.success
    assert 0.5 <= result.x[0] < 0.52
    assert not lyrebird_minimize(lambda x: np.nan, [(0, 1)], max_iter=2, seed=0).success


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bounds": [(0, 1, 2)]}, r"\(min, max\) pairs. Got an array of shape \(1, 3\)"),
        ({"bounds": [(0, np.inf)]}, "bounds must be finite"),
        ({"bounds": [(0, 1), (2, 1), (3, 1)]}, r"Variable 1 has \(2.0, 1.0\)"),
        ({"population_size": 0}, "population_size must be at least 1. Got 0"),
        ({"max_iter": -1}, "max_iter must be at least 0. Got -1"),
        ({"init": np.zeros((3, 2))}, r"init must have shape \(N, 1\). Got \(3, 2\)"),
        ({"init": [[7.0]]}, "init must lie within the bounds"),
        ({"init": [[np.nan]]}, "init must lie within the bounds"),
        ({"fun": lambda x: [1.0, 2.0]}, r"one number. Got an array of shape \(2,\)"),
        ({"fun": lambda X: 1.0, "vectorized": True}, "one cost for each of the 30 columns"),
    ],
)
def test_wrong_argument_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        lyrebird_minimize(**({"fun": sphere, "bounds": [(0, 1)]} | options))


def test_start_may_be_given_in_many_dimensions():
    init = np.random.default_rng(0).random((3, 600))
    init[0], init[1] = 0, 1  # the bounds themselves are inside
    found = lyrebird_minimize(np.sum, [(0, 1)] * 600, init=init, max_iter=1, seed=0)
    assert found.fun <= init.sum(axis=1).min()
