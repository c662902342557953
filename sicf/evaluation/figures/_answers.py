"""What one estimator said of the samples that were tested, as figures take it."""

import warnings
from typing import NamedTuple

import numpy as np

from sicf.evaluation._held_out import shows_held_out
from sicf.evaluation.statistics import draw_patients, interval, jackknife_draws

VALUES_AT_ONCE = 1_000_000


class Repeat(NamedTuple):
    """The tested samples of one repeat.

    Parameters
    ----------
    target, predicted, patient : ndarray of int of shape (m,)
    scores : ndarray of shape (m, K)
    """

    target: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray
    patient: np.ndarray


class Answers:
    """One estimator's answers in every repeat, and the resamples of the patients they are for.

    Parameters
    ----------
    evaluation : Evaluation
    name : str or None
        None where there is one estimator.
    """

    def __init__(self, evaluation, name=None):
        self.name = _checked_name(evaluation, name)
        self.evaluation = evaluation
        patient, n_patients = _patients(evaluation)
        self.repeats = []
        for fold, said, scores in zip(
            evaluation.fold,
            evaluation.predicted[self.name],
            evaluation.scores[self.name],
            strict=True,
        ):
            held = fold >= 0
            row = evaluation.target[held], said[held], scores[held], patient[held]
            self.repeats.append(Repeat(*row))
        # One seed, the evaluation's own: bands and tables rest on the same resamples.
        rng = np.random.default_rng(evaluation.seed)
        self.once = np.ones((1, n_patients), dtype=int)
        self.draws = draw_patients(n_patients, evaluation.n_bootstrap, rng)

    @property
    def shown(self):
        """Numbers of the classes that have a curve: with two classes the positive one."""
        evaluation = self.evaluation
        n_classes = len(evaluation.classes)
        return range(n_classes) if evaluation.positive is None else [evaluation.positive]

    @property
    def against(self):
        """How the classes are set apart, for titles."""
        return "one against the rest" if self.evaluation.positive is None else "two classes"

    @property
    def origin(self):
        """Where the answers are from, for titles."""
        return "out of fold" if shows_held_out(self.evaluation.fold) else "as given"

    def need_probabilities(self, what):
        """Raise where the scores are no probabilities.

        Parameters
        ----------
        what : str
            The figure that needs them.
        """
        if not self.evaluation.is_probability[self.name]:
            raise ValueError(
                f"{what} needs probabilities. Scores of {self.name!r} are values of a decision "
                "function."
            )

    def over(self, function, draws=None):
        """A function of weighted samples in every resample, averaged over the repeats.

        Parameters
        ----------
        function : callable
            Takes a Repeat and weights (b, m), and gives an array of shape (b, ...).
        draws : ndarray of shape (B, P), default=None
            The bootstrap's.

        Returns
        -------
        ndarray of shape (B, ...)
        """
        draws = self.draws if draws is None else draws
        return np.mean([_in_chunks(function, repeat, draws) for repeat in self.repeats], axis=0)

    def interval(self, function):
        """The interval of a number, made as the evaluation makes those of its tables."""
        evaluation, left_out = self.evaluation, None
        if evaluation.interval_method == "bca":
            left_out = self.over(function, jackknife_draws(self.draws.shape[1]))
        return interval(
            float(self.over(function, self.once)[0]),
            self.over(function),
            level=evaluation.confidence_level,
            method=evaluation.interval_method,
            jackknife=left_out,
        )

    def limits(self, resampled):
        """Pointwise percentiles over the resamples; nan where none has a value.

        Parameters
        ----------
        resampled : ndarray of shape (B, G)

        Returns
        -------
        low, high : ndarray of shape (G,)
        """
        level = self.evaluation.confidence_level
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning)
            return np.nanquantile(resampled, [(1 - level) / 2, (1 + level) / 2], axis=0)


def _in_chunks(function, repeat, draws):
    """Some draws at a time, so that weights of every sample stay small in memory."""
    at_once = max(1, VALUES_AT_ONCE // max(1, len(repeat.target)))
    return np.concatenate(
        [
            function(repeat, draws[start : start + at_once][:, repeat.patient])
            for start in range(0, len(draws), at_once)
        ]
    )


def _patients(evaluation):
    """Number of each sample's patient among those tested, and how many there are."""
    tested = (evaluation.fold >= 0).any(axis=0)
    n_samples = len(evaluation.target)
    units = np.arange(n_samples) if evaluation.groups is None else evaluation.groups
    number = np.full(n_samples, -1)
    number[tested] = np.unique(units[tested], return_inverse=True)[1]
    return number, int(number.max()) + 1


def _checked_name(evaluation, name):
    if name is None and len(evaluation.scores) == 1:
        return next(iter(evaluation.scores))
    if name not in evaluation.scores:
        raise ValueError(f"name must be one of {list(evaluation.scores)}. Got {name!r} instead.")
    return name
