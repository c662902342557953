"""Scale-invariant convolutional fusion (SICF) for MR images, as scikit-learn estimators.

One picture travels one way: region of interest, contrast, features, selection, forest. Every name
below is loaded when it is first asked for, so `import sicf` costs next to nothing.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "AugmentedFit": "_augmented_fit",
    "BorutaSelector": "selection",
    "CachedRows": "features",
    "CosineRecipe": "features",
    "DWTFeatures": "features",
    "DenseFuse": "fusion",
    "DiagonalNCA": "selection",
    "Evaluation": "evaluation",
    "EvaluationWarning": "evaluation",
    "Explanation": "explanation",
    "FusionGAN": "fusion",
    "GLCMFeatures": "features",
    "HistEqualize": "images",
    "ImageExplanation": "explanation",
    "IterativeMajorityVoting": "classification",
    "LBPFeatures": "features",
    "LeaveOneSiteOut": "evaluation",
    "LyrebirdSearchCV": "selection",
    "LyrebirdSelector": "selection",
    "MRIAugmenter": "images",
    "MaskROI": "images",
    "MedFusionGAN": "fusion",
    "NoKeypointsWarning": "features",
    "PairedPlaneBagger": "classification",
    "PaperHoldOut": "evaluation",
    "PatchDeepFeatures": "features",
    "PersistenceError": "persistence",
    "PersistenceWarning": "persistence",
    "QuadrantROI": "images",
    "RandomColumns": "selection",
    "ReadImages": "images",
    "ReliefF": "selection",
    "RepeatedFolds": "evaluation",
    "ResNetSTClassifier": "classification",
    "RowCacheWarning": "features",
    "SICF": "features",
    "SIFTBoVW": "features",
    "SIFTDescriptors": "features",
    "SemanticLoss": "fusion",
    "TSJNet": "fusion",
    "TargetLoss": "fusion",
    "ThumbnailFeatures": "features",
    "TorchEmbedder": "features",
    "TrainingRecipe": "features",
    "VGG16Embedder": "features",
    "VisualWords": "features",
    "WeightsUnavailableError": "features",
    "boxes_to_mask": "images",
    "calibrate": "explanation",
    "complexity_report": "fusion",
    "confusion_feasible": "evaluation",
    "detection_measures": "fusion",
    "evaluate": "evaluation",
    "evaluation_from_scores": "evaluation",
    "explain": "explanation",
    "fusion_metrics": "fusion",
    "importances_by_part": "explanation",
    "knn_study": "evaluation",
    "load": "persistence",
    "load_evaluation": "evaluation",
    "load_fusion_pairs": "datasets",
    "load_images": "datasets",
    "load_slices": "datasets",
    "lyrebird_minimize": "selection",
    "make_bgnet": "_bgnet",
    "make_dwt_svm": "_rivals",
    "make_glcm_rbf": "_rivals",
    "make_lbp_svm": "_rivals",
    "make_patch_resnet": "_patch_resnet",
    "make_sicf": "_pipelines",
    "make_sicf_lorf": "_pipelines",
    "make_sicf_variant": "_variants",
    "make_spine_phantoms": "datasets",
    "make_thumbnail_forest": "_variants",
    "published_tables": "evaluation",
    "save": "persistence",
    "segmentation_measures": "fusion",
    "selection_stability": "explanation",
    "trusted_types": "persistence",
}
_ROOMS = (
    "classification",
    "datasets",
    "evaluation",
    "explanation",
    "features",
    "fusion",
    "images",
    "persistence",
    "selection",
)

__all__ = sorted([*_HOMES, *_ROOMS])


def __getattr__(name):
    if name in _ROOMS:
        return import_module(f"sicf.{name}")
    if name in _HOMES:
        return getattr(import_module(f"sicf.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sicf' has no attribute {name!r}")


def __dir__():
    return sorted([*__all__, "__version__"])
