"""One search by one library, in that library's own environment: `selector_speed.py` starts it.

Every library gets the same fitness through its own interface: accuracy of the given forest of
scikit-learn under the given folds, on the columns of a mask. Each evaluation that is made leaves a
line with its number of columns in a file, from whichever thread or process it was made in; what a
library answers from a cache of its own leaves none. The result is printed as JSON.

    python one_search.py WAY data.npz --population 20 --generations 2

Runs on two cores, which it can be held to on Linux alone.
"""

import argparse
import json
import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import PredefinedSplit, cross_val_score

SEED = 0
N_CORES = 2


def main():
    options = parse_options()
    library, _, search = WAYS[options.way]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:N_CORES])
    data = np.load(options.data)
    X, y, fold = data["X"], data["y"], data["fold"]
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally"
        # What is compiled, imported or started at the first call is not what a search costs.
        search(X[:, :30], y, PredefinedSplit(fold), trees(5), tally, options.population, 1)
        tally.unlink(missing_ok=True)
        start = time.perf_counter()
        evaluations = search(
            X, y, PredefinedSplit(fold), trees(100), tally, options.population, options.generations
        )
        seconds = time.perf_counter() - start
        columns = np.loadtxt(tally, ndmin=1) if tally.exists() else np.array([np.nan])
    result = {
        "version": version(library),
        "evaluations": int(evaluations),
        "seconds": seconds,
        "columns": float(columns.mean()),
    }
    print(json.dumps(result))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("way", choices=list(WAYS))
    parser.add_argument("data", type=Path, help="npz with X, y and each row's fold")
    parser.add_argument("--population", type=int, default=20)
    parser.add_argument("--generations", type=int, default=2, help="after the first")
    return parser.parse_args()


def trees(number):
    """The paper's forest, on one core; searches do the parallel work."""
    return RandomForestClassifier(
        number, max_depth=20, class_weight="balanced", n_jobs=1, random_state=SEED
    )


def note(tally, n_columns):
    """Leave a line; so short an append is not torn by another process."""
    with open(tally, "a") as file:
        file.write(f"{n_columns}\n")


def noted(tally):
    return len(np.loadtxt(tally, ndmin=1))


def sicf(X, y, cv, forest, tally, population, generations):
    from sicf import LyrebirdSelector

    selector = LyrebirdSelector(
        forest,
        mode="paper",
        population_size=population,
        max_iter=generations,
        cv=cv,
        engine="compiled",
        n_jobs=N_CORES,
        random_state=SEED,
    )
    selector.fit(X, y)
    # Its own count, which leaves repeats out; the sizes are those of each generation's best.
    for size in selector.history_["size"]:
        note(tally, size)
    return selector.n_evaluations_


def mafese(mode, n_workers):
    """Its genetic algorithm, which is its default."""

    def search(X, y, cv, forest, tally, population, generations):
        from mafese import MhaSelector
        from mafese.utils.mealpy_util import FeatureSelectionProblem

        class CrossValidated(FeatureSelectionProblem):
            def obj_func(self, solution):
                mask = self.decode_solution(solution)["my_var"]
                columns = np.flatnonzero(mask)
                note(tally, len(columns))
                score = cross_val_score(self.estimator, self.data.X[:, columns], self.data.y, cv=cv)
                return [score.mean(), score.mean(), len(columns)]

        selector = MhaSelector(
            estimator=forest,
            optimizer="BaseGA",
            optimizer_paras={"epoch": generations, "pop_size": population},
            mode=mode,
            n_workers=n_workers,
            seed=SEED,
            verbose=False,
        )
        # Its worker processes can only be sent a class that its module holds.
        globals()["CrossValidated"] = CrossValidated
        CrossValidated.__qualname__ = "CrossValidated"
        selector.fit(X, y, fs_problem=CrossValidated)
        return noted(tally)

    return search


def zoofs(X, y, cv, forest, tally, population, generations):
    import pandas as pd
    from zoofs import GeneticOptimization

    def objective(model, X_train, y_train, X_valid, y_valid):
        note(tally, X_train.shape[1])
        return float(cross_val_score(model, X_train.to_numpy(), y_train, cv=cv).mean())

    np.random.seed(SEED)  # noqa: NPY002, the only generator that it knows
    search = GeneticOptimization(
        objective, n_iteration=1 + generations, population_size=population, minimize=False
    )
    frame = pd.DataFrame(X, columns=[f"x{number}" for number in range(X.shape[1])])
    # It wants validation rows; the folds are the objective's, so one row must do.
    search.fit(forest, frame, y, frame[:1], y[:1], verbose=False)
    return noted(tally)


class NotedAccuracy:
    """A scorer that leaves a line; one that worker processes can be sent."""

    def __init__(self, tally):
        self.tally = tally

    def __call__(self, estimator, X, y):
        note(self.tally, X.shape[1])
        return estimator.score(X, y)


def sklearn_genetic(parallel_backend):
    """With two jobs, over the population or over the folds."""

    def search(X, y, cv, forest, tally, population, generations):
        from sklearn_genetic import GAFeatureSelectionCV

        selector = GAFeatureSelectionCV(
            forest,
            cv=cv,
            scoring=NotedAccuracy(tally),
            population_size=population,
            generations=generations,
            # Masks of half of the columns, as everybody else's first ones are.
            population_initializer="random",
            parallel_backend=parallel_backend,
            n_jobs=N_CORES,
            refit=False,
            verbose=False,
            random_state=SEED,
        )
        selector.fit(X, y)
        return noted(tally) / cv.get_n_splits()

    return search


# By name: library, cores it can use, search. mafese allows one process less than there are cores,
# or else takes four.
WAYS = {
    "sicf": ("sicf", 2, sicf),
    "mafese, one core": ("mafese", 1, mafese("single", None)),
    "mafese, two threads": ("mafese", 2, mafese("thread", N_CORES)),
    "mafese, four processes": ("mafese", 2, mafese("process", None)),
    "zoofs, one core": ("zoofs", 1, zoofs),
    "sklearn-genetic-opt, population": ("sklearn-genetic-opt", 2, sklearn_genetic("population")),
    "sklearn-genetic-opt, folds": ("sklearn-genetic-opt", 2, sklearn_genetic("cv")),
}


if __name__ == "__main__":
    main()
