"""Do the tests notice? Faults put into the code one at a time, and how many the tests kill.

Samples mutants of the search, the fitness and the encoders with Cosmic Ray's operators (an operator
swapped, a number changed by one, a condition negated, a loop left out), and runs the tests of the
mutated module on each, in a copy of the project. Prints the share that is killed and each survivor.

    pip install cosmic-ray
    python benchmarks/mutants.py [--mutants 200] [--seed 0] [--modules NAME ...]

Hours on two cores. A mutant on which the tests take ten times as long as without it counts as
killed. Some mutants change nothing (a bound that is never met, a faster way round); none is left
out for that.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome

HOME = Path(__file__).parents[1]
COPIED = ("sicf", "tests", "pyproject.toml", "README.md")
SELECTOR = "selection/test_lyrebird_selector.py"
# Modules, and the tests that are meant to notice their faults.
TESTS = {
    "selection/_lyrebird.py": ["selection/test_lyrebird.py"],
    "selection/_lyrebird_minimize.py": ["selection/test_lyrebird.py"],
    "selection/_mask_coding.py": ["selection/test_mask_coding.py", SELECTOR],
    "selection/_first_subsets.py": ["selection/test_first_subsets.py", SELECTOR],
    "selection/_column_rankings.py": ["selection/test_column_rankings.py"],
    "selection/_mask_fitness.py": [SELECTOR, "selection/test_honest_score.py"],
    "selection/_fold_score.py": ["selection/test_fold_score.py"],
    "selection/_mask_search.py": [SELECTOR, "selection/test_honest_score.py"],
    "selection/_robust_search.py": [SELECTOR, "selection/test_honest_score.py"],
    "selection/forest/_bins.py": ["selection/forest"],
    "selection/forest/_compiled_forest.py": ["selection/forest"],
    "selection/forest/_kernel.py": ["selection/forest"],
    "features/_encodings.py": ["features/test_visual_words.py", "features/test_sift_bovw.py"],
    "features/_visual_words.py": ["features/test_visual_words.py"],
    "features/_sift_descriptors.py": ["features/test_sift_descriptors.py"],
}
SLOWER = 10
LONGEST = 900


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory() as folder:
        copy_project(Path(folder))
        os.chdir(folder)
        os.environ["PYTHONPATH"] = folder
        mutations = sample(options)
        seconds = {name: time_tests(name) for name in {module_of(m) for m in mutations}}
        outcomes = Counter()
        for mutation in mutations:
            name = module_of(mutation)
            result = mutate_and_test([mutation], command(name), SLOWER * seconds[name])
            killed = result.test_outcome is TestOutcome.KILLED
            outcomes[name, killed] += 1
            if not killed:
                print(f"survived in {name}:\n{result.diff or result.output}\n", flush=True)
    print(table(outcomes))


def copy_project(folder):
    """Copy what the tests need, so that the project's own files are never mutated."""
    for name in COPIED:
        source = HOME / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)


def sample(options):
    """Draw mutations, each place and operator with the same chance."""
    modules = [Path("sicf") / name for name in options.modules]
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init(modules, database, {})
        items = sorted(
            (mutation.module_path.as_posix(), mutation.operator_name, mutation.occurrence, mutation)
            for item in database.work_items
            for mutation in item.mutations
        )
    drawn = random.Random(options.seed).sample(items, min(options.mutants, len(items)))
    print(f"{len(drawn)} of {len(items)} mutants", file=sys.stderr)
    return [mutation for *_, mutation in drawn]


def module_of(mutation):
    return mutation.module_path.relative_to("sicf").as_posix()


def command(name):
    """The command that tests a module, in one process."""
    tests = " ".join(f"tests/{test}" for test in TESTS[name])
    return f"{sys.executable} -m pytest -x -q -p no:cacheprovider {tests}"


def time_tests(name):
    """Seconds that the tests of a module take where nothing is wrong."""
    start = time.perf_counter()
    outcome, output = run_tests(command(name), LONGEST)
    if outcome is not TestOutcome.SURVIVED:
        raise RuntimeError(f"The tests of {name} fail without a mutant: {output[-2000:]}")
    return time.perf_counter() - start


def table(outcomes):
    """Killed and survived, by module."""
    lines = ["| module | mutants | killed |", "|---|---|---|"]
    for name in TESTS:
        n_killed, n_survived = outcomes[name, True], outcomes[name, False]
        if n_killed + n_survived:
            lines.append(f"| {name} | {n_killed + n_survived} | {n_killed} |")
    n_killed = sum(count for (_, killed), count in outcomes.items() if killed)
    share = n_killed / max(outcomes.total(), 1)
    return "\n".join([*lines, f"| all | {outcomes.total()} | {n_killed} ({share:.0%}) |"])


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modules", nargs="+", default=list(TESTS), choices=list(TESTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
