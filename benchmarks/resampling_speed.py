"""All metrics over resampled patients, beside a loop that calls scikit-learn's functions.

3,000 patients of one sample each and three classes; every metric but the calibration line, each
class against the rest and in summary, for 1,000 resamples. The loop computes the same numbers for
a few resamples, and its time is scaled; both take turns, on one thread.

    python benchmarks/resampling_speed.py [--rounds 5] [--loop-resamples 5]
"""

import argparse
import time

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)
from threadpoolctl import threadpool_limits

from sicf.evaluation.statistics import (
    METRICS,
    draw_patients,
    resampled_class_metrics,
    resampled_metrics,
)

WHICH = [name for name in METRICS if "calibration" not in name]
N_PATIENTS, N_CLASSES, N_DRAWS = 3000, 3, 1000


def main():
    options = parse_options()
    data, draws = cohort(), draw_patients(N_PATIENTS, N_DRAWS, np.random.default_rng(1))
    some = draws[: options.loop_resamples]
    seconds = []
    with threadpool_limits(1):
        for _ in range(options.rounds):
            (mean, each), ours = timed(lambda: at_once(*data, draws))
            (their_mean, their_each), loop = timed(lambda: in_a_loop(*data, some))
            seconds.append([ours, loop * N_DRAWS / len(some)])
    largest = max(
        np.abs(mean[: len(some)] - their_mean).max(), np.abs(each[: len(some)] - their_each).max()
    )
    ours, loop = np.transpose(seconds)
    ratio = loop / ours
    print(f"{N_PATIENTS} patients, {N_CLASSES} classes, {N_DRAWS} resamples, one thread:")
    print(
        f"ours {np.median(ours):.2f} s; the loop {np.median(loop):.0f} s, scaled from {len(some)};"
    )
    print(f"ratio {np.median(ratio):.0f} ({ratio.min():.0f} to {ratio.max():.0f}); ", end="")
    print(f"largest difference of a number {largest:.0e}.")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop-resamples", type=int, default=5)
    return parser.parse_args()


def cohort():
    rng = np.random.default_rng(0)
    target = rng.integers(N_CLASSES, size=N_PATIENTS)
    scores = rng.dirichlet(np.ones(N_CLASSES), N_PATIENTS) + np.eye(N_CLASSES)[target] / 2
    scores /= scores.sum(axis=1, keepdims=True)
    return target, scores.argmax(axis=1), scores


def timed(work):
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def at_once(target, predicted, scores, draws):
    work = target, predicted, scores, np.arange(N_PATIENTS), draws
    mean = resampled_metrics(*work, which=WHICH)
    each = resampled_class_metrics(*work, which=WHICH)
    return (
        np.stack([mean[name] for name in WHICH], axis=-1),
        np.stack([each[name] for name in WHICH], axis=-1),
    )


def in_a_loop(target, predicted, scores, draws):
    found = [one_resample(target, predicted, scores, draw) for draw in draws]
    means, each = zip(*found, strict=True)
    return np.array(means), np.array(each)


def one_resample(target, predicted, scores, draw):
    rows = np.repeat(np.arange(N_PATIENTS), draw)
    y, said, score = target[rows], predicted[rows], scores[rows]
    each = np.array([of_class(y == k, said == k, score[:, k]) for k in range(N_CLASSES)])
    mean = dict(zip(WHICH, each.mean(axis=0), strict=True))
    mean["accuracy"] = accuracy_score(y, said)
    mean["balanced accuracy"] = balanced_accuracy_score(y, said)
    mean["Brier"] = brier_score_loss(y, score, scale_by_half=False)
    mean["log loss"] = log_loss(y, score)
    return list(mean.values()), each


def of_class(y, said, score):
    return [
        accuracy_score(y, said),
        balanced_accuracy_score(y, said),
        recall_score(y, said),
        recall_score(~y, ~said),
        precision_score(y, said),
        precision_score(~y, ~said),
        f1_score(y, said),
        roc_auc_score(y, score),
        average_precision_score(y, score),
        brier_score_loss(y, score),
        log_loss(y, score),
    ]


if __name__ == "__main__":
    main()
