"""ROC curves with bands over patients."""

import numpy as np

from sicf.evaluation.figures._answers import Answers
from sicf.evaluation.figures._axes import (
    REFERENCE,
    band,
    class_colors,
    class_labels,
    finish,
    new_axes,
    with_names,
)
from sicf.evaluation.statistics import area_and_precision, cumulative_counts

GRID = np.linspace(0, 1, 101)


def plot_roc(evaluation, name=None, *, ax=None):
    """Draw ROC curves, one class against the rest, with pointwise bands over patients.

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
    With two classes there is the positive one's curve. One repeat is drawn step by step; of
    several the mean sensitivity is drawn at each false positive rate. A band holds at each rate by
    itself, not for the whole curve.
    """
    answers = Answers(evaluation, name)
    names, colors = class_labels(evaluation.classes), class_colors(len(evaluation.classes))
    ax = new_axes(ax, with_names(5.2, 5.1, [names[k] for k in answers.shown]))
    lines, labels = [], []
    for k in answers.shown:
        found = answers.interval(lambda repeat, weights, k=k: areas(repeat, weights, k))
        labels.append(f"{names[k]}: {found}" if found.value == found.value else f"{names[k]}: –")
        resampled = answers.over(lambda repeat, weights, k=k: sensitivities(repeat, weights, k))
        band(ax, GRID, *answers.limits(resampled), colors[k])
        lines += ax.plot(*_curve(answers, k), color=colors[k], linewidth=2)
    ax.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle=":")
    ax.set(
        xlabel="1 - specificity",
        ylabel="sensitivity",
        title=f"ROC, {answers.against}, {answers.origin}",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    title = f"AUC [{evaluation.confidence_level:.0%} over {evaluation.unit}]"
    return finish(ax, lines, labels, title)


def sensitivities(repeat, weights, k):
    """Sensitivity for class k at the grid of false positive rates.

    Parameters
    ----------
    repeat : Repeat
    weights : ndarray of shape (B, m)
    k : int

    Returns
    -------
    ndarray of shape (B, 101)
        nan where the class, or its rest, does not occur.
    """
    true, false = cumulative_counts(repeat.target == k, repeat.scores[:, k], weights)
    curves = np.full((len(weights), GRID.size), np.nan)
    for curve, hits, alarms in zip(curves, true, false, strict=True):
        if hits[-1] and alarms[-1]:
            curve[:] = _upper(np.append(0, alarms / alarms[-1]), np.append(0, hits / hits[-1]))
    return curves


def areas(repeat, weights, k):
    """Area under the curve of class k for many weightings; ties count one half."""
    return area_and_precision(repeat.target == k, repeat.scores[:, k], weights)[0]


def _curve(answers, k):
    """The points of the curve as the samples are."""
    if len(answers.repeats) > 1:
        drawn = answers.over(
            lambda repeat, weights: sensitivities(repeat, weights, k), answers.once
        )
        return GRID, drawn[0]
    repeat = answers.repeats[0]
    once = np.ones((1, len(repeat.target)))
    true, false = (
        each[0] for each in cumulative_counts(repeat.target == k, repeat.scores[:, k], once)
    )
    if not true[-1] or not false[-1]:
        return [], []
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])


def _upper(x, y):
    """Interpolate a rising curve at the grid, taking its upper end where it is vertical."""
    at = np.searchsorted(x, GRID, side="right") - 1
    following = np.minimum(at + 1, x.size - 1)
    width = x[following] - x[at]
    share = np.divide(GRID - x[at], width, out=np.zeros_like(GRID), where=width > 0)
    return y[at] + share * (y[following] - y[at])
