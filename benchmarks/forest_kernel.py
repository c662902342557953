"""The compiled forest beside scikit-learn's: seconds for the same fitness, and agreement.

The fitness of a mask is the accuracy of 100 trees under five folds, on one thread. Both sides take
turns on the same masks; the compiled side's binning is shown apart, since it is done once a search.

    python benchmarks/forest_kernel.py [--large]
"""

import argparse
import time

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score

from sicf.selection.forest import CompiledForest

SHAPES = {"220 x 4608": (220, 4608), "2000 x 500": (2000, 500)}
LARGE = {"5000 x 4608": (5000, 4608)}
DENSITIES = (0.02, 0.1, 0.5)


def main():
    options = parse_options()
    print("| rows x columns | mask | scikit-learn, s | compiled, s | ratio | ", end="")
    print("accuracy, difference | correlation of accuracies | binning, s |")
    print("|---" * 8 + "|")
    for name, shape in (SHAPES | (LARGE if options.large else {})).items():
        ratios = [print_row(name, shape, density, options) for density in DENSITIES]
        print(f"| {name} | geometric mean | | | {np.exp(np.mean(np.log(ratios))):.1f} | | | |")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="also 5000 x 4608: many minutes")
    parser.add_argument("--masks", type=int, default=7, help="masks of each density")
    return parser.parse_args()


def print_row(name, shape, density, options):
    X, y = make_classification(
        *shape,
        n_informative=30,
        n_redundant=60,
        n_classes=3,
        weights=[6 / 9, 2 / 9],
        flip_y=0.1,
        random_state=0,
    )
    forest = RandomForestClassifier(100, max_depth=20, class_weight="balanced")
    folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
    start = time.perf_counter()
    compiled = CompiledForest(forest, X, y)
    binning = time.perf_counter() - start
    fold_accuracies(compiled, np.arange(8), y, folds, 0)  # compile
    rng = np.random.default_rng(1)
    seconds, scores = [], []
    for number in range(options.masks):
        columns = np.flatnonzero(rng.random(shape[1]) < density)
        start = time.perf_counter()
        theirs = cross_val_score(forest.set_params(random_state=number), X[:, columns], y, cv=folds)
        middle = time.perf_counter()
        ours = fold_accuracies(compiled, columns, y, folds, number)
        seconds.append((middle - start, time.perf_counter() - middle))
        scores.append((theirs.mean(), np.mean(ours)))
    slow, fast = np.median(seconds, axis=0)
    ratio = np.median([a / b for a, b in seconds])
    a, b = np.transpose(scores)
    difference, spread = (b - a).mean(), 1.96 * (b - a).std(ddof=1) / np.sqrt(len(a))
    print(
        f"| {name} | {density:.0%} | {slow:.2f} | {fast:.3f} | {ratio:.1f} | "
        f"{difference:+.3f} ± {spread:.3f} | {np.corrcoef(a, b)[0, 1]:.2f} | {binning:.2f} |",
        flush=True,
    )
    return ratio


def fold_accuracies(compiled, columns, y, folds, seed):
    accuracies = []
    for train, test in folds:
        classes, probabilities = compiled.probabilities(columns, train, test, seed)
        accuracies.append((classes[probabilities.argmax(axis=1)] == y[test]).mean())
    return accuracies


if __name__ == "__main__":
    main()
