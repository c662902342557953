"""Why an image got its answer: contributions of the parts, and maps in the original picture."""

from sicf.explanation._explain import explain
from sicf.explanation._explanation import Explanation
from sicf.explanation._image_explanation import ImageExplanation

__all__ = ["Explanation", "ImageExplanation", "explain"]
