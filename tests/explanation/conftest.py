"""A small network, small pictures with a bright spot, and pipelines fitted to them."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import FeatureUnion, Pipeline

from sicf import HistEqualize, SIFTBoVW, TorchEmbedder

CALLS = []
SIDE = 48


class Small(torch.nn.Module):
    """Two convolutions with an in-place ReLU, a pooling and a head."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.second = torch.nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.act = torch.nn.ReLU(inplace=True)
        self.pool = torch.nn.AdaptiveAvgPool2d(3)
        self.head = torch.nn.Linear(72, 10)

    def forward(self, pictures):
        CALLS.append(len(pictures))
        features = self.pool(self.act(self.second(torch.relu(self.first(pictures)))))
        return self.head(features.flatten(1))


def small():
    return Small()


def network(**parameters):
    return TorchEmbedder(small, "head", input_size=24, **parameters)


def union(fuse="mean", names=None, mask=None):
    shared = {"fuse_sequences": fuse, "sequence_names": names, "mask": mask}
    sift = SIFTBoVW(12, random_state=0, **shared)
    return FeatureUnion([("sift", sift), ("net", network(**shared))])


def chain(features, *, k=14, before=(), forest=None):
    """Image steps, features, a selector and a forest."""
    steps = [*before, ("equalize", HistEqualize()), ("features", features)]
    if k is not None:
        steps.append(("selector", SelectKBest(k=k)))
    return Pipeline([*steps, ("forest", forest or RandomForestClassifier(15, random_state=0))])


@pytest.fixture
def pictures(rng):
    """24 pictures of two sequences and three classes, which differ in where a spot lies."""
    X = rng.integers(0, 120, (24, SIDE, SIDE, 2), dtype=np.uint8)
    y = np.arange(24) % 3
    for image, kind in zip(X, y, strict=True):
        image[8 + 10 * kind : 18 + 10 * kind, 10:20] += 120
    return X, np.array(["a", "b", "c"])[y]
