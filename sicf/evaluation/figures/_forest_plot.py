"""The forest plot: one metric of all estimators, side by side."""

import numpy as np

from sicf.evaluation.figures._axes import COLORS, as_written, new_axes

ROW = 0.34
WIDEST = 28


def plot_forest(evaluation, metric="AUC", *, ax=None):
    """Draw one metric of all estimators with its intervals.

    Parameters
    ----------
    evaluation : Evaluation
    metric : str, default="AUC"
        One of those that ``evaluation.metrics`` gives.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        There is no such metric.

    Notes
    -----
    Intervals that overlap do not show that two estimators are alike: they are judged on the same
    patients, and ``evaluation.compare`` tests the difference.
    """
    found = {name: evaluation.metrics(name) for name in evaluation.scores}
    known = list(next(iter(found.values())))
    if metric not in known:
        raise ValueError(f"metric must be one of {known}. Got {metric!r} instead.")
    intervals = [each[metric] for each in found.values()]
    ax = new_axes(ax, (6.4, 1.3 + ROW * len(intervals)))
    for row, interval in enumerate(intervals):
        _draw(ax, row, interval)
    rows = np.arange(len(intervals))
    ax.set_yticks(rows, [as_written(_shortened(name)) for name in found])
    beside = ax.secondary_yaxis("right")
    beside.set_yticks(rows, [_written(interval) for interval in intervals])
    level, unit = evaluation.confidence_level, evaluation.unit
    ax.set(title=f"{metric} [{level:.0%} over {unit}]", ylim=(len(intervals) - 0.5, -0.5))
    for axis in (ax, beside):
        axis.tick_params(axis="y", length=0)
        axis.spines[:].set_visible(False)
    ax.spines["bottom"].set_visible(True)
    ax.grid(axis="x", alpha=0.3, linewidth=0.6)
    return ax


def _draw(ax, row, interval):
    color = COLORS[0]
    ax.plot([interval.low, interval.high], [row, row], color=color, linewidth=2)
    ax.plot([interval.value], [row], "s", color=color, markersize=6)


def _written(interval):
    return str(interval) if interval.value == interval.value else "not defined"


def _shortened(name):
    name = " ".join(str(name).split())
    return name if len(name) <= WIDEST else name[: WIDEST - 1] + "…"
