"""Classifiers of images and of patients: a network, and votes of members and of pairs of planes."""

from sicf.classification._iterative_majority_voting import IterativeMajorityVoting
from sicf.classification._paired_plane_bagger import PairedPlaneBagger
from sicf.classification._resnet_st_classifier import ResNetSTClassifier

__all__ = ["IterativeMajorityVoting", "PairedPlaneBagger", "ResNetSTClassifier"]
