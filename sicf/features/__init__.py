"""Image to row of numbers: visual words, deep embeddings, texture, their union, the row cache."""

from sicf.features._cached_rows import CachedRows
from sicf.features._cosine_recipe import CosineRecipe
from sicf.features._dwt_features import DWTFeatures
from sicf.features._glcm_features import GLCMFeatures
from sicf.features._lbp_features import LBPFeatures
from sicf.features._network_weights import WeightsUnavailableError
from sicf.features._patch_deep_features import PatchDeepFeatures
from sicf.features._row_store import RowCacheWarning
from sicf.features._sicf import SICF
from sicf.features._sift_bovw import SIFTBoVW
from sicf.features._sift_descriptors import SIFTDescriptors
from sicf.features._thumbnail_features import ThumbnailFeatures
from sicf.features._torch_embedder import TorchEmbedder
from sicf.features._training_recipe import TrainingRecipe
from sicf.features._vgg16_embedder import VGG16Embedder
from sicf.features._visual_words import NoKeypointsWarning, VisualWords

__all__ = [
    "SICF",
    "CachedRows",
    "CosineRecipe",
    "DWTFeatures",
    "GLCMFeatures",
    "LBPFeatures",
    "NoKeypointsWarning",
    "PatchDeepFeatures",
    "RowCacheWarning",
    "SIFTBoVW",
    "SIFTDescriptors",
    "ThumbnailFeatures",
    "TorchEmbedder",
    "TrainingRecipe",
    "VGG16Embedder",
    "VisualWords",
    "WeightsUnavailableError",
]
