"""What a cross-validation found: out-of-fold scores, and tables and figures made of them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sicf.evaluation._evaluation_file import load_evaluation, save_evaluation
from sicf.evaluation._figure_methods import FigureMethods
from sicf.evaluation._patients import (
    WAYS,
    one_for_each_patient,
    one_label_each,
    patient_answers,
)
from sicf.evaluation._tables import SHOWN, frame, latex, markdown


@dataclass(eq=False, repr=False)
class Evaluation(FigureMethods):
    """Out-of-fold predictions of one or several estimators on the same folds.

    Attributes
    ----------
    classes : ndarray of shape (K,)
        Labels in sorted order.
    target : ndarray of int of shape (n,)
        Number of each sample's class.
    groups : ndarray of shape (n,) or None
        The patient of each sample.
    sites : ndarray of shape (n,) or None
        The site of each sample.
    fold : ndarray of int of shape (R, n)
        In each repeat, the fold in which each sample was tested; -1 where it was not.
    n_bootstrap, confidence_level, interval_method
        As given to :func:`evaluate`.
    positive : int or None
        With two classes, the number of the positive one.
    seed : int
        Of the bootstrap.
    scores : dict of str to ndarray of shape (R, n, K)
        Probabilities, or values of the decision function, by estimator; nan where not tested.
    predicted : dict of str to ndarray of int of shape (R, n)
        Numbers of predicted classes, by estimator; -1 where not tested.
    is_probability : dict of str to bool
        False where the scores are values of a decision function; Brier score, log loss and
        calibration are then nan.
    fit_seconds, score_seconds : dict of str to list of float
        Seconds of each fit, the search inside it included, and of scoring its test part.
    peak_memory : dict of str to list of int
        Highest resident memory, in bytes, that the process of the fit had had when it ended. It
        holds the data and whatever the process did before; -1 where the system does not tell.
    chosen : dict of str to list of dict
        For each fit the parameters that were chosen inside it.
    about : dict of str to list of dict
        For each fit plain facts: sizes of its parts, seeds, weights, numbers of columns.
    versions : dict of str to str
        Of Python and packages.
    started : str
        Time in ISO 8601, UTC.

    Notes
    -----
    A metric is computed over all out-of-fold answers of a repeat at once, and averaged over
    repeats. Fits are listed repeat by repeat, fold by fold.
    """

    classes: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None
    fold: np.ndarray
    n_bootstrap: int
    confidence_level: float
    positive: int | None
    seed: int
    sites: np.ndarray | None = None
    interval_method: str = "percentile"
    scores: dict = field(default_factory=dict)
    predicted: dict = field(default_factory=dict)
    is_probability: dict = field(default_factory=dict)
    fit_seconds: dict = field(default_factory=dict)
    score_seconds: dict = field(default_factory=dict)
    peak_memory: dict = field(default_factory=dict)
    chosen: dict = field(default_factory=dict)
    about: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    started: str = ""

    def __repr__(self):
        n_folds = sum(int(fold.max()) + 1 for fold in self.fold)
        return (
            f"Evaluation({', '.join(self.scores)}: {len(self.target)} samples, "
            f"{self.n_patients} {self.unit}, {len(self.classes)} classes, {n_folds} folds)"
        )

    def __getstate__(self):
        """Resamples are not kept: they are made anew from the seed."""
        return {name: value for name, value in vars(self).items() if name != "resampling"}

    @cached_property
    def patient(self):
        """Number of each sample's patient; -1 for patients that no repeat tests."""
        tested = (self.fold >= 0).any(axis=0)
        units = np.arange(len(self.target)) if self.groups is None else self.groups
        number = np.full(len(self.target), -1)
        number[tested] = np.unique(units[tested], return_inverse=True)[1]
        return number

    @property
    def n_patients(self):
        """Number of patients that were tested, or of samples where there are no groups."""
        return int(self.patient.max()) + 1

    @property
    def unit(self):
        """What is resampled: "patients", or "samples" where there are no groups."""
        return "samples" if self.groups is None else "patients"

    @property
    def rows_are_independent(self):
        """Whether every patient that was tested has one sample."""
        return self.n_patients == int((self.patient >= 0).sum())

    @cached_property
    def resampling(self):
        """The resamples of the patients, drawn once."""
        from sicf.evaluation._resampling import Resampling

        return Resampling(self)

    def add(self, name, split, number, answer):
        """Write what an estimator said of one test fold.

        Parameters
        ----------
        name : str
        split : Split
        number : int
            Of the fold within its repeat.
        answer : FoldAnswer
        """
        shape = (*self.fold.shape, len(self.classes))
        self.fold[split.repeat, split.test] = number
        scores = self.scores.setdefault(name, np.full(shape, np.nan))
        scores[split.repeat, split.test] = answer.scores
        predicted = self.predicted.setdefault(name, np.full(shape[:2], -1))
        predicted[split.repeat, split.test] = answer.predicted
        alike = self.is_probability.get(name, True) and answer.is_probability
        self.is_probability[name] = bool(alike)
        for fact in ("fit_seconds", "score_seconds", "peak_memory", "chosen", "about"):
            getattr(self, fact).setdefault(name, []).append(getattr(answer, fact))

    def metrics(self, name=None, *, auc="score"):
        """All metrics of one estimator, with intervals over patients.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        auc : {"score", "label"}, default="score"
            "label" takes predicted classes for scores, to audit tables that did; with two classes
            it is balanced accuracy.

        Returns
        -------
        dict of str to Interval
            With two classes sensitivity, specificity, PPV, NPV, F1, AUC, average precision and
            calibration are those of the positive class; with more, means over the classes, each
            against the rest. An interval is made of the resamples in which the metric is defined.
        """
        self._check_auc(auc)
        return self._intervals(self.resampling.metrics(self._check_name(name), auc=auc))

    def class_metrics(self, name=None, *, auc="score"):
        """All metrics of each class against the rest.

        Parameters
        ----------
        name : str, default=None
            May be left out where there is one estimator.
        auc : {"score", "label"}, default="score"

        Returns
        -------
        dict of label to dict of str to Interval
        """
        self._check_auc(auc)
        found = self.resampling.class_metrics(self._check_name(name), auc=auc)
        return {
            label: self._intervals(
                {
                    metric: {kind: values[:, k] for kind, values in kinds.items()}
                    for metric, kinds in found.items()
                }
            )
            for k, label in enumerate(self.classes.tolist())
        }

    def at_threshold(self, threshold, name=None):
        """All metrics with the positive class wherever its score reaches a threshold.

        Parameters
        ----------
        threshold : float
            In [0, 1] where the scores are probabilities. State it before the results are seen.
        name : str, default=None
            May be left out where there is one estimator.

        Returns
        -------
        dict of str to Interval

        Raises
        ------
        ValueError
            There are more than two classes, or the threshold is no probability.
        """
        name = self._check_name(name)
        if self.positive is None:
            raise ValueError(f"A threshold needs 2 classes. Got {len(self.classes)}.")
        if not np.isfinite(threshold) or (self.is_probability[name] and not 0 <= threshold <= 1):
            raise ValueError(f"threshold must lie between 0 and 1. Got {threshold} instead.")
        reached = self.scores[name][:, :, self.positive] >= threshold
        predicted = np.where(reached, self.positive, 1 - self.positive)
        predicted[self.fold < 0] = -1
        return self._intervals(self.resampling.metrics(name, predicted=predicted))

    def by_patient(self, how="mean"):
        """One answer for each patient, from those for its samples.

        Parameters
        ----------
        how : {"mean", "majority"}, default="mean"
            The mean of the scores, whose highest gives the class; or the most frequent predicted
            class, whose scores are shares of votes, and no probabilities.

        Returns
        -------
        Evaluation
            One row for each patient.

        Raises
        ------
        ValueError
            There are no groups, or a patient has samples of several classes.
        """
        if how not in WAYS:
            raise ValueError(f"how must be 'mean' or 'majority'. Got {how!r} instead.")
        if self.groups is None:
            raise ValueError("Answers by patient need groups. Got groups=None.")
        names, patient = np.unique(self.groups, return_inverse=True)
        mixed = one_label_each(self.target, patient)
        if mixed is not None:
            raise ValueError(
                "Answers by patient need one label for each patient. Patient "
                f"{names.tolist()[mixed]!r} has several."
            )
        first = np.unique(patient, return_index=True)[1]
        answers = {
            name: patient_answers(self.scores[name], self.predicted[name], self.fold, patient, how)
            for name in self.scores
        }
        return Evaluation(
            **self._shared_facts(),
            target=self.target[first],
            groups=names,
            sites=one_for_each_patient(self.sites, patient),
            fold=self.fold[:, first],
            scores={name: answer[0] for name, answer in answers.items()},
            predicted={name: answer[1] for name, answer in answers.items()},
            is_probability={
                name: how == "mean" and told for name, told in self.is_probability.items()
            },
        )

    def compare(self, a, b=None):
        """Test the differences of one estimator from others, on the same patients.

        Parameters
        ----------
        a : str
        b : str, list of str or None, default=None
            Its rivals. None is all others.

        Returns
        -------
        pandas.DataFrame
            One row for each rival, metric and test: `a`, `b`, `metric`, `test`, `difference` (a
            less b), `low`, `high`, `p` and `p_holm`.

        Notes
        -----
        "paired bootstrap": both are judged on the same resamples of patients. Where every patient
        has one row (see :meth:`by_patient`) and there is one repeat, "DeLong" tests areas [1]_, of
        every class where there are more than two, and "McNemar mid-p" accuracy [2]_; they take
        rows for independent.

        `p_holm` is corrected for the number of rivals [3]_, not for the number of metrics: name
        the metric that counts before you look.

        References
        ----------
        .. [1] DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
           :doi:`10.2307/2531595`
        .. [2] Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology 13, 91.
           :doi:`10.1186/1471-2288-13-91`
        .. [3] Holm (1979), Scandinavian Journal of Statistics 6, 65-70. https://jstor.org/4615733
        """
        import pandas as pd

        from sicf.evaluation._compare import COLUMNS, compare

        a = self._check_name(a)
        rivals = [b] if isinstance(b, str) else b
        rivals = [other for other in self.scores if other != a] if rivals is None else list(rivals)
        rivals = [self._check_name(rival) for rival in rivals]
        if not rivals or a in rivals:
            raise ValueError(f"b must name rivals of {a!r}. Got {rivals} instead.")
        return pd.DataFrame(compare(self, a, rivals), columns=COLUMNS)

    def to_frame(self, *, by_patient=None):
        """Table of all estimators and metrics.

        Parameters
        ----------
        by_patient : bool, default=None
            Whether answers by patient (see :meth:`by_patient`, ``how="mean"``) stand below those
            by sample. None: where a patient has several samples, all of one class.

        Returns
        -------
        pandas.DataFrame
            One row for each level, estimator and metric: `level` ("samples" or "patients"),
            `estimator`, `metric`, `value`, `low`, `high`, `n_defined`.
        """
        return frame(self._levels(by_patient))

    def to_markdown(self, *, metrics=SHOWN, by_patient=None):
        """Table of all estimators for people to read.

        Parameters
        ----------
        metrics : sequence of str
            Those to show.
        by_patient : bool, default=None
            As in :meth:`to_frame`.

        Returns
        -------
        str
            One row for each estimator: each metric as ``value [low, high]``, and the seconds that
            all its fits took; below, what the intervals are.
        """
        return markdown(self._levels(by_patient), list(metrics))

    def to_latex(self, *, metrics=SHOWN, by_patient=None):
        """The table of :meth:`to_markdown` for LaTeX, with the package booktabs.

        Parameters
        ----------
        metrics : sequence of str
        by_patient : bool, default=None

        Returns
        -------
        str
        """
        return latex(self._levels(by_patient), list(metrics))

    def save(self, path):
        """Write everything to one file, without pickle; :func:`load_evaluation` reads it.

        Parameters
        ----------
        path : path-like
            A file that is there is replaced once the new one is whole.

        Raises
        ------
        ValueError
            Labels, groups or sites are neither numbers nor text.
        """
        save_evaluation(self, path)

    @staticmethod
    def load(path):
        """Read what :meth:`save` wrote; the same as :func:`load_evaluation`.

        Parameters
        ----------
        path : path-like
            The file.

        Returns
        -------
        Evaluation
        """
        return load_evaluation(path)

    def _intervals(self, found):
        return {metric: self.resampling.interval(values) for metric, values in found.items()}

    def _levels(self, by_patient):
        if by_patient is None:
            by_patient = self.groups is not None and not self.rows_are_independent
            if by_patient:
                number = np.unique(self.groups, return_inverse=True)[1]
                by_patient = one_label_each(self.target, number) is None
        own = "patients" if self.groups is not None and self.rows_are_independent else "samples"
        return {own: self} | ({"patients": self.by_patient()} if by_patient else {})

    def _shared_facts(self):
        shared = (
            "classes n_bootstrap confidence_level interval_method positive seed fit_seconds "
            "score_seconds peak_memory chosen about versions started"
        )
        return {name: getattr(self, name) for name in shared.split()}

    def _check_auc(self, auc):
        if auc not in ("score", "label"):
            raise ValueError(f"auc must be 'score' or 'label'. Got {auc!r} instead.")

    def _check_name(self, name):
        if name is None and len(self.scores) == 1:
            return next(iter(self.scores))
        if name not in self.scores:
            raise ValueError(f"name must be one of {list(self.scores)}. Got {name!r} instead.")
        return name
