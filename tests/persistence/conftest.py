"""Small fitted pipelines, and a file to alter."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import RandomColumns


@pytest.fixture(scope="session")
def iris():
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)


@pytest.fixture(scope="session")
def forest(iris):
    """Four columns, two of them selected, three small trees."""
    X, y = iris
    forest = RandomForestClassifier(3, max_depth=3, random_state=0)
    return make_pipeline(RandomColumns(2, random_state=0), forest).fit(X, y)


@pytest.fixture(scope="session")
def pictures():
    """Eight smooth random pictures in two sequences, 16 bits, of two classes."""
    rng = np.random.default_rng(0)
    coarse = np.kron(rng.random((8, 16, 16, 2)), np.ones((1, 4, 4, 1)))
    return (coarse * 4000 + rng.random((8, 64, 64, 2))).astype(np.uint16), np.arange(8) % 2
