"""Do the tests notice? Faults put into the code one at a time, and how many the tests kill.

Samples mutants of the search, the fitness and the encoders with Cosmic Ray's operators (an operator
swapped, a number changed by one, a condition negated, a loop left out), and runs the tests of the
mutated module on each, in a copy of the project. Prints the share that is killed and each survivor.

    pip install cosmic-ray
    python benchmarks/mutants.py [--mutants 200] [--seed 0] [--jobs 1] [--modules NAME ...]
        [--results FILE]

Hours on two cores: tests that are quick run first, so that only what survives costs a whole run.
What is on file is not done again while the module and its tests' names are the same, so that a run
can be stopped and started. A mutant on which the tests take four times as long as without it counts
as killed. Some mutants change nothing (a bound that is never met, a faster way round); none is left
out for that.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
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

HERE = Path(__file__).absolute()
HOME = HERE.parents[1]
# Kept with the code: all of it takes hours, and goes on where it was left.
MEASURED = HOME / "benchmarks" / "measured" / "mutants.jsonl"
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
    "selection/_mask_search.py": [
        "selection/test_mask_search.py",
        SELECTOR,
        "selection/test_honest_score.py",
    ],
    "selection/_robust_search.py": [
        "selection/test_robust_search.py",
        SELECTOR,
        "selection/test_honest_score.py",
    ],
    "selection/forest/_bins.py": ["selection/forest"],
    "selection/forest/_compiled_forest.py": ["selection/forest"],
    "selection/forest/_kernel.py": ["selection/forest"],
    "features/_encodings.py": ["features/test_visual_words.py", "features/test_sift_bovw.py"],
    "features/_visual_words.py": ["features/test_visual_words.py"],
    "features/_sift_descriptors.py": ["features/test_sift_descriptors.py"],
}
# What numba compiles takes it most of a minute each time, so that as Python it is tested first.
COMPILED = "selection/forest/"
AS_PYTHON = "NUMBA_DISABLE_JIT=1 {} -m plain_python -W ignore::RuntimeWarning {}"
SLOWER = 4
LONGEST = 1800


def main():
    options = parse_options()
    os.chdir(HOME)
    mutations = sample(options)
    if options.job is None:
        share_out(options)
        print(table(mutations, known(options.results)))
    else:
        mine = mutations[options.job :: options.jobs]
        with tempfile.TemporaryDirectory() as folder:
            work(mine, options.results, Path(folder))


def share_out(options):
    """Run the jobs as processes, each on a copy of the project, and wait for them."""
    command = [sys.executable, HERE, *sys.argv[1:], "--results", options.results, "--job"]
    jobs = [subprocess.Popen([*command, str(job)]) for job in range(options.jobs)]
    failed = [job.args[-1] for job in jobs if job.wait()]
    if failed:
        sys.exit(f"failed: job {', '.join(failed)}")


def work(mutations, results, folder):
    """Do what is not on file."""
    done = known(results)
    mutations = [mutation for mutation in mutations if key_of(mutation) not in done]
    copy_project(folder)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), str(HERE.parent)])
    seconds = {}
    for number, mutation in enumerate(mutations, 1):
        name = module_of(mutation)
        tests = command(name)
        os.environ["QUICK_FIRST"] = str(folder / f"{' '.join(TESTS[name]).replace('/', ' ')}.json")
        if tests not in seconds:
            seconds[tests] = time_tests(tests)
        result = mutate_and_test([mutation], tests, SLOWER * seconds[tests])
        killed = result.test_outcome is TestOutcome.KILLED
        line = {"key": key_of(mutation), "module": name, "killed": killed}
        line |= {} if killed else {"diff": result.diff or result.output}
        with results.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(f"{number} of {len(mutations)}: {name}, killed: {killed}", file=sys.stderr)


def known(results):
    """Lines of the file by mutation."""
    texts = results.read_text().splitlines() if results.exists() else []
    return {line["key"]: line for line in map(json.loads, texts)}


def key_of(mutation):
    """A mutation of a module as it is now."""
    source = hashlib.sha256((HOME / mutation.module_path).read_bytes()).hexdigest()[:16]
    return f"{module_of(mutation)} {source} {mutation.operator_name} {mutation.occurrence}"


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
    return [mutation for *_, mutation in drawn]


def module_of(mutation):
    return mutation.module_path.relative_to("sicf").as_posix()


def command(name):
    """The command that tests a module, in one process at a time."""
    tests = " ".join(f"tests/{test}" for test in TESTS[name])
    pytest = f"{sys.executable} -m pytest -x -q -p no:cacheprovider"
    whole = f"{pytest} -p quick_first {tests}"
    if not name.startswith(COMPILED):
        return whole
    return f"sh -c '{AS_PYTHON.format(pytest, tests)} && {whole}'"


def time_tests(tests):
    """Seconds that tests take where nothing is wrong; afterwards they are sorted by it."""
    start = time.perf_counter()
    outcome, output = run_tests(tests, LONGEST)
    if outcome is not TestOutcome.SURVIVED:
        raise RuntimeError(f"Tests fail without a mutant, {tests}: {output[-2000:]}")
    return time.perf_counter() - start


def table(mutations, done):
    """Survivors, and killed and survived by module."""
    found = [done[key_of(mutation)] for mutation in mutations]
    parts = [f"survived in {line['module']}:\n{line['diff']}\n" for line in found if "diff" in line]
    outcomes = Counter((line["module"], line["killed"]) for line in found)
    lines = ["| module | mutants | killed |", "|---|---|---|"]
    for name in TESTS:
        n_killed, n_survived = outcomes[name, True], outcomes[name, False]
        if n_killed + n_survived:
            lines.append(f"| {name} | {n_killed + n_survived} | {n_killed} |")
    n_killed = sum(count for (_, killed), count in outcomes.items() if killed)
    share = n_killed / max(outcomes.total(), 1)
    return "\n".join([*parts, *lines, f"| all | {outcomes.total()} | {n_killed} ({share:.0%}) |"])


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="mutants at the same time")
    parser.add_argument("--job", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=lambda path: Path(path).absolute(), default=MEASURED)
    parser.add_argument("--modules", nargs="+", default=list(TESTS), choices=list(TESTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
