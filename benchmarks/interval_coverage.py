"""Do the intervals hold the truth, and do the tests keep their level? On simulated cohorts.

Scores of two classes are normal, as far apart as a known area under the curve, or a known accuracy,
asks for. An interval of 95 % has to hold the truth in 93 to 97 % of the cohorts; a test at 5 % of
two equally good classifiers, whose noise is correlated by one half, has to be wrong in 3.5 to
6.5 %.

    python benchmarks/interval_coverage.py [--cohorts 1000] [--patients 200]

With several slices a patient, whose noise is correlated by 0.7, the bootstrap over slices is shown
beside the one over patients: it takes slices for independent, and its intervals are too narrow.
"""

import argparse

import numpy as np
from scipy.stats import norm

from sicf.evaluation.statistics import (
    delong,
    draw_patients,
    interval,
    jackknife_draws,
    mcnemar_midp,
    paired_bootstrap,
    resampled_metrics,
)

WHICH = ("AUC", "accuracy", "balanced accuracy", "sensitivity")
TRUTHS = (0.7, 0.8, 0.9)
N_DRAWS = 1000
WITHIN, BETWEEN = 0.7, 0.5
LEVEL = 0.05
TIMES = 4  # a share of 5 % wants more cohorts than one of 95 %: its limits lie closer


def main():
    options = parse_options()
    print(f"{options.cohorts} cohorts of {options.patients} patients, {N_DRAWS} resamples.\n")
    columns = "| truth | slices | drawn | method | " + " | ".join(WHICH) + " |"
    print(columns + "\n" + "|---" * (4 + len(WHICH)) + "|")
    for name, apart in distances().items():
        for method in ("percentile", "bca"):
            print_coverage(name, apart, 1, "patients", method, options)
    for drawn in ("slices", "patients"):
        print_coverage("AUC 0.8", distances()["AUC 0.8"], 4, drawn, "percentile", options)
    print(
        "\n| truth | DeLong | McNemar mid-p | paired bootstrap, AUC | paired bootstrap, accuracy |"
    )
    print("|---" * 5 + "|")
    for name, apart in of_areas().items():
        print_errors(name, apart, options)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def of_areas():
    """How far apart the two normals stand for each area under the curve."""
    return {f"AUC {truth}": np.sqrt(2) * norm.ppf(truth) for truth in TRUTHS}


def distances():
    """The same for each area, and for each accuracy."""
    return of_areas() | {f"accuracy {truth}": 2 * norm.ppf(truth) for truth in TRUTHS}


def truths(apart):
    """What each metric converges to; the classes are told apart half-way."""
    right = norm.cdf(apart / 2)
    return dict.fromkeys(WHICH, right) | {"AUC": norm.cdf(apart / np.sqrt(2))}


def cohort(rng, apart, n_patients, n_slices):
    """Classes, scores of a classifier and of its equal, and patients: one row a slice."""
    y = rng.random(n_patients) < 0.5
    shape = 2, n_patients, n_slices
    of_patient = correlated(rng, (*shape[:2], 1))
    noise = np.sqrt(WITHIN) * of_patient + np.sqrt(1 - WITHIN) * correlated(rng, shape)
    if n_slices == 1:
        noise = of_patient
    scores = (y - 0.5)[:, np.newaxis] * apart + noise
    patient = np.repeat(np.arange(n_patients), n_slices)
    return y[patient], scores.reshape(2, -1), patient


def correlated(rng, shape):
    """Standard normal noise of two classifiers that agree in part."""
    shared = rng.normal(size=shape[1:])
    return np.sqrt(BETWEEN) * shared + np.sqrt(1 - BETWEEN) * rng.normal(size=shape)


def metrics_of(y, scores, patient, draws):
    both = np.stack([-scores, scores], axis=1)
    return resampled_metrics(
        y.astype(int),
        (scores > 0).astype(int),
        both,
        patient,
        draws,
        positive=1,
        is_probability=False,
        which=WHICH,
    )


def print_coverage(name, apart, n_slices, drawn, method, options):
    rng = np.random.default_rng([options.seed, n_slices])
    held = dict.fromkeys(WHICH, 0)
    truth = truths(apart)
    for _ in range(options.cohorts):
        y, (scores, _), patient = cohort(rng, apart, options.patients, n_slices)
        unit = patient if drawn == "patients" else np.arange(len(y))
        found = intervals(y, scores, unit, method, rng)
        for metric in WHICH:
            held[metric] += found[metric].low <= truth[metric] <= found[metric].high
    cells = [f"{held[metric] / options.cohorts:.1%}" for metric in WHICH]
    print(f"| {name} | {n_slices} | {drawn} | {method} | " + " | ".join(cells) + " |", flush=True)


def intervals(y, scores, unit, method, rng):
    n_units = unit.max() + 1
    kinds = {
        "once": np.ones((1, n_units), dtype=int),
        "many": draw_patients(n_units, N_DRAWS, rng),
    }
    if method == "bca":
        kinds["without one"] = jackknife_draws(n_units)
    found = {kind: metrics_of(y, scores, unit, draws) for kind, draws in kinds.items()}
    return {
        metric: interval(
            found["once"][metric][0],
            found["many"][metric],
            method=method,
            jackknife=found.get("without one", {}).get(metric),
        )
        for metric in WHICH
    }


def print_errors(name, apart, options):
    rng = np.random.default_rng([options.seed, 2])
    n_cohorts = TIMES * options.cohorts
    p = np.array([p_values(rng, apart, options.patients) for _ in range(n_cohorts)])
    cells = [f"{share:.1%}" for share in (p < LEVEL).mean(axis=0)]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def p_values(rng, apart, n_patients):
    y, both, patient = cohort(rng, apart, n_patients, 1)
    draws = draw_patients(n_patients, N_DRAWS, rng)
    once = np.ones((1, n_patients), dtype=int)
    one, other = ([metrics_of(y, s, patient, d) for s in both] for d in (once, draws))
    right = (both > 0) == y
    return [
        delong(y, *both).p,
        mcnemar_midp(*right),
        *(
            paired_bootstrap(other[0][m] - other[1][m], one[0][m][0] - one[1][m][0])
            for m in ("AUC", "accuracy")
        ),
    ]


if __name__ == "__main__":
    main()
