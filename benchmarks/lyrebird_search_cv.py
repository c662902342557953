"""LyrebirdSearchCV beside RandomizedSearchCV: a forest's parameters at equal evaluations.

For each data set and seed, rows are split in halves: the search sees one, the other says what the
chosen forest is worth. Both searches have the same space, folds, seeds of the forest, and number
of different settings evaluated; the default forest, which costs none, stands beside them.

    python benchmarks/lyrebird_search_cv.py --output results.csv

Rows already in the output are not computed again.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import loguniform, randint, ttest_1samp
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold, train_test_split

from sicf import LyrebirdSearchCV

SPACE = {
    "n_estimators": randint(10, 101),
    "max_depth": randint(2, 31),
    "min_samples_leaf": randint(1, 21),
    "max_features": loguniform(0.01, 1),
    "criterion": ["gini", "entropy"],
    "class_weight": [None, "balanced"],
}
RIVALS = ("default forest", "RandomizedSearchCV", "LyrebirdSearchCV, I drawn", "LyrebirdSearchCV")
# With fewer pairs an interval is either without end or, where two happen to agree, without width.
FEWEST = 5
PAIRS = [
    ("LyrebirdSearchCV", "RandomizedSearchCV"),
    ("LyrebirdSearchCV, I drawn", "RandomizedSearchCV"),
    ("LyrebirdSearchCV", "default forest"),
    ("RandomizedSearchCV", "default forest"),
]


def main():
    options = parse_options()
    table = pd.read_csv(options.output) if options.output.exists() else pd.DataFrame()
    for seed in range(options.seeds):
        for name, load in DATA.items():
            if len(table) and ((table["data"] == name) & (table["seed"] == seed)).any():
                continue
            rows = pd.DataFrame(run_all(name, *load(), seed, options))
            table = pd.concat([table, rows], ignore_index=True)
            table.to_csv(options.output, index=False)
    print_table(table)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="table of all runs")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--population-size", type=int, default=10)
    parser.add_argument("--max-iter", type=int, default=4)
    return parser.parse_args()


def digits():
    X, y = load_digits(return_X_y=True)
    return X[:500], y[:500]


def breast_cancer():
    return load_breast_cancer(return_X_y=True)


def wide():
    return make_classification(
        300, 1000, n_informative=15, n_redundant=15, n_classes=3, flip_y=0.05, random_state=0
    )


DATA = {"digits, 500 x 64": digits, "breast cancer, 569 x 30": breast_cancer, "300 x 1000": wide}


def run_all(name, X, y, seed, options):
    """One row for each rival; the random search gets as many settings as the costlier Lyrebird."""
    parts = train_test_split(X, y, test_size=0.5, stratify=y, random_state=seed)
    forest = RandomForestClassifier(random_state=seed)
    common = {"cv": StratifiedKFold(5, shuffle=True, random_state=seed), "random_state": seed}
    sizes = {"population_size": options.population_size, "max_iter": options.max_iter}
    ours = [LyrebirdSearchCV(forest, SPACE, shrinkage=s, **sizes, **common) for s in (True, False)]
    rows = [run(search, *parts) for search in ours]
    n_iter = max(row["settings"] for row in rows)
    rows.insert(0, run(RandomizedSearchCV(forest, SPACE, n_iter=n_iter, **common), *parts))
    X_train, X_test, y_train, y_test = parts
    held_out = forest.fit(X_train, y_train).score(X_test, y_test)
    rows.insert(0, {"search": np.nan, "held out": held_out, "settings": 0, "seconds": 0.0})
    return [
        {"data": name, "seed": seed, "rival": rival, **row}
        for rival, row in zip(RIVALS, rows, strict=True)
    ]


def run(search, X_train, X_test, y_train, y_test):
    start = time.perf_counter()
    search.fit(X_train, y_train)
    return {
        "search": search.best_score_,
        "held out": search.score(X_test, y_test),
        "settings": len(search.cv_results_["params"]),
        "seconds": time.perf_counter() - start,
    }


def print_table(table):
    print("Means over seeds.\n")
    print("| data | rival | best score in the search | held out | settings | s |")
    print("|---" * 6 + "|")
    for name in DATA:
        for rival in RIVALS:
            rows = table[(table["data"] == name) & (table["rival"] == rival)]
            mean = rows[["search", "held out", "settings", "seconds"]].mean()
            searched = "" if np.isnan(mean["search"]) else f"{mean['search']:.4f}"
            print(
                f"| {name} | {rival} | {searched} | {mean['held out']:.4f} | "
                f"{mean['settings']:.0f} | {mean['seconds']:.0f} |"
            )
    print("\nPaired differences, means with 95 % t intervals over seeds. Splits of one data set")
    print(f"overlap, so intervals are rather narrow; none from fewer than {FEWEST} pairs.\n")
    print("| difference | data | best score in the search | held out |")
    print("|---" * 4 + "|")
    for first, second in PAIRS:
        for name in (*DATA, "all"):
            print_difference(table, name, first, second)


def print_difference(table, name, first, second):
    rows = table if name == "all" else table[table["data"] == name]
    scores = rows.pivot(index=["data", "seed"], columns="rival")
    cells = [
        with_interval(scores[column][first] - scores[column][second])
        for column in ("search", "held out")
    ]
    print(f"| {first} - {second} | {name} | " + " | ".join(cells) + " |")


def with_interval(differences):
    """A default forest was not searched, and has no score to compare."""
    if differences.isna().all():
        return ""
    if len(differences) < FEWEST:
        return f"{differences.mean():+.4f}"
    low, high = ttest_1samp(differences, 0).confidence_interval(0.95)
    claim = "" if low <= 0 <= high else ", differs"
    return f"{differences.mean():+.4f} [{low:+.4f}, {high:+.4f}]{claim}"


if __name__ == "__main__":
    main()
