"""Named data sets for the selectors: some to choose defaults on, others to report, none in both.

The two kinds share neither a source nor a seed. `load_folds` gives the five outer folds of a set;
features that are learnt (the codebook of visual words) are learnt on each training part alone. The
folds are kept under ``results/folds`` beside this file, so that other environments need neither
torch nor pictures:

    SICF_DATA=folder python benchmarks/selection_sets.py [--seeds 0 1] [--sets NAME ...]

Real sets need SICF_DATA and the extra ``benchmark``.
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

RESULTS = Path(__file__).parent / "results"
N_FOLDS = 5
FIELDS = ("X_train", "y_train", "groups_train", "X_test", "y_test", "groups_test")


class Source(NamedTuple):
    """A set before it is split: rows or pictures, and what makes columns of them."""

    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray | None = None
    features: object = None


def load_folds(name, seed):
    """The outer folds of a set.

    Parameters
    ----------
    name : str
        One of TUNING or REPORTING.
    seed : int
        Shuffles the folds; the data are the same for every seed.

    Returns
    -------
    list of tuple
        For each of the five folds ``(X_train, y_train, groups_train, X_test, y_test,
        groups_test)``; X is float32, and groups are None where the set has none.
    """
    with np.load(_folds_file(name, seed)) as file:
        return [
            tuple(file.get(f"{field}_{number}") for field in FIELDS) for number in range(N_FOLDS)
        ]


def load_test_rows(name, seed):
    """Number, in the whole set, of each fold's test rows: a list of five arrays."""
    with np.load(_folds_file(name, seed)) as file:
        return [file[f"rows_{number}"] for number in range(N_FOLDS)]


def _folds_file(name, seed):
    """Where the folds lie, made if they are not there."""
    path = RESULTS / "folds" / f"{name}-{seed}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written elsewhere and moved, so that another process never reads half a file.
        half = path.with_name(f"{path.stem}.{os.getpid()}.npz")
        np.savez(half, **_make_folds((TUNING | REPORTING)[name](), seed))
        half.replace(path)
    return path


def _make_folds(source, seed):
    arrays = {}
    kind = StratifiedKFold if source.groups is None else StratifiedGroupKFold
    splitter = kind(N_FOLDS, shuffle=True, random_state=seed)
    folds = splitter.split(np.zeros(len(source.y)), source.y, source.groups)
    for number, (train, test) in enumerate(folds):
        features = FunctionTransformer() if source.features is None else clone(source.features)
        features.fit(source.X[train])
        arrays[f"rows_{number}"] = test
        for part, rows in (("train", train), ("test", test)):
            columns = features.transform(source.X[rows])
            arrays[f"X_{part}_{number}"] = np.asarray(columns, np.float32)
            arrays[f"y_{part}_{number}"] = source.y[rows]
            if source.groups is not None:
                arrays[f"groups_{part}_{number}"] = source.groups[rows]
    return arrays


def _synthetic(shape, **design):
    return lambda: Source(*make_classification(*shape, **design))


def _correlated_copies():
    """Each group is one drawn row, seen four times through noise as strong as a third of it."""
    X, y = make_classification(
        70,
        600,
        n_informative=25,
        n_redundant=25,
        n_classes=3,
        n_clusters_per_class=1,
        class_sep=1.4,
        random_state=7104,
    )
    groups = np.repeat(np.arange(len(y)), 4)
    noise = np.random.default_rng(7105).normal(size=(len(groups), X.shape[1]))
    return Source(X[groups] + noise * X.std(axis=0) / 3, y[groups], groups)


def _phantoms():
    """Spinal phantoms, two slices of each patient: thumbnails of the neck's middle, and words."""
    from systems import thumbnails

    from sicf import QuadrantROI, SIFTBoVW, make_spine_phantoms

    data = make_spine_phantoms(150, n_slices=2, random_state=7106)
    union = FeatureUnion(
        [
            ("thumbnail", FunctionTransformer(thumbnails)),
            ("sift", SIFTBoVW(cache=RESULTS / "rows", random_state=0)),
        ]
    )
    features = Pipeline([("roi", QuadrantROI()), ("columns", union)])
    return Source(data.images, data.target, data.groups, features)


