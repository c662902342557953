"""Why an image got its answer: contributions of the parts, and maps in the original picture."""

from sicf.explanation._calibrate import calibrate
from sicf.explanation._explain import explain
from sicf.explanation._explanation import Explanation
from sicf.explanation._image_explanation import ImageExplanation
from sicf.explanation._importances_by_part import importances_by_part
from sicf.explanation._selection_stability import Stability, selection_stability

__all__ = [
    "Explanation",
    "ImageExplanation",
    "Stability",
    "calibrate",
    "explain",
    "importances_by_part",
    "selection_stability",
]
