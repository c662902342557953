"""What the Lyrebird search does by itself: its pull to zero, and what updating together changes.

The costs are formulas, so nothing here is a forest, and every optimum is known.

    python benchmarks/lyrebird_search.py    # two minutes on one core
"""

import argparse
import time
from functools import partial

import numpy as np
from scipy.optimize import differential_evolution
from scipy.stats import quantile_test

from sicf import lyrebird_minimize
from sicf.selection._lyrebird import generations

MEMBERS, ITERATIONS = 30, 300
EVALUATIONS = MEMBERS * (1 + ITERATIONS)
MASK_MEMBERS, MASK_ITERATIONS = 10, 50
COLUMNS, INFORMATIVE = 1000, 25
WAYS = {"I from {1, 2}, as published": True, "I = 1": False}


def main():
    options = parse_options()
    start = time.perf_counter()
    print_zero_bias(options.seeds)
    print_density_on_noise(options.pairs)
    print_updates(options.pairs)
    print(f"\nAll in {time.perf_counter() - start:.0f} s.")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="seeds of the first table")
    parser.add_argument("--pairs", type=int, default=30, help="seeds of the others")
    return parser.parse_args()


# The pull to zero.


def print_zero_bias(n_seeds):
    print(
        f"Sphere in 30 dimensions within [-100, 100], {EVALUATIONS} evaluations each; median cost "
        f"of {n_seeds} seeds. Differential evolution is SciPy's, with its defaults and as many "
        "generations as it can have, not polished.\n"
    )
    print("| optimum at | " + " | ".join(f"Lyrebird, {name}" for name in WAYS), end=" | ")
    print(f"differential evolution, {MEMBERS} members | with 450 | random search |")
    print("|---" * 6 + "|")
    rivals = [
        *(partial(lyrebird, shrinkage=shrinkage) for shrinkage in WAYS.values()),
        *(partial(evolution, members=members) for members in (MEMBERS, 450)),
        random_search,
    ]
    for optimum in (0.0, 37.0):
        costs = [np.median([rival(optimum, seed) for seed in range(n_seeds)]) for rival in rivals]
        print(f"| {optimum:.0f} | " + " | ".join(f"{cost:.2g}" for cost in costs) + " |")


def lyrebird(optimum, seed, shrinkage):
    return lyrebird_minimize(
        lambda x: ((x - optimum) ** 2).sum(axis=0),
        [(-100, 100)] * 30,
        population_size=MEMBERS,
        max_iter=ITERATIONS,
        shrinkage=shrinkage,
        vectorized=True,
        seed=seed,
    ).fun


def evolution(optimum, seed, members):
    """SciPy counts members in multiples of the variables, 30 here."""
    n_evaluations = 0

    def sphere_costs(x):
        nonlocal n_evaluations
        n_evaluations += x.shape[1]
        return ((x - optimum) ** 2).sum(axis=0)

    found = differential_evolution(
        sphere_costs,
        [(-100, 100)] * 30,
        popsize=members // 30,
        maxiter=EVALUATIONS // members - 1,
        tol=0,
        polish=False,
        updating="deferred",
        vectorized=True,
        seed=seed,
    )
    assert EVALUATIONS - members < n_evaluations <= EVALUATIONS
    return found.fun


def random_search(optimum, seed):
    X = np.random.default_rng(seed).uniform(-100, 100, (EVALUATIONS, 30))
    return ((X - optimum) ** 2).sum(axis=1).min()


# Masks where there is nothing to find.


def print_density_on_noise(n_seeds):
    print(
        f"\nMasks of {COLUMNS} columns as positions in [0, 1] with a threshold at one half, a "
        f"fitness of pure noise, {MASK_MEMBERS} members: mean density of the population, median "
        f"of {n_seeds} seeds.\n"
    )
    shown = (0, 10, 20, 50)
    print("| I | members | " + " | ".join(f"t = {t}" for t in shown) + " |\n" + "|---" * 6 + "|")
    for name, shrinkage in WAYS.items():
        for members, again in (("keep their scores", None), ("are scored again", lambda t: True)):
            densities = [density_on_noise(seed, shrinkage, again) for seed in range(n_seeds)]
            median = np.median(densities, axis=0)
            cells = " | ".join(f"{median[t]:.2f}" for t in shown)
            print(f"| {name} | {members} | {cells} |", flush=True)


def density_on_noise(seed, shrinkage, rescore):
    rng = np.random.default_rng(seed)
    start = rng.random((MASK_MEMBERS, COLUMNS))
    noise = np.random.default_rng([seed, 1])
    search = generations(
        lambda positions, t: noise.random(len(positions)),
        start,
        np.zeros(COLUMNS),
        np.ones(COLUMNS),
        max_iter=MASK_ITERATIONS,
        rng=rng,
        shrinkage=shrinkage,
        rescore=rescore,
    )
    return np.array([(generation.population > 0.5).mean() for generation in search])


# All members from one population, or one after the other.


