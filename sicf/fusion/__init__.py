"""Image-level fusion: co-registered sequences to one picture."""

from sicf.fusion._densefuse import DenseFuse
from sicf.fusion._fusiongan import FusionGAN
from sicf.fusion._medfusiongan import MedFusionGAN
from sicf.fusion._task_losses import SemanticLoss, TargetLoss
from sicf.fusion._tsjnet import TSJNet

__all__ = ["DenseFuse", "FusionGAN", "MedFusionGAN", "SemanticLoss", "TSJNet", "TargetLoss"]
