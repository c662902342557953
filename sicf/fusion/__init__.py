"""Image-level fusion: co-registered sequences to one picture, and how good such pictures are."""

from sicf.fusion._complexity_report import complexity_report
from sicf.fusion._densefuse import DenseFuse
from sicf.fusion._detection_measures import detection_measures
from sicf.fusion._fusion_metrics import fusion_metrics
from sicf.fusion._fusiongan import FusionGAN
from sicf.fusion._medfusiongan import MedFusionGAN
from sicf.fusion._segmentation_measures import segmentation_measures
from sicf.fusion._task_losses import SemanticLoss, TargetLoss
from sicf.fusion._tsjnet import TSJNet

__all__ = [
    "DenseFuse",
    "FusionGAN",
    "MedFusionGAN",
    "SemanticLoss",
    "TSJNet",
    "TargetLoss",
    "complexity_report",
    "detection_measures",
    "fusion_metrics",
    "segmentation_measures",
]