def _cheng360(features):
    """Real MR of brain tumours, 72 patient groups, with the columns that `features` makes."""

    def load():
        from sicf import load_images

        path = Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv"
        data = load_images(path, path_column="file", group_column="patient_group")
        return Source(data.images, _numbers(data.target), _numbers(data.groups), features())

    return load


def _numbers(labels):
    return np.unique(labels, return_inverse=True)[1]


def _thumbnails():
    from systems import thumbnails

    return FunctionTransformer(thumbnails)


def _sift_and_lite0():
    from systems import efficientnet

    return _sift_and("efficientnet", efficientnet(RESULTS / "rows"))


def _sift_and_vgg16():
    from sicf import CachedRows, VGG16Embedder

    vgg16 = VGG16Embedder(weights=None, random_state=0)
    return _sift_and("vgg16", CachedRows(vgg16, RESULTS / "rows"))


def _sift_and(name, network):
    from sicf import HistEqualize, SIFTBoVW

    sift = SIFTBoVW(cache=RESULTS / "rows", random_state=0)
    union = FeatureUnion([("sift", sift), (name, network)])
    return Pipeline([("equalize", HistEqualize()), ("columns", union)])


def _digits():
    X, y = load_digits(return_X_y=True)
    return Source(X[:500], y[:500])


def _breast_cancer():
    return Source(*load_breast_cancer(return_X_y=True))


# To choose defaults on.
TUNING = {
    "wide_sparse": _synthetic(
        (250, 3000),
        n_informative=12,
        n_redundant=0,
        n_classes=3,
        class_sep=1.5,
        flip_y=0.05,
        random_state=7100,
    ),
    "wide_weak": _synthetic(
        (250, 3000),
        n_informative=200,
        n_redundant=0,
        n_clusters_per_class=1,
        class_sep=1.2,
        flip_y=0.05,
        random_state=7101,
    ),
    "medium_unbalanced": _synthetic(
        (300, 400),
        n_informative=20,
        n_redundant=20,
        n_classes=3,
        weights=[6 / 9, 2 / 9],
        n_clusters_per_class=1,
        class_sep=0.8,
        flip_y=0.05,
        random_state=7102,
    ),
    "narrow": _synthetic(
        (250, 40),
        n_informative=8,
        n_redundant=6,
        n_classes=3,
        flip_y=0.1,
        random_state=7103,
    ),
    "grouped_copies": _correlated_copies,
    "phantoms": _phantoms,
}

# No default was chosen by its figures here. One was sought for, on `TUNING`, because of them: see
# the end of that section of docs/figures.md.
REPORTING = {
    "cheng360_sift_lite0": _cheng360(_sift_and_lite0),
    "cheng360_sift_vgg16": _cheng360(_sift_and_vgg16),
    "cheng360_thumbnails": _cheng360(_thumbnails),
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "wide_noise_unbalanced": _synthetic(
        (220, 2000),
        n_informative=30,
        n_redundant=60,
        n_classes=3,
        weights=[6 / 9, 2 / 9],
        n_clusters_per_class=1,
        class_sep=1.0,
        flip_y=0.1,
        random_state=9100,
    ),
    "redundant": _synthetic(
        (300, 500),
        n_informative=15,
        n_redundant=200,
        n_repeated=50,
        n_classes=3,
        flip_y=0.05,
        random_state=9101,
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=[*TUNING, *REPORTING])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    options = parser.parse_args()
    print("| set | seed | training rows x columns | classes | groups |")
    print("|---" * 5 + "|")
    for name in options.sets:
        for seed in options.seeds:
            X, y, groups, *_ = load_folds(name, seed)[0]
            n_groups = "" if groups is None else len(np.unique(groups))
            sizes = ":".join(map(str, np.bincount(y)))
            print(
                f"| {name} | {seed} | {len(X)} x {X.shape[1]} | {sizes} | {n_groups} |", flush=True
            )


if __name__ == "__main__":
    main()
