"""What a cohort costs: unit costs measured here on small samples, carried over to all patients.

    python benchmarks/arithmetic.py [--patients 100000] [--slices 1] [--sequences 1]

Seconds are those of one core, by the process's own clock, so that what else runs here counts
little. Features cost the same for every picture, so they are multiplied. A forest costs a power of
its rows: of three sizes the power is fitted, and the line goes on from the largest; that is an
extrapolation. VGG16 is seeded: weights change no time.
"""

import argparse
import os
import time

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from sicf import (
    HistEqualize,
    LyrebirdSelector,
    QuadrantROI,
    SIFTDescriptors,
    VGG16Embedder,
    VisualWords,
    evaluation_from_scores,
    make_spine_phantoms,
)
from sicf.selection.forest import CompiledForest

WORDS, COLUMNS, SELECTED = 512, 4608, 0.1
FOLDS = 5
DAY = 86400
MB, GB = 10**6, 10**9


def main():
    options = parse_options()
    torch.set_num_threads(1)
    print(
        f"{options.patients:,} patients, {options.slices} slice(s) each, {options.sequences} "
        f"sequence(s); {os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}\n"
    )
    n = options.patients * options.slices
    print_storage(n, options.sequences)
    features = print_features(n, options)
    search = print_search(n, options)
    print_day(features, search)
    print_bootstrap(options.patients)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--slices", type=int, default=1, help="of a patient")
    parser.add_argument("--sequences", type=int, default=1, help="of a slice, fused by their mean")
    parser.add_argument("--pictures", type=int, default=16, help="to measure features on")
    parser.add_argument(
        "--rows", type=int, nargs=3, default=(500, 1000, 2000), help="to measure forests on"
    )
    return parser.parse_args()


def print_storage(n, sequences):
    pictures = n * 224 * 224 * sequences
    print("| what is stored | bytes a slice | in all, GB |")
    print("|---|---|---|")
    for name, size in {
        "pictures of 224 x 224, 8 bits, every sequence": pictures,
        f"rows of the network in the cache, {COLUMNS - WORDS:,} float32": n * 4 * (COLUMNS - WORDS),
        f"the whole table, {COLUMNS:,} float32": n * 4 * COLUMNS,
        f"the table as the compiled forest has it, {COLUMNS:,} bytes": n * COLUMNS,
    }.items():
        print(f"| {name} | {size / n:,.0f} | {size / GB:.2f} |")


def print_features(n, options):
    """Core-seconds of all features."""
    pictures = make_spine_phantoms(
        max(3, options.pictures), n_slices=1, sequences=("T2",), random_state=0
    ).images[: options.pictures]
    roi, equalize, sift = QuadrantROI().fit(pictures), HistEqualize(), SIFTDescriptors()
    crops = roi.transform(pictures)
    equalized = equalize.fit_transform(crops)
    described = sift.fit_transform(equalized)
    words = VisualWords(WORDS, random_state=0)
    many = np.resize(described, max(len(described), WORDS))
    learning = timed(lambda: words.fit(many), rounds=1)
    network = VGG16Embedder(weights=None, batch_size=options.pictures).fit(equalized)
    loading = timed(lambda: network.transform(equalized[:1]), rounds=1)
    steps = {
        "region of interest": lambda: roi.transform(pictures),
        "equalization": lambda: equalize.transform(crops),
        "SIFT": lambda: sift.transform(equalized),
        f"{WORDS} visual words": lambda: words.transform(described),
        "VGG16 to fc7": lambda: network.transform(equalized),
    }
    print("\n| features | core-s a picture | core-hours for all |")
    print("|---|---|---|")
    total = 0
    for name, run in steps.items():
        seconds = timed(run) / len(pictures)
        total += seconds * n * options.sequences
        print(f"| {name} | {seconds:.4f} | {seconds * n * options.sequences / 3600:.1f} |")
    print(f"| in all | | {total / 3600:.1f} |")
    print(
        f"\nOnce a worker: {loading:.0f} s to build the network. Once a fold: the codebook, from "
        f"at most {words.max_descriptors:,} descriptors however many patients ({learning:.0f} s)."
    )
    return total


