"""Calibration: how often what was predicted came true."""

from typing import NamedTuple

import numpy as np

from sicf.evaluation.figures._answers import Answers
from sicf.evaluation.figures._axes import (
    REFERENCE,
    class_colors,
    class_labels,
    finish,
    new_axes,
    with_names,
)
from sicf.evaluation.statistics import calibration_line

FEWEST_BINS, MOST_BINS = 3, 10
PATIENTS_A_BIN = 15
HISTOGRAM = np.linspace(0, 1, 21)


class Bins(NamedTuple):
    """Bins of one class's probabilities.

    Parameters
    ----------
    predicted : ndarray of shape (b,)
        Mean probability of each bin.
    observed, low, high : ndarray of shape (b,)
        Share of the class, with its interval.
    """

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray


def plot_calibration(evaluation, name=None, *, ax=None):
    """Draw observed shares against predicted probabilities, and below these their histogram.

    Parameters
    ----------
    evaluation : Evaluation
    name : str, default=None
        The estimator; may be left out where there is one.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
        That of the curve; the histogram is its child.

    Raises
    ------
    ValueError
        The scores are no probabilities.

    Notes
    -----
    Bins of equally many samples, of some fifteen patients each but three to ten in all, and fewer
    where probabilities are equal; all repeats go into the same bins. A bar is a percentile
    interval over patients, whose bins stay those of all samples. The slope and the intercept are
    those of a logistic recalibration [1]_: 1 and 0 are right. The Brier score is that of the class
    against the rest.

    References
    ----------
    .. [1] Van Calster et al. (2019), Calibration: the Achilles heel of predictive analytics, BMC
       Medicine 17, 230. :doi:`10.1186/s12916-019-1466-7`
    """
    answers = Answers(evaluation, name)
    answers.need_probabilities("A calibration curve")
    names, colors = class_labels(evaluation.classes), class_colors(len(evaluation.classes))
    ax = new_axes(ax, with_names(5.2, 6.7, [names[k] for k in answers.shown]))
    below = ax.inset_axes([0, -0.26, 1, 0.2], sharex=ax)
    n_bins = int(np.clip(answers.once.size // PATIENTS_A_BIN, FEWEST_BINS, MOST_BINS))
    lines, labels = [], []
    for k in answers.shown:
        lines.append(_draw_bins(ax, calibration_bins(answers, k, n_bins), colors[k]))
        slope, intercept, brier = answers.over(
            lambda repeat, weights, k=k: _corner(repeat, weights, k), answers.once
        )[0]
        labels.append(f"{names[k]}: {slope:.2f}, {intercept:z.2f}, {brier:.2f}")
        said = np.concatenate([repeat.scores[:, k] for repeat in answers.repeats])
        shares = np.histogram(said, HISTOGRAM)[0] / len(said)
        below.stairs(shares, HISTOGRAM, color=colors[k], fill=True, alpha=0.15, linewidth=0)
        below.stairs(shares, HISTOGRAM, color=colors[k], linewidth=1.5)
    ax.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle=":")
    ax.set(
        ylabel="observed share",
        title=f"Calibration, {answers.against}, {answers.origin}",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    ax.tick_params(axis="x", labelbottom=False)
    below.set(xlabel="predicted probability", ylabel="samples", ylim=(0, None))
    below.yaxis.set_major_formatter("{x:.0%}")
    below.spines[["top", "right"]].set_visible(False)
    return finish(ax, lines, labels, "slope, intercept, Brier", bottom=-0.26)


def calibration_bins(answers, k, n_bins=MOST_BINS):
    """Bins of equally many samples, and how often class k occurred in each.

    Parameters
    ----------
    answers : Answers
    k : int
    n_bins : int, default=10

    Returns
    -------
    Bins
    """
    said = np.concatenate([repeat.scores[:, k] for repeat in answers.repeats])
    edges = np.unique(np.quantile(said, np.linspace(0, 1, n_bins + 1)[1:-1]))

    def sums(repeat, weights):
        bins = np.eye(edges.size + 1)[np.searchsorted(edges, repeat.scores[:, k])]
        values = np.stack([np.ones(len(bins)), repeat.target == k, repeat.scores[:, k]])
        return np.stack([(weights * value) @ bins for value in values], axis=1)

    once, many = answers.over(sums, answers.once)[0], answers.over(sums)
    held = once[0] > 0
    count = np.where(many[:, 0] > 0, many[:, 0], np.nan)
    low, high = answers.limits((many[:, 1] / count)[:, held])
    return Bins(once[2, held] / once[0, held], once[1, held] / once[0, held], low, high)


def _draw_bins(ax, bins, color):
    ax.vlines(bins.predicted, bins.low, bins.high, color=color, linewidth=1.5, alpha=0.6)
    return ax.plot(bins.predicted, bins.observed, "o-", color=color, linewidth=1, markersize=5)[0]


def _corner(repeat, weights, k):
    """Slope, intercept and Brier score of class k against the rest, shape (B, 3)."""
    is_class, said = repeat.target == k, repeat.scores[:, k]
    brier = weights @ (said - is_class) ** 2 / weights.sum(axis=1)
    return np.stack([*calibration_line(is_class, said, weights), brier], axis=1)
