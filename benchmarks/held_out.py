r"""Held-out balanced accuracy of selectors of columns at about 200 evaluations.

For each set of `selection_sets.REPORTING`, seed and outer fold, each selector works on the training
part alone, and one line of JSON says what it chose and what it cost. What is on file is not done
again, so a run can be stopped and started; several can work into files of their own.

    python benchmarks/held_out.py [--methods NAME ...] [--sets NAME ...] [--seeds 0 1]
        [--folds 0 1 2 3 4] [--results FILE.jsonl]
    python benchmarks/held_out.py --report [--results FILE.jsonl ...]
    python benchmarks/held_out.py --check-forest

The report fits the paper's forest on each choice and predicts the rows held out.

The rivals live in an environment of their own, without torch. The folds have to be on file first,
from the project's environment:

    SICF_DATA=folder python benchmarks/selection_sets.py
    python -m venv rivals
    rivals/bin/pip install scikit-learn==1.9.1 numba pandas Boruta==0.4.3 \
        sklearn-genetic-opt==0.12.0
    PYTHONPATH=. rivals/bin/python benchmarks/held_out.py
"""

import argparse
import itertools
import json
import time
import warnings
from pathlib import Path

import numpy as np
from held_out_methods import METHODS
from selection_sets import N_FOLDS, REPORTING, load_folds

KEYS = ("set", "seed", "fold", "method")
# Kept with the code: all of it takes hours, and goes on where it was left.
MEASURED = Path(__file__).parent / "measured" / "held_out.jsonl"


def main():
    options = parse_options()
    if options.check_forest:
        from held_out_check import check_forest

        print(check_forest())
    elif options.report:
        from held_out_report import report

        print(report(read_lines(options.results)))
    else:
        run(options)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--sets", nargs="+", default=list(REPORTING), choices=list(REPORTING))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    parser.add_argument("--folds", nargs="+", type=int, default=list(range(N_FOLDS)))
    parser.add_argument(
        "--results",
        nargs="+",
        type=Path,
        default=[MEASURED],
        help="files to read; the first is written to",
    )
    parser.add_argument("--report", action="store_true", help="print the tables")
    parser.add_argument(
        "--check-forest", action="store_true", help="the compiled forest beside scikit-learn's"
    )
    return parser.parse_args()


def run(options):
    """Do what is not on file, all of a seed before the next, cheap methods first."""
    # BorutaPy and sklearn-genetic-opt warn of their own habits hundreds of times.
    warnings.simplefilter("ignore")
    done = {key_of(line) for line in read_lines(options.results)}
    options.results[0].parent.mkdir(parents=True, exist_ok=True)
    jobs = itertools.product(options.seeds, options.methods, options.sets, options.folds)
    for seed, method, name, fold in jobs:
        if (name, seed, fold, method) in done:
            continue
        line = select(name, seed, fold, method)
        with options.results[0].open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(
            f"{method}, {name}, seed {seed}, fold {fold}: {len(chosen(line))} columns, "
            f"{line['evaluations']:.1f} evaluations, {line['seconds']:.0f} s",
            flush=True,
        )


def select(name, seed, fold, method):
    """One selector on one training part, as a line for the file."""
    X, y, groups, *_ = load_folds(name, seed)[fold]
    # On a shared machine the process's own time says more than the clock.
    start, start_own = time.perf_counter(), time.process_time()
    choice = METHODS[method](X, y, groups, 1000 * seed + fold)
    return {
        "set": name,
        "seed": seed,
        "fold": fold,
        "method": method,
        "columns": np.packbits(choice.mask).tobytes().hex(),
        "n_columns": X.shape[1],
        "score": None if choice.score is None else float(choice.score),
        "evaluations": float(choice.evaluations),
        "seconds": time.perf_counter() - start,
        "own_seconds": time.process_time() - start_own,
    }


def read_lines(paths):
    """All whole lines of the files that exist, their columns by number."""
    texts = [path.read_text() for path in paths if path.exists()]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    return [line | {"columns": chosen(line)} for line in lines]


def chosen(line):
    """The numbers of the columns, of which the file has the bits."""
    bits = np.frombuffer(bytes.fromhex(line["columns"]), np.uint8)
    return np.flatnonzero(np.unpackbits(bits, count=line["n_columns"])).tolist()


def key_of(line):
    return tuple(line[key] for key in KEYS)


if __name__ == "__main__":
    main()
