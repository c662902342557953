"""Image-level fusion: co-registered sequences to one picture."""

from sicf.fusion._densefuse import DenseFuse

__all__ = ["DenseFuse"]