def print_updates(n_seeds):
    print(
        f"\nFinal costs of the generational update, ours, and of the sequential one, from the same "
        f"{n_seeds} starts, medians; and the median of the paired ratios (masks: differences) with "
        f"its exact 95 % interval. Below 1 (0) the generational one is better. Functions: "
        f"{MEMBERS} members, {ITERATIONS} iterations, optimum drawn anew for each seed. Masks: "
        f"{INFORMATIVE} informative of {COLUMNS} columns, {MASK_MEMBERS} members, "
        f"{MASK_ITERATIONS} iterations; the cost is 1 less the share of the best possible signal "
        "to noise.\n"
    )
    print("| cost | I | generational | sequential | ratio or difference | 95 % interval |")
    print("|---" * 6 + "|")
    tasks = [shifted(function, d) for function in (sphere, rastrigin, rosenbrock) for d in (10, 30)]
    for task in [*tasks, masks]:
        for name, shrinkage in WAYS.items():
            print_update(task, name, shrinkage, n_seeds)


def print_update(task, name, shrinkage, n_seeds):
    pairs = np.array([run_pair(task, shrinkage, seed) for seed in range(n_seeds)])
    together, one_by_one = pairs.T
    is_mask = task is masks
    effects = together - one_by_one if is_mask else together / one_by_one
    interval = quantile_test(effects, p=0.5).confidence_interval(0.95)
    low, high = np.array([interval.low, interval.high])
    form = "+.3f" if is_mask else ".2f"
    print(
        f"| {task.__name__} | {name} | {np.median(together):.3g} | {np.median(one_by_one):.3g} | "
        f"{np.median(effects):{form}} | [{low:{form}}, {high:{form}}] |",
        flush=True,
    )


def run_pair(task, shrinkage, seed):
    """Final cost of both updates from one start."""
    cost, lower, upper, n_members, n_iterations = task(np.random.default_rng([seed, 2]))
    start = lower + np.random.default_rng([seed, 3]).random((n_members, len(lower))) * (
        upper - lower
    )
    together = generations(
        lambda vectors, t: cost(vectors),
        start,
        lower,
        upper,
        max_iter=n_iterations,
        rng=np.random.default_rng([seed, 4]),
        shrinkage=shrinkage,
    )
    *_, last = together
    one_by_one = sequential_costs(
        cost, start, lower, upper, n_iterations, np.random.default_rng([seed, 5]), shrinkage
    )
    return last.costs.min(), one_by_one.min()


def sequential_costs(cost, start, lower, upper, n_iterations, rng, shrinkage):
    """The search as published code has it: each member moves before the next one looks."""
    population, costs = start.copy(), cost(start)
    n_members = len(start)
    for t in range(1, n_iterations + 1):
        escapes, rank = rng.random(n_members) <= 0.5, rng.random(n_members)
        r = rng.random(start.shape)
        pull = rng.integers(1, 3, start.shape) if shrinkage else np.ones_like(r)
        for i in range(n_members):
            at = population[i]
            if escapes[i]:
                better = np.flatnonzero(costs < costs[i])
                safe = population[better[int(rank[i] * len(better))]] if len(better) else at
                candidate = at + r[i] * (safe - pull[i] * at)
            else:
                candidate = at + (1 - 2 * r[i]) * (upper - lower) / t
            candidate = np.minimum(np.maximum(candidate, lower), upper)
            candidate_cost = cost(candidate[np.newaxis])[0]
            if candidate_cost < costs[i]:
                population[i], costs[i] = candidate, candidate_cost
    return costs


def shifted(function, n_dimensions):
    """A task whose optimum is drawn uniformly from the middle half of the bounds."""

    def task(rng):
        bound = {sphere: 100.0, rastrigin: 5.12, rosenbrock: 30.0}[function]
        optimum = rng.uniform(-bound / 2, bound / 2, n_dimensions)
        upper = np.full(n_dimensions, bound)
        return lambda X: function(X - optimum), -upper, upper, MEMBERS, ITERATIONS

    task.__name__ = f"{function.__name__}, {n_dimensions} dimensions"
    return task


def sphere(Z):
    return (Z**2).sum(axis=1)


def rastrigin(Z):
    return (Z**2 - 10 * np.cos(2 * np.pi * Z) + 10).sum(axis=1)


def rosenbrock(Z):
    """Its optimum is moved from one to zero."""
    Y = Z + 1
    return (100 * (Y[:, 1:] - Y[:, :-1] ** 2) ** 2 + (1 - Y[:, :-1]) ** 2).sum(axis=1)


def masks(rng):
    """Signal to noise of the sum of the chosen columns: effects add, and so does noise."""
    effects = np.zeros(COLUMNS)
    effects[:INFORMATIVE] = rng.exponential(size=INFORMATIVE)
    # The best subset of k columns holds the k largest effects.
    largest = np.sort(effects)[::-1][:INFORMATIVE]
    best = (largest.cumsum() / np.sqrt(np.arange(1, INFORMATIVE + 1))).max()

    def cost(positions):
        chosen = positions > 0.5
        return 1 - chosen @ effects / np.sqrt(np.maximum(chosen.sum(axis=1), 1)) / best

    return cost, np.zeros(COLUMNS), np.ones(COLUMNS), MASK_MEMBERS, MASK_ITERATIONS


if __name__ == "__main__":
    main()
