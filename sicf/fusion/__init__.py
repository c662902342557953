"""Image-level fusion: how good fused images are, and what the networks cost."""

from sicf.fusion._complexity_report import complexity_report
from sicf.fusion._detection_measures import detection_measures
from sicf.fusion._fusion_metrics import fusion_metrics
from sicf.fusion._segmentation_measures import segmentation_measures

__all__ = [
    "complexity_report",
    "detection_measures",
    "fusion_metrics",
    "segmentation_measures",
]
