"""Pictures to learn from: a user's folders and tables, public pairs to fuse, spinal phantoms."""

from sicf.datasets._load_fusion_pairs import load_fusion_pairs
from sicf.datasets._load_images import load_images
from sicf.datasets._load_slices import load_slices
from sicf.datasets._spine_phantoms import make_spine_phantoms

__all__ = ["load_fusion_pairs", "load_images", "load_slices", "make_spine_phantoms"]
