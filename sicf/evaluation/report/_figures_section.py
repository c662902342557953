"""The figures of every estimator."""

from functools import partial

from sicf.evaluation import figures
from sicf.evaluation.report._figure_svg import draw_svg
from sicf.evaluation.report._html import Section, element, join

OF_SCORES = (
    ("ROC", figures.plot_roc, (5.2, 4.8)),
    ("Precision and recall", figures.plot_pr, (5.2, 4.8)),
    ("Confusion", figures.plot_confusion, (5.2, 4.8)),
)
OF_PROBABILITIES = (
    ("Calibration", figures.plot_calibration, (5.2, 5.4)),
    ("Decision curve", figures.plot_decision_curve, (5.2, 4.8)),
)
OF_ALL = ("AUC", "balanced accuracy")
FOREST_WIDTH = 5.2


def figures_section(evaluation):
    """Forest plots of all estimators, and the curves of each.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    Section
    """
    parts = [
        element("h3", "All estimators"),
        element("div", *_forests(evaluation), class_="figures"),
    ]
    for number, name in enumerate(evaluation.scores):
        probable = evaluation.is_probability[name]
        kinds = OF_SCORES + (OF_PROBABILITIES if probable else ())
        drawn = [
            _figure(partial(plot, evaluation, name), size, f"{kind}: {name}", f"f{number}-{at}")
            for at, (kind, plot, size) in enumerate(kinds)
        ]
        parts += [element("h3", name), element("div", *drawn, class_="figures")]
        if not probable:
            told = (
                "Its scores are values of a decision function, no probabilities: it has no "
                "calibration and no decision curve."
            )
            parts.append(element("p", told, class_="soft"))
    return Section("figures", "Figures", join(parts))


def _forests(evaluation):
    size = FOREST_WIDTH, 1.3 + 0.34 * len(evaluation.scores)
    for at, metric in enumerate(OF_ALL):
        draw = partial(figures.plot_forest, evaluation, metric)
        yield _figure(draw, size, f"{metric} of all estimators", f"all-{at}")


def _figure(draw, size, label, prefix):
    picture = draw_svg(draw, size, label, prefix)
    return element("figure", picture, element("figcaption", label))
