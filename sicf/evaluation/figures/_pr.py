"""Curves of precision against recall with bands over patients."""

import numpy as np

from sicf.evaluation.figures._answers import Answers
from sicf.evaluation.figures._axes import (
    band,
    class_colors,
    class_labels,
    finish,
    new_axes,
    with_names,
)
from sicf.evaluation.figures._roc import GRID
from sicf.evaluation.statistics import area_and_precision, cumulative_counts


def plot_pr(evaluation, name=None, *, ax=None):
    """Draw precision against recall, one class against the rest, with pointwise bands.

    Parameters
    ----------
    evaluation : Evaluation
    name : str, default=None
        The estimator; may be left out where there is one.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes

    Notes
    -----
    Precision is PPV, recall is sensitivity. The curve goes in steps, as average precision counts
    it: a straight line between two thresholds would promise too much. Dotted lines are the shares
    of the classes, which a guess would reach.
    """
    answers = Answers(evaluation, name)
    names, colors = class_labels(evaluation.classes), class_colors(len(evaluation.classes))
    ax = new_axes(ax, with_names(5.2, 5.1, [names[k] for k in answers.shown]))
    lines, labels = [], []
    for k in answers.shown:
        found = answers.interval(
            lambda repeat, weights, k=k: average_precisions(repeat, weights, k)
        )
        labels.append(f"{names[k]}: {found}" if found.value == found.value else f"{names[k]}: –")
        resampled = answers.over(lambda repeat, weights, k=k: precisions(repeat, weights, k))
        band(ax, GRID, *answers.limits(resampled), colors[k])
        lines += ax.plot(*_curve(answers, k), color=colors[k], linewidth=2, drawstyle="steps-pre")
        share = np.mean([(repeat.target == k).mean() for repeat in answers.repeats])
        ax.axhline(share, color=colors[k], linewidth=1, linestyle=":")
    ax.set(
        xlabel="recall (sensitivity)",
        ylabel="precision (PPV)",
        title=f"Precision and recall, {answers.against}, {answers.origin}",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    title = f"average precision [{evaluation.confidence_level:.0%} over {evaluation.unit}]"
    return finish(ax, lines, labels, title)


def precisions(repeat, weights, k):
    """Precision for class k at the grid of recalls.

    Parameters
    ----------
    repeat : Repeat
    weights : ndarray of shape (B, m)
    k : int

    Returns
    -------
    ndarray of shape (B, 101)
        At the highest threshold that reaches the recall; nan where the class does not occur.
    """
    counts = cumulative_counts(repeat.target == k, repeat.scores[:, k], weights)
    curves = np.full((len(weights), GRID.size), np.nan)
    for curve, true, false in zip(curves, *counts, strict=True):
        if true[-1]:
            # A recall that is reached exactly is reached, whichever way its quotient was rounded.
            reached = np.searchsorted(true, GRID * true[-1] * (1 - 1e-12))
            # Recall 0 is reached by the first who are called at all.
            reached = np.maximum(reached, np.flatnonzero(true + false)[0])
            curve[:] = true[reached] / (true[reached] + false[reached])
    return curves


def average_precisions(repeat, weights, k):
    """Average precision of class k for many weightings."""
    return area_and_precision(repeat.target == k, repeat.scores[:, k], weights)[1]


def _curve(answers, k):
    """The points of the curve as the samples are."""
    if len(answers.repeats) > 1:
        drawn = answers.over(lambda repeat, weights: precisions(repeat, weights, k), answers.once)
        return GRID, drawn[0]
    repeat = answers.repeats[0]
    once = np.ones((1, len(repeat.target)))
    true, false = (
        each[0] for each in cumulative_counts(repeat.target == k, repeat.scores[:, k], once)
    )
    if not true[-1]:
        return [], []
    precision = true / (true + false)
    return np.append(0, true / true[-1]), np.append(precision[0], precision)
