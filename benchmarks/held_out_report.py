"""The tables of `held_out.py`: the paper's forest on every choice, and what it gets right.

Balanced accuracy is taken over all rows of a set, each predicted by the fold that held it out, with
five forests for each choice. Intervals are 95 % of a bootstrap over patients, or rows where there
are none: all folds, seeds and forests of a patient go together, and sets are drawn independently of
each other. Every method of a set meets the same draws, so differences are paired.
"""

import hashlib
import json

import numpy as np
from selection_sets import N_FOLDS, RESULTS, load_folds, load_test_rows
from systems import forest

OURS = "robust"
RANDOM = "random, as many as robust"
N_FORESTS = 5
N_DRAWS = 4000
COLUMNS = (
    "balanced accuracy",
    "share of columns",
    "reported less held-out",
    "evaluations",
    "CPU s",
)


def report(lines):
    """Markdown: a table for each set, one over all sets, and the paired differences of ours."""
    lines = lines + [random_line(line) for line in lines if line["method"] == OURS]
    names = list(dict.fromkeys(line["set"] for line in lines))
    predictions = Predictions(RESULTS / "held_out_predictions.jsonl")
    tables = [
        SetTable(name, [line for line in lines if line["set"] == name], predictions)
        for name in names
    ]
    parts = [table.to_markdown() for table in tables]
    parts += [over_all_sets(tables), differences(tables)]
    return "\n\n".join(parts)


def random_line(line):
    """As many columns as a line has, drawn anew for each forest."""
    rng = np.random.default_rng([line["seed"], line["fold"], line["n_columns"]])
    draws = [
        rng.choice(line["n_columns"], len(line["columns"]), replace=False).tolist()
        for _ in range(N_FORESTS)
    ]
    nothing = {"score": None, "evaluations": 0.0, "own_seconds": 0.0}
    return line | nothing | {"method": RANDOM, "draws": draws}


class Predictions:
    """What forests say of held-out rows, kept in a file: each is grown once.

    Parameters
    ----------
    path : Path
        One line of JSON for each forest.
    """

    def __init__(self, path):
        self.path = path
        texts = path.read_text().splitlines() if path.exists() else []
        self.known = dict(json.loads(text) for text in texts)

    def of(self, line, number):
        """Predictions of the forest of that number on a line's columns."""
        columns = sorted(line["draws"][number] if "draws" in line else line["columns"])
        place = line["set"], line["seed"], line["fold"]
        key = hashlib.sha256(json.dumps([*place, number, columns]).encode()).hexdigest()
        if key not in self.known:
            X, y, _, X_test, *_ = load_folds(*place[:2])[place[2]]
            fitted = forest(1, number).fit(X[:, columns], y)
            self.known[key] = fitted.predict(X_test[:, columns]).tolist()
            with self.path.open("a") as file:
                file.write(json.dumps([key, self.known[key]]) + "\n")
        return self.known[key]


