"""Schemes of evaluation: who is trained on, who is held for choices, and who is tested."""

import numbers
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold, StratifiedKFold
from sklearn.utils import check_random_state

NOBODY = np.arange(0)
LARGEST_SEED = np.iinfo(np.int32).max


class Split(NamedTuple):
    """One fit's samples.

    Parameters
    ----------
    repeat : int
        Number of the repeat.
    train, test : ndarray of int
    validation : ndarray of int
        Samples that are neither fitted to nor tested.
    chooses : bool
        Whether an inner search chooses by `validation`, not by folds of `train`.
    """

    repeat: int
    train: np.ndarray
    test: np.ndarray
    validation: np.ndarray = NOBODY
    chooses: bool = False


class Cohort(NamedTuple):
    """What schemes part: classes by number, and the labels of patients and sites, or None."""

    target: np.ndarray
    classes: np.ndarray
    groups: np.ndarray | None
    sites: np.ndarray | None = None

    @property
    def units(self):
        """The patient of each sample, or its own number."""
        return np.arange(len(self.target)) if self.groups is None else self.groups

    @property
    def unit(self):
        """What a unit is called."""
        return "sample(s)" if self.groups is None else "patient(s)"


class RepeatedFolds:
    """K-fold cross-validation, stratified and grouped, some times over with new folds.

    Parameters
    ----------
    n_folds : int, default=5
        At least 2.
    n_repeats : int, default=3
        At least 1.

    See Also
    --------
    evaluate : Takes it as `outer`; a plain integer is one repeat.

    Notes
    -----
    A metric is the mean over the repeats. Repeats average the luck of the folds away; they add no
    patients, and the intervals stay as wide as the patients are few.

    Examples
    --------
    >>> from sicf.evaluation import RepeatedFolds
    >>> RepeatedFolds(5, n_repeats=3)
    RepeatedFolds(n_folds=5, n_repeats=3)
    """

    def __init__(self, n_folds=5, n_repeats=3):
        for name, value, least in (("n_folds", n_folds, 2), ("n_repeats", n_repeats, 1)):
            if not isinstance(value, numbers.Integral) or value < least:
                raise ValueError(
                    f"{name} must be an integer of at least {least}. Got {value!r} instead."
                )
        self.n_folds = n_folds
        self.n_repeats = n_repeats

    def __repr__(self):
        return f"RepeatedFolds(n_folds={self.n_folds}, n_repeats={self.n_repeats})"

    def splits(self, cohort, rng):
        """Draw the folds.

        Parameters
        ----------
        cohort : Cohort
        rng : RandomState

        Returns
        -------
        list of Split
        """
        check_members(self.n_folds, cohort, f"outer={self.n_folds} folds")
        return [
            Split(repeat, train, test)
            for repeat in range(self.n_repeats)
            for train, test in stratified_folds(self.n_folds, cohort, rng)
        ]


class PaperHoldOut:
    """The paper's parts: 70 % to train on, 15 % for validation, 15 % to test.

    Parameters
    ----------
    test, validation : float, default=0.15
        Shares of the patients of every class, above 0 and below 1 together.
    choose_by : {"nested", "validation"}, default="nested"
        By what parameters of `param_grids` are chosen. "nested": by folds inside the training part
        (`inner`, five of them), as the paper says; nobody then uses the validation part, as in the
        paper. "validation": by the validation part, once.

    Notes
    -----
    The paper names both a validation part and "nested" five-fold cross-validation, and never says
    what the validation part did. Either way it is not tested and no estimator is fitted to it: all
    are fitted to the training part, with what was chosen, so that rivals with and without a grid
    see equally many patients. Selectors inside a pipeline see the training part alone.

    Patients are drawn class by class, at least one of each class into each part; a patient with
    several labels counts by the most frequent one. A test of 15 % of a small cohort has wide
    intervals: ``outer=5`` tests everybody.

    Examples
    --------
    >>> from sicf.evaluation import PaperHoldOut
    >>> PaperHoldOut()
    PaperHoldOut(test=0.15, validation=0.15, choose_by='nested')
    """

    def __init__(self, test=0.15, validation=0.15, choose_by="nested"):
        if not (0 < test < 1 and 0 < validation < 1 and test + validation < 1):
            raise ValueError(
                "test and validation must be above 0, and below 1 together. Got "
                f"{test} and {validation} instead."
            )
        if choose_by not in ("nested", "validation"):
            raise ValueError(
                f"choose_by must be 'nested' or 'validation'. Got {choose_by!r} instead."
            )
        self.test = test
        self.validation = validation
        self.choose_by = choose_by

    def __repr__(self):
        return (
            f"PaperHoldOut(test={self.test}, validation={self.validation}, "
            f"choose_by={self.choose_by!r})"
        )

    def splits(self, cohort, rng):
        """Draw the three parts.

        Parameters
        ----------
        cohort : Cohort
        rng : RandomState

        Returns
        -------
        list of Split
            One.

        Raises
        ------
        ValueError
            A class has fewer than three patients.
        """
        check_members(3, cohort, "Three parts")
        names, unit = np.unique(cohort.units, return_inverse=True)
        votes = np.zeros((len(names), len(cohort.classes)))
        np.add.at(votes, (unit, cohort.target), 1)
        part = np.zeros(len(names), dtype=int)
        for k in range(len(cohort.classes)):
            members = rng.permutation(np.flatnonzero(votes.argmax(axis=1) == k))
            n_test = max(1, round(self.test * len(members)))
            n_validation = max(1, round(self.validation * len(members)))
            part[members[:n_test]] = 2
            part[members[n_test : n_test + n_validation]] = 1
        train, validation, test = (np.flatnonzero(part[unit] == number) for number in range(3))
        return [Split(0, train, test, validation, self.choose_by == "validation")]


