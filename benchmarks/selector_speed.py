"""Evaluations a second: LyrebirdSelector beside other libraries' searches over subsets of columns.

All have the same fitness: accuracy of the paper's forest (100 trees, depth 20, balanced) under the
same five folds, 220 x 4,608, a population of 20. Ours is `mode="paper"` with its compiled forest on
two workers. The others fit scikit-learn's forest, through their own interfaces and on as many cores
as they use by their own means. A mask that a library remembers is no evaluation. Every search
may use two cores of the machine. Each other one runs right after one of ours, and the ratio is the
median over the rounds.

What installs where is theirs to say; each needs an environment of its own:

    python3.11 -m venv mafese  # its own requirements let it in, but not import: kaleido and plotly
    mafese/bin/pip install mafese==1.0.0 kaleido==0.2.1 "plotly<6"
    python3.11 -m venv zoofs
    zoofs/bin/pip install zoofs==0.1.26 scikit-learn
    python3.12 -m venv genetic  # 0.12.0 is the newest for Python 3.11, and lacks its pandas there
    genetic/bin/pip install sklearn-genetic-opt==0.14.0 pandas

    python benchmarks/selector_speed.py --mafese mafese/bin/python --zoofs zoofs/bin/python \\
        --sklearn-genetic-opt genetic/bin/python
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from one_search import WAYS
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

OURS = "sicf"
# By how much ours is to be faster than a search on as many cores.
WANTED = {1: 14, 2: 7}


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write_data(data)
        print(
            "| search | version | cores | evaluations | seconds | a second | ours, a second | "
            "columns | ratio | lowest and highest | wanted | load before |"
        )
        print("|---" * 12 + "|")
        for way, (library, cores, _) in WAYS.items():
            python = getattr(options, library.replace("-", "_"), None)
            if python is not None:
                print(row(way, cores, python, data, options), flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for library in dict.fromkeys(library for library, *_ in WAYS.values() if library != OURS):
        parser.add_argument(f"--{library}", metavar="PYTHON", help="of the environment that has it")
    parser.add_argument("--population", type=int, default=20)
    parser.add_argument("--generations", type=int, default=2, help="after the first")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def write_data(path):
    X, y = make_classification(
        220,
        4608,
        n_informative=30,
        n_redundant=60,
        n_classes=3,
        weights=[6 / 9, 2 / 9],
        flip_y=0.1,
        random_state=0,
    )
    fold = np.empty(len(y), int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=0)
    for number, (_, test) in enumerate(splitter.split(X, y)):
        fold[test] = number
    np.savez(path, X=X, y=y, fold=fold)


def row(way, cores, python, data, options):
    """One line of the table: ours and another's search in turns."""
    load = os.getloadavg()[0]
    pairs = []
    for _ in range(options.rounds):
        try:
            ours = searched(OURS, sys.executable, data, options)
            theirs = searched(way, python, data, options)
        except subprocess.CalledProcessError as exc:
            return f"| {way} | fails: {exc.stderr.strip().splitlines()[-1]} " + "| " * 10 + "|"
        pairs.append((ours, theirs))
        print(f"{way}: {rate(ours):.2f} over {rate(theirs):.2f} a second", file=sys.stderr)
    ours, theirs = (np.array([rate(one) for one in side]) for side in zip(*pairs, strict=True))
    ratios = ours / theirs
    last = pairs[-1][1]
    cells = [
        way,
        last["version"],
        cores,
        last["evaluations"],
        f"{last['seconds']:.1f}",
        f"{np.median(theirs):.2f}",
        f"{np.median(ours):.2f}",
        f"{last['columns']:.0f}",
        f"{np.median(ratios):.1f}",
        f"{ratios.min():.1f} to {ratios.max():.1f}",
        WANTED[cores],
        f"{load:.2f}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def searched(way, python, data, options):
    """What a search in its own process says of itself."""
    sizes = ["--population", str(options.population), "--generations", str(options.generations)]
    command = [python, Path(__file__).with_name("one_search.py"), way, data, *sizes]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def rate(search):
    return search["evaluations"] / search["seconds"]


if __name__ == "__main__":
    main()
