"""Small pairs of pictures, and small fusers that train in a second."""

import numpy as np
import pytest


@pytest.fixture
def pairs():
    """Four smooth pictures in two sequences that differ, eight bits, 32 x 40."""
    rng = np.random.default_rng(0)
    coarse = rng.random((4, 8, 10, 2))
    smooth = np.kron(coarse, np.ones((1, 4, 4, 1)))
    return np.rint(255 * smooth).astype(np.uint8)
