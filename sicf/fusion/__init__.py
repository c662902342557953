"""Image-level fusion: co-registered sequences to one picture."""

__all__ = []
