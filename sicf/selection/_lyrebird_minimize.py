"""lyrebird_minimize: the Lyrebird search with the manners of SciPy's minimizers."""

import numbers

import numpy as np
from scipy.optimize import Bounds, OptimizeResult

from sicf._number_checks import check_whole_number
from sicf._spread import spread_in_order
from sicf.selection._lyrebird import generations


def lyrebird_minimize(
    fun,
    bounds,
    args=(),
    *,
    population_size=30,
    max_iter=100,
    init=None,
    seed=None,
    vectorized=False,
    workers=1,
    callback=None,
    shrinkage=True,
):
    """Minimize a function of real variables by the Lyrebird optimization algorithm [1]_.

    Parameters
    ----------
    fun : callable ``fun(x, *args) -> float``
        The cost: a number, or an array of one. An infinite cost or nan is never accepted over a
        finite one. `x` is a copy, which `fun` may write to.
    bounds : sequence of (min, max) pairs, or `scipy.optimize.Bounds`
        Finite bounds of each variable.
    args : tuple, default=()
        Further arguments of `fun`.
    population_size : int, default=30
        Number of members N, at least 1.
    max_iter : int, default=100
        Number of iterations T. The cost is ``N * (1 + T)`` evaluations.
    init : array-like of shape (N, d), default=None
        Starting population, within the bounds; it sets N. None draws it uniformly.
    seed : int, Generator or None, default=None
        NumPy's global generator is not touched.
    vectorized : bool, default=False
        `fun` takes all vectors of a generation, shape (d, m), and returns m costs, as in
        :func:`scipy.optimize.differential_evolution`.
    workers : int or map-like callable, default=1
        Number of joblib workers, or a function such as ``pool.map``.
    callback : callable ``callback(intermediate_result)``, default=None
        Called after each iteration with an `OptimizeResult`; returning True, or raising
        `StopIteration`, ends the search.
    shrinkage : bool, default=True
        The factor I is drawn from {1, 2}, as published. False sets I = 1; see Notes.

    Returns
    -------
    OptimizeResult
        `x`, `fun`, `nfev`, `nit`, `success`, `message`, `population`, `population_energies`, and
        `history`, the best cost after the start and after each iteration.

    See Also
    --------
    LyrebirdSelector : The same search over subsets of columns.

    Notes
    -----
    A member escapes or hides with equal chance. Escaping, it goes towards one of the strictly
    better members S, ``x + r (S - I x)``, with r in [0, 1] and I in {1, 2} drawn for each variable.
    Hiding, it makes a step that shortens with the iteration t, ``x + (1 - 2 r) (ub - lb) / t``. The
    result is clipped to the bounds and accepted if it is strictly better.

    The best member has no better one. Implementations differ; here its own place is its safe area.

    Updates are generational: all candidates of an iteration come from the same population, so
    they can be evaluated together. Published code updates one member after the other.

    With I = 2 the escape pulls towards zero, whatever the cost says, so the algorithm looks strong
    where the optimum is at zero; `shrinkage=False` takes that away.

    References
    ----------
    .. [1] M. Dehghani et al., "Lyrebird optimization algorithm: a new bio-inspired metaheuristic
       algorithm for solving optimization problems", Biomimetics 8 (6), 507, 2023.
       :doi:`10.3390/biomimetics8060507`
    .. [2] C. L. Camacho-Villalon, M. Dorigo and T. Stuetzle, "Exposing the grey wolf, moth-flame,
       whale, firefly, bat, and antlion algorithms", International Transactions in Operational
       Research 30 (6), 2023. :doi:`10.1111/itor.13176`

    Examples
    --------
    >>> from sicf import lyrebird_minimize
    >>> def sphere(x):
    ...     return ((x - 3) ** 2).sum()
    >>> result = lyrebird_minimize(sphere, [(-10, 10)] * 2, shrinkage=False, seed=0)
    >>> result.x.round(1), result.nfev
    (array([3., 3.]), 3030)
    """
    rng = np.random.default_rng(seed)
    lower, upper = _check_bounds(bounds)
    start = _check_start(init, population_size, lower, upper, rng)
    check_whole_number("max_iter", max_iter, least=0)
    cost = _batch_cost(fun, args, vectorized, workers)
    history, message = [], f"All {max_iter} iterations were made."
    for generation in generations(
        cost, start, lower, upper, max_iter=max_iter, rng=rng, shrinkage=shrinkage
    ):
        history.append(generation.costs[generation.best])
        result = _as_result(generation, history, message)
        if generation.t and callback is not None and _wants_to_stop(callback, result):
            result.message = "The callback ended the search."
            break
    return result


