"""Attributes that leave as text and columns, and come back as they were."""

import copy
import pickle
from pathlib import Path

import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from torchvision.models import ResNet18_Weights

from sicf._plain_state import PlainState


class Holder(PlainState, BaseEstimator):
    def __init__(self, path=None, weights=None):
        self.path = path
        self.weights = weights


@pytest.fixture
def holder():
    holder = Holder(Path("a") / "b", ResNet18_Weights.IMAGENET1K_V1)
    holder.table_ = pd.DataFrame({"size": [3, 4], "score": [0.5, float("nan")]})
    holder.kept_ = {"path": Path("c")}
    return holder


def test_state_is_plain(holder):
    state = holder.__getstate__()
    assert state["path"] == str(Path("a") / "b")
    assert state["weights"] == "ResNet18_Weights.IMAGENET1K_V1"
    assert {name: column.tolist() for name, column in state["table_"].items()}["size"] == [3, 4]
    assert isinstance(holder.path, Path)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda held: pickle.loads(pickle.dumps(held))])
def test_what_comes_back_is_what_it_was(again, holder):
    back = again(holder)
    assert vars(back).keys() == vars(holder).keys()
    assert back.path == holder.path
    assert back.weights is holder.weights
    pd.testing.assert_frame_equal(back.table_, holder.table_)
    assert back.kept_ == holder.kept_


def test_plain_attributes_are_left_alone():
    assert Holder("a", None).__getstate__() == {"path": "a", "weights": None}


def test_state_of_an_earlier_version_is_taken():
    back = Holder.__new__(Holder)
    back.__setstate__({"path": "a", "weights": None})
    assert vars(back) == {"path": "a", "weights": None}
