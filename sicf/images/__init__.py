"""Files to images, and image to image: read, find the region of interest, equalize, augment."""

from sicf.images._hist_equalize import HistEqualize
from sicf.images._mask_roi import MaskROI
from sicf.images._mri_augmenter import MRIAugmenter
from sicf.images._quadrant_roi import QuadrantROI
from sicf.images._read_images import ReadImages
from sicf.images._roi import boxes_to_mask
from sicf.images._roi_figure import plot_boxes

__all__ = [
    "HistEqualize",
    "MRIAugmenter",
    "MaskROI",
    "QuadrantROI",
    "ReadImages",
    "boxes_to_mask",
    "plot_boxes",
]
