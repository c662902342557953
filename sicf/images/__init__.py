"""Image to image: locate the region of interest, crop, equalize."""

from sicf.images._hist_equalize import HistEqualize

__all__ = ["HistEqualize"]
