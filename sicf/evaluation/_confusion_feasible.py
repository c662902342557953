"""Can one confusion matrix give the published figures?"""

import itertools
import numbers
from typing import NamedTuple

from sicf.evaluation._count_search import nearest_counts
from sicf.evaluation._rate_search import nearest_distance, prevalence_range

NAMES = ("sensitivity", "specificity", "accuracy", "F1")


class ConfusionAudit(NamedTuple):
    """Whether one confusion matrix of two classes gives published figures.

    Parameters
    ----------
    feasible : bool
        Whether there is a matrix whose figures all round to the published ones.
    counts : dict of str to int, or None
        `TP`, `FN`, `FP` and `TN` of the nearest matrix of n cases; None where n was not given.
    prevalence : float
        Share of positive cases in the nearest matrix; where n was not given and the figures are
        feasible, the middle of all prevalences that give them.
    miss : float
        Points by which the nearest matrix misses its worst figure. At most half of the last
        published decimal where feasible.
    implied : dict of tuple of str to tuple of float, or None
        For each three of the figures: the lowest and the highest prevalence that gives them, or
        None where none does. Where the tuples do not overlap the figures contradict each other.
    """

    feasible: bool
    counts: dict | None
    prevalence: float
    miss: float
    implied: dict

    def __str__(self):
        """Say it in a sentence."""
        if self.feasible:
            how = "" if self.counts is None else f": {_listed(self.counts)}"
            return f"One matrix gives these figures, at prevalence {self.prevalence:.3f}{how}."
        return f"No matrix gives these figures; the nearest misses one by {self.miss:.2f} points."


def confusion_feasible(
    *, sensitivity, specificity, accuracy, f1=None, n=None, prevalence=None, decimals=2
):
    """Ask whether one confusion matrix of two classes can give published figures.

    Parameters
    ----------
    sensitivity, specificity, accuracy : float
        In percent, as published.
    f1 : float, default=None
        F1 of the positive class in percent. None where it was not published.
    n : int, default=None
        Number of cases. None asks for matrices of any size.
    prevalence : float, default=None
        Share of positive cases, between 0 and 1, where it is known. With `n` the number of
        positives is the whole number nearest to ``prevalence * n``.
    decimals : int, default=2
        Decimals of the published percentages; a figure stands for all that round to it, ends
        included.

    Returns
    -------
    ConfusionAudit

    Raises
    ------
    TypeError
        A figure is no number, or `n` or `decimals` no whole number.
    ValueError
        A figure lies outside 0 to 100 or has more decimals; `n` is below 2; `prevalence` leaves
        one class without cases.

    See Also
    --------
    published_tables : The paper's figures.

    Notes
    -----
    With `n` the search is over whole counts and exact: it visits every matrix that could be nearer
    than the best one so far. Without it, prevalence, true positives and true negatives are real
    shares of all cases, in which every figure's interval is a pair of linear inequalities, F1's
    included; two linear programs find the range of prevalences. A matrix that exists for some `n`
    exists in shares, so what is infeasible without `n` is so for every `n`.

    Figures that are means over folds, over classes or over bootstrap resamples need not come from
    one matrix. A paper that prints such means should say so.

    Examples
    --------
    The paper's headline row, and one of its ablations:

    >>> from sicf.evaluation import confusion_feasible
    >>> print(confusion_feasible(sensitivity=98.52, specificity=84.59, accuracy=92.71, f1=97.07))
    No matrix gives these figures; the nearest misses one by 1.13 points.
    >>> print(confusion_feasible(sensitivity=94.05, specificity=79.90, accuracy=89.42, f1=92.30))
    One matrix gives these figures, at prevalence 0.673.
    """
    figures = dict(zip(NAMES, (sensitivity, specificity, accuracy, f1), strict=True))
    figures = {name: value for name, value in figures.items() if value is not None}
    _check_whole("decimals", decimals, 0)
    published = {name: _in_last_decimal(name, value, decimals) for name, value in figures.items()}
    positives = _check_size(n, prevalence)
    half = 0.5 * 10.0**-decimals
    implied = {
        three: _inside(prevalence_range({name: figures[name] for name in three}, half))
        for three in itertools.combinations(figures, 3)
    }
    if n is None:
        return _audit_of_shares(figures, half, prevalence, implied)
    counts, miss, feasible = nearest_counts(published, n, positives, decimals)
    named = dict(zip(("TP", "FN", "FP", "TN"), counts, strict=True))
    return ConfusionAudit(feasible, named, (counts[0] + counts[1]) / n, miss, implied)


def _audit_of_shares(figures, half, prevalence, implied):
    miss = nearest_distance(figures, prevalence)
    within = _inside(prevalence_range(figures, half, prevalence))
    nearest = within or prevalence_range(figures, miss, prevalence)
    return ConfusionAudit(within is not None, None, sum(nearest) / 2, miss, implied)


def _inside(between):
    """A range of prevalences, unless it is one of the ends, where a class has no cases."""
    return None if between is None or between[1] <= 0 or between[0] >= 1 else between


def _in_last_decimal(name, value, decimals):
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number of percent. Got {value!r} instead.")
    if not 0 <= value <= 100:
        raise ValueError(f"{name} must lie between 0 and 100 percent. Got {value} instead.")
    whole = round(value * 10**decimals)
    if abs(value * 10**decimals - whole) > 1e-6:
        raise ValueError(f"{name} must have at most {decimals} decimals. Got {value} instead.")
    return whole


def _check_size(n, prevalence):
    """Number of positive cases, where `n` and `prevalence` say it."""
    if n is not None:
        _check_whole("n", n, 2)
    if prevalence is None:
        return None
    if not isinstance(prevalence, numbers.Real) or not 0 < prevalence < 1:
        raise ValueError(f"prevalence must lie between 0 and 1. Got {prevalence!r} instead.")
    if n is None:
        return None
    positives = round(prevalence * n)
    if not 0 < positives < n:
        raise ValueError(
            f"prevalence must leave each class a case. {prevalence} of {n} are {positives}."
        )
    return positives


def _check_whole(name, value, least):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number. Got {value!r} instead.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}. Got {value} instead.")


def _listed(counts):
    return ", ".join(f"{name} {count}" for name, count in counts.items())
