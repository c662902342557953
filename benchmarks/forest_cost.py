"""What the compiled fitness makes of a second core, and how much memory it takes beside the data.

Two cores over one: a population of 20 masks, 220 x 4,608, scored by one worker and by two in turns;
the median of the ratios. Anything else that the machine does at the time spoils it, so the load
before each stands beside it.

Memory: the largest resident set of a fresh process less that before the work, with 5,000 x 4,608
numbers of float32 in it and everything compiled, over the size of their codes (one byte a number).
Shown for the fitness alone, binning included, and for a whole fit of the selector, on two workers.

    python benchmarks/forest_cost.py [--only speed | memory] [--rounds 7]

Memory is read from `/proc`, and so on Linux alone.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold
from systems import forest

from sicf import LyrebirdSelector
from sicf.selection._budget import Budget
from sicf.selection._fold_score import CompiledForestScore
from sicf.selection._mask_fitness import MaskFitness, Round

WIDE = (220, 4608)
LARGE = (5000, 4608)
POPULATION = 20
DENSITIES = (0.005, 0.5)
WORKERS = 2


def main():
    options = parse_options()
    if options.measure:
        print(extra_bytes(options.measure, options.data))
        return
    if options.only in (None, "speed"):
        print_speed(options.rounds)
    if options.only in (None, "memory"):
        print_memory()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("speed", "memory"))
    parser.add_argument("--rounds", type=int, default=7, help="of the population, each way")
    parser.add_argument("--measure", choices=list(MEASURED), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def made(shape):
    return make_classification(
        *shape,
        n_informative=30,
        n_redundant=60,
        n_classes=3,
        weights=[6 / 9, 2 / 9],
        flip_y=0.1,
        random_state=0,
    )


def draw_masks(n_masks, n_columns):
    """Masks of densities evenly spread on a logarithmic scale, in random order."""
    rng = np.random.default_rng(0)
    densities = rng.permutation(np.geomspace(*DENSITIES, n_masks))
    return rng.random((n_masks, n_columns)) < densities[:, np.newaxis]


def print_speed(rounds):
    X, y = made(WIDE)
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    score = CompiledForestScore(forest(1), X, y, get_scorer("accuracy"))
    masks = draw_masks(POPULATION, X.shape[1])
    timed(score, masks[:2], folds, WORKERS, 0)  # compile, and start the threads
    print("| population of 20 | one core, s | two cores, s | ratio | load before |")
    print("|---" * 5 + "|")
    ratios = []
    for seed in range(rounds):
        load = os.getloadavg()[0]
        one, two = (timed(score, masks, folds, n_jobs, seed) for n_jobs in (1, WORKERS))
        ratios.append(one / two)
        print(f"| {seed} | {one:.2f} | {two:.2f} | {one / two:.2f} | {load:.2f} |", flush=True)
    print(f"| median | | | {np.median(ratios):.2f} | |")


def timed(score, masks, folds, n_jobs, seed):
    """Seconds for masks that nothing remembers."""
    fitness = MaskFitness(score, Budget(), n_jobs)
    start = time.perf_counter()
    fitness.score(masks, Round(folds, seed))
    return time.perf_counter() - start


def print_memory():
    X, y = made(LARGE)
    codes = X.size / 2**20
    print("| 5,000 x 4,608, two workers | memory beyond X, MiB | codes, MiB | ratio |")
    print("|---" * 4 + "|")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        np.save(data / "X.npy", X.astype(np.float32))
        np.save(data / "y.npy", y)
        del X
        for name in MEASURED:
            command = [sys.executable, __file__, "--measure", name, "--data", data]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            extra = int(done.stdout) / 2**20
            print(f"| {name} | {extra:.1f} | {codes:.1f} | {extra / codes:.2f} |", flush=True)


def extra_bytes(name, folder):
    """How far the work takes this process above what it held before."""
    work = MEASURED[name]
    work(*made((60, 300)))  # compile, and import whatever is imported late
    X, y = np.load(folder / "X.npy"), np.load(folder / "y.npy")
    Path("/proc/self/clear_refs").write_text("5")  # the largest so far becomes the present one
    before = status_bytes("VmRSS")
    work(X, y)
    return status_bytes("VmHWM") - before


def run_fitness(X, y):
    """Bin the table and score masks, as many as make both workers busy at the same time."""
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    score = CompiledForestScore(forest(1), X, y, get_scorer("accuracy"))
    masks = draw_masks(2 * WORKERS, X.shape[1])
    MaskFitness(score, Budget(), WORKERS).score(masks, Round(folds, 0))


def fit_selector(X, y):
    """Both filters in every fold, a small population, and the reserved rows."""
    selector = LyrebirdSelector(
        forest(1), population_size=WORKERS, max_iter=0, max_evals=2 + WORKERS, n_jobs=WORKERS
    )
    selector.fit(X, y)


def status_bytes(name):
    """A size that Linux keeps of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status must have {name}. It has none.")


MEASURED = {"the fitness": run_fitness, "a fit of the selector": fit_selector}


if __name__ == "__main__":
    main()