def print_search(n, options):
    """Core-seconds of the search inside all outer folds."""
    selector = LyrebirdSelector()
    n_masks = evaluations(selector)
    rows = np.array(options.rows)
    masks, finals = np.array([measure_forests(size) for size in rows]).T
    print("\n| rows | one subset, 5 folds, compiled, core-s | the last forest, core-s |")
    print("|---|---|---|")
    for values in zip(rows, masks, finals, strict=True):
        print("| {:,} | {:.2f} | {:.2f} |".format(*values), flush=True)
    at = n * (FOLDS - 1) // FOLDS
    mask, power = extrapolated(rows, masks, at)
    final, _ = extrapolated(rows, finals, at)
    print(f"| {at:,}, extrapolated | {mask:.0f} | {final:.0f} |")
    print(
        f"\nA subset's time goes with the power {power:.2f} of the rows. A search scores at most "
        f"{n_masks} subsets in each of {FOLDS} outer folds."
    )
    return FOLDS * n_masks * mask


def evaluations(selector):
    """Most evaluations of a search, finals and rankings included, as its notes count them."""
    members, rounds = selector.population_size, selector.max_iter
    if selector.mode == "paper":
        return members * (1 + rounds)
    return members * (1 + rounds + rounds // 2) + rounds // 2 + 44


def measure_forests(n_rows):
    """Seconds for a subset's score by the search, and for the forest on the selected columns."""
    X, y = make_classification(
        n_rows, COLUMNS, n_informative=30, n_redundant=60, n_classes=3, random_state=0
    )
    X = X.astype(np.float32)
    forest = RandomForestClassifier(100, max_depth=20, class_weight="balanced", random_state=0)
    compiled = CompiledForest(forest, X, y)
    columns = np.sort(np.random.default_rng(0).permutation(COLUMNS)[: int(SELECTED * COLUMNS)])
    parts = np.array_split(np.random.default_rng(1).permutation(n_rows), FOLDS)
    folds = [(np.setdiff1d(np.arange(n_rows), part), np.sort(part)) for part in parts]
    compiled.probabilities(columns[:8], *folds[0], 0)  # compile
    subset = timed(lambda: [compiled.probabilities(columns, *fold, 0) for fold in folds])
    return subset, timed(lambda: forest.fit(X[:, columns], y), rounds=1)


def extrapolated(rows, seconds, n):
    """Seconds at n rows by the power that fits, and the power; from the largest size measured."""
    power = np.polyfit(np.log(rows), np.log(seconds), 1)[0]
    return seconds[-1] * (n / rows[-1]) ** power, power


def print_day(features, search):
    print("\n| work | core-hours | cores to do it in a day |")
    print("|---|---|---|")
    for name, seconds in {
        "all features, once": features,
        "the search in all outer folds": search,
    }.items():
        print(f"| {name} | {seconds / 3600:,.0f} | {int(np.ceil(seconds / DAY))} |")


def print_bootstrap(patients):
    """Seconds for the table with its intervals; one patient is one unit of the bootstrap."""
    small = np.array([1000, 4000])
    seconds = np.array([timed(lambda size=size: tabulated(size), rounds=1) for size in small])
    each = (seconds[1] - seconds[0]) / (small[1] - small[0])
    print(
        f"\nIntervals, 1,000 resamples: {seconds[1]:.1f} s for {small[1]:,} patients, "
        f"{seconds[1] + each * (patients - small[1]):.0f} s for {patients:,}, on one core."
    )


def tabulated(n):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    return evaluation_from_scores(y, rng.dirichlet(np.ones(3), n), random_state=0).metrics()


def timed(run, rounds=3):
    """Seconds of a core, the median of some rounds."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds))


if __name__ == "__main__":
    main()