def _as_result(generation, history, message):
    best = generation.best
    found = bool(np.isfinite(generation.costs[best]))
    return OptimizeResult(
        x=generation.population[best].copy(),
        fun=float(generation.costs[best]),
        nfev=generation.n_evaluations,
        nit=generation.t,
        success=found,
        message=message if found else "No vector had a finite cost.",
        population=generation.population.copy(),
        population_energies=generation.costs.copy(),
        history=np.array(history),
    )


def _wants_to_stop(callback, result):
    try:
        return bool(callback(result))
    except StopIteration:
        return True


def _batch_cost(fun, args, vectorized, workers):
    """Turn `fun` into a cost of all vectors of a generation."""
    evaluate = _evaluation(fun, args, vectorized, workers)
    # A cost that works in place must not change the population.
    return lambda vectors, t: [_as_number(cost) for cost in evaluate(vectors.copy())]


def _evaluation(fun, args, vectorized, workers):
    if vectorized:
        return lambda vectors: _check_count(fun(vectors.T, *args), len(vectors))
    if callable(workers):
        return lambda vectors: workers(_Bound(fun, args), vectors)
    return lambda vectors: spread_in_order(_cost, _Bound(fun, args), vectors, n_jobs=workers)


class _Bound:
    """`fun` with its further arguments; unlike a lambda, it can be pickled for a pool."""

    def __init__(self, fun, args):
        self.fun = fun
        self.args = args

    def __call__(self, x):
        return self.fun(x, *self.args)


def _cost(bound, x):
    return bound(x)


def _as_number(cost):
    """A cost as a float; NumPy would take None for nan, and read text."""
    values = np.asarray(cost)
    if values.size != 1:
        raise ValueError(f"fun must return one number. Got an array of shape {values.shape}.")
    if not isinstance(values.item(), numbers.Real):
        raise TypeError(f"fun must return one number. Got {cost!r} instead.")
    return float(values.item())


def _check_count(costs, n_vectors):
    if np.shape(costs) != (n_vectors,):
        raise ValueError(
            f"A vectorized fun must return one cost for each of the {n_vectors} columns. "
            f"Got shape {np.shape(costs)} instead."
        )
    return costs


def _check_bounds(bounds):
    if isinstance(bounds, Bounds):
        lower, upper = np.broadcast_arrays(np.atleast_1d(bounds.lb), np.atleast_1d(bounds.ub))
    else:
        pairs = np.asarray(bounds, dtype=float)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ValueError(
                f"bounds must be (min, max) pairs. Got an array of shape {pairs.shape} instead."
            )
        lower, upper = pairs.T
    lower, upper = lower.astype(float), upper.astype(float)
    wrong = np.flatnonzero(~(np.isfinite(lower) & np.isfinite(upper) & (lower <= upper)))
    if wrong.size:
        at = wrong[0]
        raise ValueError(
            "bounds must be finite, with min at most max. Variable "
            f"{at} has ({lower[at]}, {upper[at]})."
        )
    return lower, upper


def _check_start(init, population_size, lower, upper, rng):
    if init is None:
        check_whole_number("population_size", population_size)
        return lower + rng.random((population_size, lower.size)) * (upper - lower)
    start = np.array(init, dtype=float)
    if start.ndim != 2 or start.shape[1] != lower.size or not len(start):
        raise ValueError(f"init must have shape (N, {lower.size}). Got {start.shape} instead.")
    if not ((start >= lower) & (start <= upper)).all():
        raise ValueError("init must lie within the bounds.")
    return start
