"""The Lyrebird search on real vectors: a pure core on arrays, a generator and a cost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moves:
    """The random numbers of one generation, drawn before anything moves.

    Parameters
    ----------
    escapes : ndarray of bool of shape (N,)
        Which members escape; the others hide.
    safe_area : ndarray of int of shape (N,)
        The member towards which each escapes.
    r : ndarray of shape (N, d)
        Step lengths in [0, 1].
    pull : ndarray of int of shape (N, d)
        The factor I, 1 or 2.
    """

    escapes: np.ndarray
    safe_area: np.ndarray
    r: np.ndarray
    pull: np.ndarray


@dataclass(frozen=True)
class Generation:
    """Where the search stands after iteration `t`; 0 is the start.

    Parameters
    ----------
    t : int
    population : ndarray of shape (N, d)
    decoded : ndarray of shape (N, ...)
        What the cost was asked of: masks, or the positions themselves.
    costs : ndarray of shape (N,)
    n_evaluations : int
        Members handed to the cost function so far.
    improved : bool
        Whether the best is better than the best before it, by the same cost.
    """

    t: int
    population: np.ndarray
    decoded: np.ndarray
    costs: np.ndarray
    n_evaluations: int
    improved: bool = True

    @property
    def best(self) -> int:
        """Number of the best member."""
        return int(np.argmin(self.costs))


def draw_moves(costs, n_dimensions, rng, *, shrinkage=True) -> Moves:
    """Draw who escapes, whereto, and how far.

    The safe areas of a member are the strictly better ones, of which one is drawn at random. The
    best member has none: its own place is its safe area.

    Parameters
    ----------
    costs : ndarray of shape (N,)
    n_dimensions : int
    rng : Generator
    shrinkage : bool
        False sets I = 1 everywhere.

    Returns
    -------
    Moves
    """
    n_members = len(costs)
    escapes = rng.random(n_members) <= 0.5
    rank = rng.random(n_members)
    safe_area = np.arange(n_members)
    for member, cost in enumerate(costs):
        better = np.flatnonzero(costs < cost)
        if better.size:
            safe_area[member] = better[int(rank[member] * better.size)]
    r = rng.random((n_members, n_dimensions))
    pull = rng.integers(1, 3, size=(n_members, n_dimensions))
    return Moves(escapes, safe_area, r, pull if shrinkage else np.ones_like(pull))


def move(population, moves, t, lower, upper):
    """Compute every candidate of iteration `t` from the same population.

    Parameters
    ----------
    population : ndarray of shape (N, d)
    moves : Moves
    t : int
        Iteration, from 1.
    lower, upper : ndarray of shape (d,)

    Returns
    -------
    ndarray of shape (N, d)
    """
    safe = population[moves.safe_area]
    escaped = population + moves.r * (safe - moves.pull * population)
    hidden = population + (1 - 2 * moves.r) * (upper - lower) / t
    candidates = np.where(moves.escapes[:, np.newaxis], escaped, hidden)
    return np.clip(candidates, lower, upper)


def generations(
    cost: Callable,
    start,
    lower,
    upper,
    *,
    max_iter,
    rng,
    shrinkage=True,
    rescore=None,
    decode=None,
    after=None,
) -> Iterator[Generation]:
    """Run the search and hand out every generation.

    Parameters
    ----------
    cost : callable ``cost(decoded, t) -> ndarray of shape (m,)``
        All members of a generation at once. nan counts as infinite.
    start : ndarray of shape (N, d)
    lower, upper : ndarray of shape (d,)
    max_iter : int
    rng : Generator
    shrinkage : bool
        False sets I = 1.
    rescore : callable ``rescore(t) -> bool``, default=None
        Says in which iterations the members are evaluated again beside their candidates, because
        the cost has changed. None is in none.
    decode : callable ``decode(positions, parents) -> ndarray of shape (N, ...)``, default=None
        Turns positions, once, into what the cost is asked of; `parents` are what the members that
        moved were decoded to, None at the start. None takes the positions themselves.
    after : Generation, default=None
        Goes on after this one, whose `start` is no more looked at.

    Yields
    ------
    Generation
        The start, and the population after each iteration.
    """
    decode = decode or _as_they_are
    last = after
    if last is None:
        decoded = decode(start, None)
        last = Generation(0, start, decoded, _as_costs(cost(decoded, 0)), len(start))
        yield last
    for t in range(last.t + 1, max_iter + 1):
        moves = draw_moves(last.costs, last.population.shape[1], rng, shrinkage=shrinkage)
        candidates = move(last.population, moves, t, lower, upper)
        decoded = decode(candidates, last.decoded)
        if rescore is not None and rescore(t):
            both = _as_costs(cost(np.concatenate([last.decoded, decoded]), t))
            old_costs, new_costs = np.split(both, 2)
        else:
            old_costs, new_costs = last.costs, _as_costs(cost(decoded, t))
        n_scored = len(new_costs) * (1 + (old_costs is not last.costs))
        better = new_costs < old_costs
        last = Generation(
            t,
            _choose(better, candidates, last.population),
            _choose(better, decoded, last.decoded),
            np.where(better, new_costs, old_costs),
            last.n_evaluations + n_scored,
            bool(new_costs.min() < old_costs.min()),
        )
        yield last


def _choose(better, new, old):
    return np.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)


def _as_they_are(positions, parents):
    return positions


def _as_costs(costs):
    costs = np.asarray(costs, dtype=float)
    return np.where(np.isnan(costs), np.inf, costs)
