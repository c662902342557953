"""The confusion matrix."""

import numpy as np

from sicf._drawing import load_pyplot
from sicf.evaluation.figures._answers import Answers
from sicf.evaluation.figures._axes import COLORS, class_labels, new_axes

# At full strength a name in black and one in white would both be hard to read on it.
STRONGEST = 0.6


def plot_confusion(evaluation, name=None, *, ax=None):
    """Draw the confusion matrix: counts, and shares of each true class.

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
    Of several repeats the mean count is given.
    """
    answers = Answers(evaluation, name)
    n_classes = len(evaluation.classes)
    ax = new_axes(ax, (4.8, 4.4))
    counts = np.mean([_counts(repeat, n_classes) for repeat in answers.repeats], axis=0)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    for (row, column), count in np.ndenumerate(counts):
        _cell(ax, row, column, count, shares[row, column])
    names = class_labels(evaluation.classes)
    # Tilted names of several lines run into one another; upright ones never do.
    short = max(len(name) for name in names) <= 10
    ax.set_xticks(range(n_classes), names, rotation=0 if short else 90)
    ax.set_yticks(range(n_classes), names)
    ax.set(
        xlabel="predicted",
        ylabel="true",
        title=f"Confusion, {answers.origin}",
        xlim=(-0.5, n_classes - 0.5),
        ylim=(n_classes - 0.5, -0.5),
        aspect="equal",
    )
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _counts(repeat, n_classes):
    counts = np.zeros((n_classes, n_classes))
    np.add.at(counts, (repeat.target, repeat.predicted), 1)
    return counts


def _cell(ax, row, column, count, share):
    rectangle = load_pyplot().Rectangle
    ax.add_patch(
        rectangle(
            (column - 0.48, row - 0.48), 0.96, 0.96, color=COLORS[0], alpha=STRONGEST * share, lw=0
        )
    )
    text = f"{count:.0f}" if count == round(count) else f"{count:.1f}"
    ax.text(column, row, f"{text}\n{share:.0%}", ha="center", va="center")
