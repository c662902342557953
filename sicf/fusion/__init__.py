"""Image-level fusion: how good fused images are, and what the networks cost."""

from sicf.fusion._fusion_metrics import fusion_metrics

__all__ = ["fusion_metrics"]