class SetTable:
    """All methods on one set.

    Parameters
    ----------
    name : str
    lines : list of dict
    predictions : Predictions

    Attributes
    ----------
    right : dict of (str, int) to ndarray of shape (n,)
        For a method and a seed, the share of forests that are right about each row. Seeds of which
        a fold is not yet on file are left out.
    """

    def __init__(self, name, lines, predictions):
        self.name = name
        self.lines = lines
        self.methods = list(dict.fromkeys(line["method"] for line in lines))
        self.right = {}
        for method in self.methods:
            for seed in sorted({line["seed"] for line in self._of(method)}):
                folds = {line["fold"]: line for line in self._of(method, seed)}
                if len(folds) == N_FOLDS:
                    self.right[method, seed] = self._shares(folds, seed, predictions)
        self.methods = [method for method in self.methods if self.seeds(method)]
        self.y, self.weights = self._rows()

    def seeds(self, *methods):
        """Seeds that all these methods have finished."""
        seeds = sorted({seed for _, seed in self.right})
        return [s for s in seeds if all((method, s) in self.right for method in methods)]

    def accuracy(self, method, seeds=None):
        """Balanced accuracy, over the rows themselves and then over each bootstrap draw."""
        seeds = self.seeds(method) if seeds is None else seeds
        right = np.mean([self.right[method, seed] for seed in seeds], axis=0)
        recalls = [
            self.weights[:, members] @ right[members] / self.weights[:, members].sum(axis=1)
            for members in (np.flatnonzero(self.y == label) for label in np.unique(self.y))
        ]
        return np.mean(recalls, axis=0)

    def difference(self, method, other):
        """Accuracy of the one less that of the other, on the seeds of both; None if none."""
        seeds = self.seeds(method, other)
        if not seeds:
            return None
        return self.accuracy(method, seeds) - self.accuracy(other, seeds)

    def optimism(self, method):
        """Reported score less held-out accuracy, both with their spread.

        What is reported varies from fold to fold and from seed to seed; the standard error of its
        mean is taken for independent of the rows that were drawn.
        """
        scores = self._values(method, "score")
        if None in scores:
            return None
        error = np.std(scores, ddof=1) / np.sqrt(len(scores))
        rng = np.random.default_rng(list(f"{self.name} {method}".encode()))
        drawn = rng.normal(0, error, N_DRAWS)
        return np.mean(scores) + np.append(0, drawn) - self.accuracy(method)

    def share(self, method):
        """Share of the columns that it chose."""
        sizes = [len(line["columns"]) / line["n_columns"] for line in self._finished(method)]
        return float(np.mean(sizes))

    def mean(self, method, key):
        """Mean of a number that the file holds."""
        return float(np.mean(self._values(method, key)))

    def to_markdown(self):
        lines = [f"**{self.name}**", "", *header("method", *COLUMNS, "seeds")]
        for method in self.methods:
            cells = [*describe([self], method), str(len(self.seeds(method)))]
            lines.append(row(method, *cells))
        return "\n".join(lines)

    def _of(self, method, seed=None):
        return [
            line
            for line in self.lines
            if line["method"] == method and (seed is None or line["seed"] == seed)
        ]

    def _finished(self, method):
        seeds = self.seeds(method)
        return [line for line in self._of(method) if line["seed"] in seeds]

    def _values(self, method, key):
        return [line[key] for line in self._finished(method)]

    def _shares(self, folds, seed, predictions):
        rows = load_test_rows(self.name, seed)
        shares = np.empty(sum(map(len, rows)))
        for number, (*_, y_test, _) in enumerate(load_folds(self.name, seed)):
            said = [predictions.of(folds[number], forest) for forest in range(N_FORESTS)]
            shares[rows[number]] = np.mean(np.array(said) == y_test, axis=0)
        return shares

    def _rows(self):
        """Labels, and weights of shape (1 + N_DRAWS, n): ones, then how often each was drawn."""
        seed = self.lines[0]["seed"]
        rows = np.concatenate(load_test_rows(self.name, seed))
        folds = load_folds(self.name, seed)
        y, units = np.empty(len(rows), int), np.arange(len(rows))
        y[rows] = np.concatenate([fold[4] for fold in folds])
        if folds[0][5] is not None:
            units[rows] = np.concatenate([fold[5] for fold in folds])
        _, units = np.unique(units, return_inverse=True)
        n_units = units.max() + 1
        rng = np.random.default_rng(list(self.name.encode()))
        counts = rng.multinomial(n_units, np.full(n_units, 1 / n_units), size=N_DRAWS)
        return y, np.vstack([np.ones(len(rows)), counts[:, units]])


def describe(tables, method):
    """Cells of one method, averaged over sets."""
    optimism = [table.optimism(method) for table in tables]
    return [
        interval(np.mean([table.accuracy(method) for table in tables], axis=0)),
        f"{np.mean([table.share(method) for table in tables]):.2f}",
        "" if any(value is None for value in optimism) else interval(np.mean(optimism, axis=0)),
        f"{np.mean([table.mean(method, 'evaluations') for table in tables]):.0f}",
        f"{np.mean([table.mean(method, 'own_seconds') for table in tables]):.0f}",
    ]


def over_all_sets(tables):
    """Mean over the sets, of the methods that have finished a seed of each."""
    lines = [f"**mean over {len(tables)} sets**", "", *header("method", *COLUMNS)]
    for method in dict.fromkeys(method for table in tables for method in table.methods):
        if all(method in table.methods for table in tables):
            lines.append(row(method, *describe(tables, method)))
    return "\n".join(lines)


def differences(tables):
    """Ours less each rival, on every set and on their mean."""
    rivals = dict.fromkeys(method for table in tables for method in table.methods)
    lines = [f"**{OURS} less the method, paired**", ""]
    lines += header("method", *[table.name for table in tables], "mean over those sets")
    for rival in rivals:
        found = [table.difference(OURS, rival) for table in tables]
        known = [difference for difference in found if difference is not None]
        if rival != OURS and known:
            cells = ["" if difference is None else interval(difference) for difference in found]
            lines.append(row(rival, *cells, f"{interval(np.mean(known, axis=0))}, {len(known)}"))
    return "\n".join(lines)


def interval(values):
    """The first of the values, and 95 % of the others."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:.3f} ({low:.3f} to {high:.3f})"


def header(*names):
    return [row(*names), "|---" * len(names) + "|"]


def row(*cells):
    return "| " + " | ".join(cells) + " |"
