"""What a cross-validation found: out-of-fold scores, and tables and figures made of them."""

from dataclasses import dataclass, field

import numpy as np

from sicf.evaluation._bootstrap import bootstrap_metrics, draw_patients
from sicf.evaluation._figures import plot_confusion, plot_roc


@dataclass(eq=False, repr=False)
class Evaluation:
    """Out-of-fold predictions of one or several estimators on the same folds.

    Attributes
    ----------
    classes : ndarray of shape (K,)
        Labels in sorted order.
    target : ndarray of int of shape (n,)
        Number of each sample's class.
    groups : ndarray of shape (n,) or None
        The patient of each sample.
    fold : ndarray of int of shape (n,)
        The fold in which each sample was tested.
    n_bootstrap, confidence_level
        As given to :func:`evaluate`.
    positive : int or None
        With two classes, the number of the positive one.
    seed : int
        Of the bootstrap.
    scores : dict of str to ndarray of shape (n, K)
        Probabilities, or values of the decision function, by estimator.
    predicted : dict of str to ndarray of int of shape (n,)
        Numbers of predicted classes, by estimator.
    fit_seconds : dict of str to list of float
        Seconds of each fit, by estimator.
    """

    classes: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None
    fold: np.ndarray
    n_bootstrap: int
    confidence_level: float
    positive: int | None
    seed: int
    scores: dict = field(default_factory=dict)
    predicted: dict = field(default_factory=dict)
    fit_seconds: dict = field(default_factory=dict)

    def __repr__(self):
        return (
            f"Evaluation({', '.join(self.scores)}: {len(self.target)} samples, "
            f"{self.n_patients} {self._unit}, {len(self.classes)} classes, "
            f"{int(self.fold.max()) + 1} folds)"
        )

    @property
    def n_patients(self):
        """Number of groups, or of samples where there are none."""
        return int(self._patient().max()) + 1

    @property
    def _unit(self):
        return "samples" if self.groups is None else "groups"

    def add(self, name, test, scores, predicted, seconds):
        """Write what an estimator said of one test fold.

        Parameters
        ----------
        name : str
        test : ndarray of int
            Samples of the fold.
        scores, predicted : ndarray
        seconds : float
            Duration of the fit.
        """
        n_samples, n_classes = len(self.target), len(self.classes)
        self.scores.setdefault(name, np.full((n_samples, n_classes), np.nan))[test] = scores
        self.predicted.setdefault(name, np.full(n_samples, -1))[test] = predicted
        self.fit_seconds.setdefault(name, []).append(seconds)

    def metrics(self, name=None):
        """Metrics of one estimator with intervals bootstrapped over patients.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.

        Returns
        -------
        dict of str to Interval
            Accuracy, balanced accuracy, sensitivity, specificity, F1 and AUC. With more than two
            classes sensitivity, specificity and F1 are means over one-vs-rest (so sensitivity
            equals balanced accuracy), and AUC is the mean of one-vs-rest areas, from scores.
        """
        name = self._check_name(name)
        # One seed: every estimator is judged on the same resamples.
        rng = np.random.default_rng(self.seed)
        draws = draw_patients(self.n_patients, self.n_bootstrap, rng)
        return bootstrap_metrics(
            self.target,
            self.predicted[name],
            self.scores[name],
            self._patient(),
            draws,
            level=self.confidence_level,
            positive=self.positive,
        )

    def to_frame(self):
        """Table of all estimators.

        Returns
        -------
        pandas.DataFrame
            One row for each estimator and metric: `estimator`, `metric`, `value`, `low`, `high`,
            `n_defined`.
        """
        import pandas as pd

        rows = [
            {"estimator": name, "metric": metric, **interval._asdict()}
            for name in self.scores
            for metric, interval in self.metrics(name).items()
        ]
        return pd.DataFrame(rows)

    def to_markdown(self):
        """Table of all estimators for people to read.

        Returns
        -------
        str
            One row for each estimator: each metric as ``value [low, high]``, and the seconds that
            all its fits took; below, what the intervals are.
        """
        rows = {name: self.metrics(name) for name in self.scores}
        metrics = list(next(iter(rows.values())))
        lines = [
            "| estimator | " + " | ".join(metrics) + " | fit, s |",
            "|---" * (len(metrics) + 2) + "|",
        ]
        for name, found in rows.items():
            cells = [self._cell(found[metric]) for metric in metrics]
            seconds = f"{sum(self.fit_seconds[name]):.0f}"
            lines.append("| " + " | ".join([_escaped(name), *cells, seconds]) + " |")
        return "\n".join([*lines, "", self._footnote(rows)])

    def _cell(self, interval):
        return str(interval) + ("*" if interval.n_defined < self.n_bootstrap else "")

    def _footnote(self, rows):
        note = (
            f"[{self.confidence_level:.0%} percentile interval, {self.n_bootstrap} resamples of "
            f"{self.n_patients} {self._unit}]"
        )
        fewest = min(interval.n_defined for found in rows.values() for interval in found.values())
        if fewest < self.n_bootstrap:
            note += f" * only the resamples that hold every class, {fewest} or more"
        return note

    def plot_confusion(self, name=None, *, ax=None):
        """Draw the confusion matrix of one estimator.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None

        Returns
        -------
        matplotlib Axes
        """
        name = self._check_name(name)
        return plot_confusion(self.target, self.predicted[name], self.classes, ax=ax)

    def plot_roc(self, name=None, *, ax=None):
        """Draw the one-vs-rest ROC curves of one estimator, with bands over patients.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        ax : matplotlib Axes, default=None

        Returns
        -------
        matplotlib Axes
        """
        name = self._check_name(name)
        return plot_roc(
            self.target,
            self.scores[name],
            self.classes,
            self._patient(),
            positive=self.positive,
            n_bootstrap=self.n_bootstrap,
            level=self.confidence_level,
            seed=self.seed,
            ax=ax,
        )

    def _patient(self):
        """Number of each sample's patient."""
        if self.groups is None:
            return np.arange(len(self.target))
        return np.unique(self.groups, return_inverse=True)[1]

    def _check_name(self, name):
        if name is None and len(self.scores) == 1:
            return next(iter(self.scores))
        if name not in self.scores:
            raise ValueError(f"name must be one of {list(self.scores)}. Got {name!r} instead.")
        return name


def _escaped(name):
    """A name that breaks no table."""
    return " ".join(str(name).split()).replace("|", "\\|")
