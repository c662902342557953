"""What a grid over the forest costs with the row cache, against the least it could cost.

Grouped five-fold `GridSearchCV` of `make_sicf` and a forest over five settings of the forest, with
a cache that is empty, and again with the cache that this has filled. The least: one pass over the
images (region, contrast, descriptors, VGG16), one codebook for each fold, and the forests, with
everything held in memory. All in one process and one run, on one thread; the scores must agree.

360 slices of cheng360 at 224 x 224 (Cheng et al., CC BY 4.0), VGG16 seeded, float32. They show no
spine; the region of interest is there for what it costs.

    SICF_DATA=folder python benchmarks/row_cache.py [--images 360]

Wall-clock seconds are what a user waits. Where other work loads the machine, which is why its load
is printed, the seconds of this process's own CPU time are the better measure; they leave out the
waits for the disk.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from systems import forest

from sicf import (
    CachedRows,
    HistEqualize,
    QuadrantROI,
    SIFTDescriptors,
    VGG16Embedder,
    VisualWords,
    load_images,
    make_sicf,
)
from sicf.features._cache_key import digest_image

SEED = 0
SIDE = 224
N_WORDS = 512
LEAVES = [1, 2, 4, 8, 16]
ROUNDS = 7


class Seconds(NamedTuple):
    """A span of time, by the clock on the wall and of this process's CPU time."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other):
        return Seconds(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other):
        return Seconds(*(a - b for a, b in zip(self, other, strict=True)))

    def __truediv__(self, other):
        return Seconds(*(a / b for a, b in zip(self, other, strict=True)))


class Stopwatch:
    """Seconds by the name of what took them."""

    def __init__(self):
        self.seconds = {}

    @contextmanager
    def __call__(self, name):
        start = Seconds(time.perf_counter(), time.process_time())
        yield
        spent = Seconds(time.perf_counter(), time.process_time()) - start
        self.seconds[name] = self.seconds.get(name, Seconds()) + spent

    def total(self, *names):
        return sum((self.seconds[name] for name in names or self.seconds), start=Seconds())


watch = Stopwatch()


class TimedForest(RandomForestClassifier):
    """Tells the stopwatch, under a name that the run sets, how long forests take."""

    name = "forests"

    def fit(self, X, y, sample_weight=None):
        with watch(self.name):
            return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        with watch(self.name):
            return super().predict_proba(X)


def main():
    options = parse_options()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    X, y, groups = images(options.images)
    folds = list(StratifiedGroupKFold(5, shuffle=True, random_state=SEED).split(X, y, groups))
    VGG16Embedder(weights=None).fit_transform(X[:1])  # built once a process, by no one's time
    print(f"{len(X)} images of {SIDE} x {SIDE}, load before: {os.getloadavg()[0]:.1f}", flush=True)
    scores = [least(X, y, folds)]
    report_parts()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name in ("cold", "warm"):
            TimedForest.name = f"forests, {name}"
            with watch(name):
                scores.append(grid(X, y, folds, folder))
        agree = all(np.array_equal(scores[0], other) for other in scores[1:])
        print(f"\nscores of all settings in all folds agree: {agree}")
        report_ratios()
        report_lookup(X, folder)
    sys.exit(not agree)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=360)
    parser.add_argument("--folder", type=Path, help="where the cache is made and removed")
    return parser.parse_args()


def images(n_images):
    data = load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv",
        path_column="file",
        group_column="patient_group",
    )
    # Of every class and patient some, however few are asked for.
    chosen = np.linspace(0, len(data.target) - 1, n_images).astype(int)
    small = [cv2.resize(data.images[i], (SIDE, SIDE), interpolation=cv2.INTER_AREA) for i in chosen]
    return np.stack(small), np.asarray(data.target)[chosen], np.asarray(data.groups)[chosen]


def timed_forest(leaf=1):
    return TimedForest(**forest(1).get_params()).set_params(min_samples_leaf=leaf)


