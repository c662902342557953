"""Files to images, and image to image: read, find the region of interest, equalize, augment.

Every name is loaded when it is first asked for: who crops and equalizes does not pay for the
readers of files.
"""

from importlib import import_module

_HOMES = {
    "HistEqualize": "_hist_equalize",
    "MRIAugmenter": "_mri_augmenter",
    "MaskROI": "_mask_roi",
    "QuadrantROI": "_quadrant_roi",
    "ReadImages": "_read_images",
    "boxes_to_mask": "_roi",
    "plot_boxes": "_roi_figure",
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"sicf.images.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sicf.images' has no attribute {name!r}")


def __dir__():
    return __all__