class LeaveOneSiteOut:
    """Each site is tested by estimators fitted to all others; `sites=` names them.

    Notes
    -----
    It asks whether an answer carries over to a scanner and a hospital that were never seen. A
    training part that lacks a class, and a patient seen at two sites, are errors.

    Examples
    --------
    >>> from sicf.evaluation import LeaveOneSiteOut
    >>> LeaveOneSiteOut()
    LeaveOneSiteOut()
    """

    def __repr__(self):
        return "LeaveOneSiteOut()"

    def splits(self, cohort, rng):
        """Part the sites.

        Parameters
        ----------
        cohort : Cohort
        rng : RandomState
            Not used: nothing is drawn.

        Returns
        -------
        list of Split
            One for each site.

        Raises
        ------
        ValueError
            The cohort has no sites, or only one.
        """
        if cohort.sites is None:
            raise ValueError("LeaveOneSiteOut needs sites, one for each sample. Got sites=None.")
        n_sites = len(np.unique(cohort.sites))
        if n_sites < 2:
            raise ValueError(f"sites must name at least 2 sites. Got {n_sites}.")
        folds = LeaveOneGroupOut().split(cohort.target, cohort.target, cohort.sites)
        return [Split(0, train, test) for train, test in folds]


class GivenSplitter:
    """A splitter of scikit-learn's: every sample tested equally often, or a single hold-out."""

    def __init__(self, splitter):
        self.splitter = splitter

    def splits(self, cohort, rng):
        """Draw the folds; see :meth:`RepeatedFolds.splits`."""
        n_samples = len(cohort.target)
        folds = list(self.splitter.split(np.zeros(n_samples), cohort.target, cohort.groups))
        if len(folds) == 1:
            return [Split(0, *folds[0])]
        repeat, tested, splits = 0, np.zeros(n_samples, dtype=bool), []
        for train, test in folds:
            if tested.all():
                repeat, tested = repeat + 1, np.zeros(n_samples, dtype=bool)
            if tested[test].any():
                break
            tested[test] = True
            splits.append(Split(repeat, train, test))
        if len(splits) < len(folds) or not tested.all():
            raise ValueError("The outer folds must test every sample exactly once in each repeat.")
        return splits


def stratified_folds(n_folds, cohort, rng):
    """Shuffled stratified folds, grouped where there are groups, as a list of (train, test)."""
    kind = StratifiedKFold if cohort.groups is None else StratifiedGroupKFold
    seed = check_random_state(rng).randint(LARGEST_SEED)
    splitter = kind(n_folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(cohort.target)), cohort.target, cohort.groups))


def check_members(n_parts, cohort, whose):
    """Raise where the patients, or those of a class, are fewer than the parts they go into."""
    held = len(np.unique(cohort.units))
    if held < n_parts:
        raise ValueError(f"{whose} need at least {n_parts} {cohort.unit}. Got {held}.")
    for number, label in enumerate(cohort.classes.tolist()):
        held = len(np.unique(cohort.units[cohort.target == number]))
        if held < n_parts:
            raise ValueError(
                f"{whose} need at least {n_parts} {cohort.unit} of every class. "
                f"Class {label!r} has {held}."
            )
