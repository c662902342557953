"""Figures of an evaluation; they need matplotlib, which is loaded when the first is drawn."""

from sicf.evaluation.figures._calibration import plot_calibration
from sicf.evaluation.figures._confusion import plot_confusion
from sicf.evaluation.figures._decision_curve import plot_decision_curve
from sicf.evaluation.figures._forest_plot import plot_forest
from sicf.evaluation.figures._pr import plot_pr
from sicf.evaluation.figures._roc import plot_roc

__all__ = [
    "plot_calibration",
    "plot_confusion",
    "plot_decision_curve",
    "plot_forest",
    "plot_pr",
    "plot_roc",
]
