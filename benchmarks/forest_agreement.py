"""Do the compiled forest and scikit-learn's judge subsets of columns alike? 1,002 masks, six sets.

Each mask holds 0.5 to 50 % of a set's columns, all densities equally likely on a logarithmic scale.
Its score is the accuracy of 100 trees under five folds, the same for both sides and for all masks
of a set, by patient where there are patients. Each side scores each mask with two seeds, so that
what the sides differ by stands beside what scikit-learn's own two seeds differ by.

    SICF_DATA=folder python benchmarks/forest_agreement.py [--resume] [--only NAME]

Scores are written as they come, one file for each set. With ``--resume`` those that are there are
kept, which is right only while neither forest has changed. The features of the slices are learnt
from all of them: without labels, and the same for both sides.

Needs the extra ``benchmark`` for the network with true ImageNet weights.
"""

import argparse
import os
from itertools import combinations, product
from pathlib import Path

import numpy as np
from forest_kernel import fold_accuracies
from sklearn.datasets import load_digits, make_classification
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from systems import efficientnet, forest

from sicf import HistEqualize, SIFTBoVW, load_images
from sicf.selection.forest import CompiledForest

DENSITIES = (0.005, 0.5)
N_SEEDS = 2
N_RESAMPLES = 2000
LARGEST_DIFFERENCE = 0.01
CORRELATION_LOST = 0.02
HEADER = (
    "| data | rows x columns | classes | masks | accuracy, scikit-learn | accuracy, difference | "
    "within 1 point | correlation, scikit-learn's two seeds | ours with scikit-learn | "
    "ours less theirs | at least -0.02 |"
)


def main():
    options = parse_options()
    options.output.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, "|---" * 11 + "|"]
    print("\n".join(lines))
    for name, load in SETS.items():
        if options.only in (None, name):
            X, y, groups = load(options)
            lines.append(row(name, X, y, score_masks(name, X, y, groups, options)))
            print(lines[-1], flush=True)
    (options.output / "forest_agreement.md").write_text("\n".join(lines) + "\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--masks", type=int, default=167, help="of each set")
    parser.add_argument("--only", choices=list(SETS), help="one set")
    parser.add_argument("--resume", action="store_true", help="keep the scores that are there")
    parser.add_argument("--cache", type=Path, default=Path("benchmarks/results/rows"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def load_cheng360(options):
    """Real slices of brain tumours, as `cheng360.py` has them: 1,792 columns."""
    data = load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv",
        path_column="file",
        group_column="patient_group",
    )
    sift = SIFTBoVW(cache=options.cache, random_state=0)
    union = FeatureUnion([("sift", sift), ("efficientnet", efficientnet(options.cache))])
    X = make_pipeline(HistEqualize(), union).fit_transform(data.images)
    return X, data.target, data.groups


def load_handwriting(options):
    return *load_digits(return_X_y=True), None


def made(n_rows, n_columns, shares):
    """A loader of made data: classes of these shares, and a tenth of the labels at random.

    A quarter of the columns are mixtures of at most 15, as features of pictures are, and the rest
    but those 15 is noise.
    """

    def load(options):
        informative = min(15, n_columns // 3)
        X, y = make_classification(
            n_rows,
            n_columns,
            n_informative=informative,
            n_redundant=n_columns // 4,
            n_classes=len(shares),
            weights=np.divide(shares, sum(shares)),
            n_clusters_per_class=1,
            flip_y=0.1,
            random_state=0,
        )
        return X, y, None

    return load


SETS = {
    "cheng360": load_cheng360,
    "digits": load_handwriting,
    "unbalanced, wide": made(220, 4608, (6, 2, 1)),
    "unbalanced, tall": made(1200, 200, (6, 2, 1)),
    "even, wide": made(120, 10000, (1, 1)),
    "even, narrow": made(1000, 30, (1, 1, 1, 1)),
}


def score_masks(name, X, y, groups, options):
    """Accuracies of shape (masks, 2 sides, seeds); scikit-learn's side is the first."""
    path = options.output / f"forest_agreement_{name.replace(', ', '_')}.csv"
    if not options.resume:
        path.unlink(missing_ok=True)
    n_done = len(read_scores(path)) if path.exists() else 0
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = list(splitter(5, shuffle=True, random_state=0).split(X, y, groups))
    compiled = CompiledForest(forest(1), X, y)
    with path.open("a") as file:
        for number in range(n_done, options.masks):
            columns = draw_columns(X.shape[1], number)
            theirs = [their_accuracy(X, y, columns, folds, s) for s in seeds(number)]
            ours = [np.mean(fold_accuracies(compiled, columns, y, folds, s)) for s in seeds(number)]
            np.savetxt(file, [theirs + ours], delimiter=",")
            file.flush()
    return read_scores(path)[: options.masks]


def read_scores(path):
    return np.loadtxt(path, delimiter=",", ndmin=2).reshape(-1, 2, N_SEEDS)


def draw_columns(n_columns, number):
    """Columns of one mask, at least one."""
    rng = np.random.default_rng(number)
    density = np.exp(rng.uniform(*np.log(DENSITIES)))
    columns = np.flatnonzero(rng.random(n_columns) < density)
    return columns if columns.size else rng.integers(n_columns, size=1)


def seeds(number):
    return range(number * N_SEEDS, (number + 1) * N_SEEDS)


def their_accuracy(X, y, columns, folds, seed):
    return cross_val_score(forest(1, seed), X[:, columns], y, cv=folds, scoring="accuracy").mean()


def row(name, X, y, scores):
    """One line of the table; intervals are bootstrapped over masks."""
    rng = np.random.default_rng(0)
    draws = rng.integers(len(scores), size=(N_RESAMPLES, len(scores)))
    low, high = np.percentile([mean_difference(scores[d]) for d in draws], (2.5, 97.5))
    lost = np.percentile([np.diff(correlations(scores[d])) for d in draws], (2.5, 97.5))
    theirs, mixed = correlations(scores)
    cells = [
        name,
        f"{X.shape[0]:,} x {X.shape[1]:,}",
        ":".join(str(count) for count in np.unique(y, return_counts=True)[1]),
        len(scores),
        f"{scores[:, 0].mean():.3f}",
        f"{mean_difference(scores):+.4f} [{low:+.4f}, {high:+.4f}]",
        "yes" if max(-low, high) <= LARGEST_DIFFERENCE else "no",
        f"{theirs:.3f}",
        f"{mixed:.3f}",
        f"{mixed - theirs:+.3f} [{lost[0]:+.3f}, {lost[1]:+.3f}]",
        "yes" if mixed >= theirs - CORRELATION_LOST else "no",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def mean_difference(scores):
    """Accuracy of the compiled forest less that of scikit-learn's."""
    return scores[:, 1].mean() - scores[:, 0].mean()


def correlations(scores):
    """Over masks: of scikit-learn's seeds with one another, and of ours with theirs, means."""
    matrix = np.corrcoef(scores.reshape(len(scores), -1), rowvar=False)
    theirs, ours = range(N_SEEDS), range(N_SEEDS, 2 * N_SEEDS)
    return (
        np.mean([matrix[pair] for pair in combinations(theirs, 2)]),
        np.mean([matrix[pair] for pair in product(theirs, ours)]),
    )


if __name__ == "__main__":
    main()
