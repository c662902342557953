"""Fixtures that several rooms share: the folder of real MR files, and small pictures."""

import os
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def data_folder():
    """Folder of real MR files, named by the environment variable SICF_DATA."""
    folder = os.environ.get("SICF_DATA")
    if not folder:
        pytest.skip("SICF_DATA names no folder of real MR files")
    if not Path(folder).is_dir():
        pytest.skip(f"SICF_DATA names {folder!r}, which is no folder")
    return Path(folder)


@pytest.fixture(autouse=True)
def _figures_are_closed():
    """What one test has drawn is none of the next one's."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def rng():
    return np.random.default_rng(0)
