"""What `from sicf import make_sicf_lorf`, and building it, costs beside scikit-learn alone.

Fresh processes in turns, each timed from its start to its end by the clock, and by the processor
time that it took; on a machine with other work the second is the steadier.

    python benchmarks/import_time.py
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

WANTED = 1.15
SCIKIT_LEARN = "import sklearn.pipeline, sklearn.ensemble, sklearn.model_selection"
WAYS = {
    "scikit-learn's modules": SCIKIT_LEARN,
    "make_sicf_lorf()": "from sicf import make_sicf_lorf; make_sicf_lorf()",
}


def main():
    options = parse_options()
    for code in WAYS.values():
        run(code)  # Writes byte code and warms the page cache; not counted.
    taken = {name: [] for name in WAYS}
    for _ in range(options.rounds):
        for name, code in WAYS.items():
            taken[name].append(run(code))
    print(
        f"{options.rounds} rounds in turns; {os.cpu_count()} cores; load {os.getloadavg()[0]:.2f}"
    )
    print("\n| way | clock, s | lowest and highest | processor, s | lowest and highest |")
    print("|---|---|---|---|---|")
    for name, pairs in taken.items():
        cells = [summary(column) for column in zip(*pairs, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")
    theirs, ours = taken.values()
    for k, clock in enumerate(("clock", "processor")):
        print(f"\nRatio of the medians, {clock}: {ratio(ours, theirs, k):.3f} (wanted: {WANTED})")
    return 0 if ratio(ours, theirs, 0) <= WANTED else 1


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    return parser.parse_args()


def run(code):
    """Seconds of a fresh process with one thread: by the clock, and of the processor."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | one)
    seconds, after = time.perf_counter() - start, os.times()
    user = after.children_user - before.children_user
    return seconds, user + after.children_system - before.children_system


def summary(seconds):
    return f"{statistics.median(seconds):.2f} | {min(seconds):.2f} to {max(seconds):.2f}"


def ratio(ours, theirs, k):
    return statistics.median(r[k] for r in ours) / statistics.median(r[k] for r in theirs)


if __name__ == "__main__":
    sys.exit(main())