def least(X, y, folds):
    """One pass over the images, one codebook a fold, and the forests; accuracy of each forest."""
    with watch("region of interest"):
        crops = QuadrantROI().fit_transform(X)
    with watch("equalization"):
        crops = HistEqualize().fit_transform(crops)
    with watch("SIFT descriptors"):
        descriptors = SIFTDescriptors().fit_transform(crops)
    with watch("VGG16"):
        deep = VGG16Embedder(weights=None, random_state=SEED).fit_transform(crops)
    scores = np.zeros((len(LEAVES), len(folds)))
    for fold, (train, test) in enumerate(folds):
        words = VisualWords(N_WORDS, random_state=SEED)
        with watch("a codebook a fold, and its rows"):
            words.fit(descriptors[train])
            rows = np.hstack([words.transform(descriptors), deep])
        for setting, leaf in enumerate(LEAVES):
            model = timed_forest(leaf).fit(rows[train], y[train])
            scores[setting, fold] = model.score(rows[test], y[test])
    return scores


def grid(X, y, folds, folder):
    """The same by scikit-learn's own means and the cache; accuracy of each forest."""
    features = make_sicf(n_words=N_WORDS, weights=None, cache=folder, random_state=SEED)
    pipeline = Pipeline([*features.steps, ("forest", timed_forest())])
    settings = {"forest__min_samples_leaf": LEAVES}
    search = GridSearchCV(pipeline, settings, cv=folds, refit=False, error_score="raise")
    results = search.fit(X, y).cv_results_
    return np.transpose([results[f"split{fold}_test_score"] for fold in range(len(folds))])


def report_parts():
    print("\n| the least | wall, s | CPU, s |\n|---|---|---|")
    for name, spent in watch.seconds.items():
        print(f"| {name} | {spent.wall:.2f} | {spent.cpu:.2f} |")
    total = watch.total()
    print(f"| together | {total.wall:.2f} | {total.cpu:.2f} |", flush=True)


def report_ratios():
    seconds = watch.seconds
    kinds = ("cold", "warm")
    features = {kind: seconds[kind] - seconds[f"forests, {kind}"] for kind in kinds}
    parts = [name for name in seconds if not any(kind in name for kind in kinds)]
    cold, warm = seconds["cold"] / watch.total(*parts), features["warm"] / features["cold"]
    print(f"\n| grid of {len(LEAVES)} settings in 5 folds | wall, s | CPU, s |\n|---|---|---|")
    for kind in kinds:
        print(f"| {kind}, features | {features[kind].wall:.2f} | {features[kind].cpu:.2f} |")
        forests = seconds[f"forests, {kind}"]
        print(f"| {kind}, forests | {forests.wall:.2f} | {forests.cpu:.2f} |")
    print(f"| cold over the least (at most 1.15) | {cold.wall:.3f} | {cold.cpu:.3f} |")
    print(f"| warm over cold, features (at most 0.1) | {warm.wall:.3f} | {warm.cpu:.3f} |")
    print(f"\nload after: {os.getloadavg()[0]:.1f}", flush=True)


def report_lookup(X, folder):
    """Milliseconds that a row costs beyond the hash of its picture, which names it."""
    crops = HistEqualize().fit_transform(QuadrantROI().fit_transform(X))
    rows = CachedRows(VGG16Embedder(weights=None, random_state=SEED), folder).fit(crops)
    looks, hashes = [], []
    for _ in range(ROUNDS):
        looks.append(timed(lambda: rows.transform(crops)))
        hashes.append(timed(lambda: [digest_image(picture) for picture in crops]))
    look_up, hashing = (np.median(spent, axis=0) / len(X) * 1e3 for spent in (looks, hashes))
    print(f"\n| a row of 4,096 columns, warm, median of {ROUNDS} | wall, ms | CPU, ms |")
    print("|---|---|---|")
    print(f"| look-up | {look_up[0]:.3f} | {look_up[1]:.3f} |")
    print(f"| hashing the picture | {hashing[0]:.3f} | {hashing[1]:.3f} |")
    beyond = look_up - hashing
    print(f"| look-up beyond hashing (at most 0.3) | {beyond[0]:.3f} | {beyond[1]:.3f} |")


def timed(work):
    with watch("latest"):
        work()
    return watch.seconds.pop("latest")


if __name__ == "__main__":
    main()
