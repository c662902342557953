"""What happens to fits and transforms that are disturbed: a reliability run of some minutes.

Threads and processes that share a cache, kills and Ctrl-C at random moments, a full disk, a folder
that may only be read, too little memory. Every piece of work (`soak_work.py`) is done once in peace
first; whatever is disturbed has to come to the same numbers, bit for bit, or to say clearly why it
cannot. One line a trial, and on standard error what was wrong or unclear:

    python benchmarks/soak.py [--rounds 4] [--seed 0] [--trials NAME ...]

The process ends with 1 where anything was wrong, lost or unclear. For POSIX systems; the disk that
is full is a bound on the size of files (RLIMIT_FSIZE), the memory a bound on address space
(RLIMIT_AS).
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from soak_ground import KILLED, REFUSED, RIGHT, UNCLEAR, WRONG, Ground
from soak_trials import TRIALS

VERDICTS = (KILLED, RIGHT, REFUSED, WRONG, UNCLEAR)


def main():
    options = parse_options()
    print(f"| trial | pieces | {' | '.join(VERDICTS)} | s |")
    print("|---|---|" + "---|" * (len(VERDICTS) + 1))
    total = Counter()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder), np.random.default_rng(options.seed))
        for name in options.trials:
            start = time.perf_counter()
            counts = Counter(TRIALS[name](ground, options.rounds))
            numbers = [counts.total(), *(counts[verdict] for verdict in VERDICTS)]
            lasted = time.perf_counter() - start
            print(f"| {name} | {' | '.join(map(str, numbers))} | {lasted:.0f} |", flush=True)
            total += counts
    sys.exit(bool(total[WRONG] or total[UNCLEAR]))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="of every trial")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the bounds")
    parser.add_argument("--trials", nargs="+", default=list(TRIALS), choices=list(TRIALS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
