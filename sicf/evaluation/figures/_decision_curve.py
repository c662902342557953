"""Decision curves: what acting on an answer is worth."""

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
from sicf.evaluation.statistics import net_benefit

THRESHOLDS = np.linspace(0.01, 0.99, 99)
MARGIN = 0.05


def plot_decision_curve(evaluation, name=None, *, ax=None):
    """Draw net benefit against the threshold: by the model, treating all, treating none.

    Parameters
    ----------
    evaluation : Evaluation
    name : str, default=None
        The estimator; may be left out where there is one.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        The scores are no probabilities.

    Notes
    -----
    The threshold is the probability from which one would treat; it says how many false alarms one
    case found is worth [1]_. Bands are pointwise, over patients. With several classes each is
    treated against the rest.

    References
    ----------
    .. [1] Vickers and Elkin (2006), Decision curve analysis: a novel method for evaluating
       prediction models, Med. Decis. Making 26, 565-574. :doi:`10.1177/0272989X06295361`
    """
    answers = Answers(evaluation, name)
    answers.need_probabilities("A decision curve")
    names, colors = class_labels(evaluation.classes), class_colors(len(evaluation.classes))
    ax = new_axes(ax, with_names(5.6, 4.3, [names[k] for k in answers.shown]))
    lines, labels, highest = [], [], 0
    for k in answers.shown:
        drawn, everybody = _benefits(answers, k, answers.once)[0]
        band(ax, THRESHOLDS, *answers.limits(_benefits(answers, k)[:, 0]), colors[k])
        lines += ax.plot(THRESHOLDS, drawn, color=colors[k], linewidth=2)
        labels.append(names[k])
        ax.plot(THRESHOLDS, everybody, color=colors[k], linewidth=1, linestyle="--")
        highest = max(highest, drawn.max(), everybody[0])
    # One sample of the dashes for all classes: their lines have the colours of the model's.
    lines += ax.plot([], [], color=REFERENCE, linewidth=1, linestyle="--")
    lines += ax.plot([0, 1], [0, 0], color=REFERENCE, linewidth=1)
    ax.set(
        xlabel="threshold probability",
        ylabel="net benefit",
        title=f"Decision curve, {answers.against}, {answers.origin}",
        xlim=(0, 1),
        ylim=(-MARGIN, highest + MARGIN),
    )
    return finish(ax, lines, [*labels, "treat all", "treat none"], None)


def _benefits(answers, k, draws=None):
    """Net benefit of the model and of treating all: an array of shape (B, 2, thresholds)."""

    def both(repeat, weights):
        is_class = repeat.target == k
        said = repeat.scores[:, k], np.ones(len(is_class))
        return np.stack([net_benefit(is_class, each, THRESHOLDS, weights) for each in said], axis=1)

    return answers.over(both, draws)
