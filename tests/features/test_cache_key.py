"""What is part of a row's key, and what is not."""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from sicf import (
    HistEqualize,
    QuadrantROI,
    ReadImages,
    SIFTDescriptors,
    TorchEmbedder,
    VGG16Embedder,
)
from sicf.features import _cache_code
from sicf.features._cache_key import describe, digest_image, recipe, row_keys

SMALL = {"model": "squeezenet1_1", "layer": "features.2"}


def small(**parameters):
    return TorchEmbedder(**SMALL | parameters)


def reader(*columns):
    """Brings all onto the grid of T1, which may be the first or the second column."""
    X = pd.DataFrame([["a.npy", "b.npy"]], columns=columns)
    return ReadImages(resample_to="T1").fit(X)


@pytest.mark.parametrize(
    ("transformer", "other"),
    [
        (SIFTDescriptors(), SIFTDescriptors(n_jobs=2)),
        (small(), small(batch_size=2)),
        (small(), small(sequence_names=("T1",))),
        (small(), small(device="cpu")),
        (Pipeline([("a", HistEqualize())]), Pipeline([("b", HistEqualize())], verbose=True)),
        (Pipeline([("a", HistEqualize())]), Pipeline([("a", HistEqualize()), ("b", None)])),
    ],
    ids=["n_jobs", "batch_size", "sequence_names", "device", "names of steps", "passthrough"],
)
def test_what_changes_no_row_is_no_part(transformer, other, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert recipe(transformer) == recipe(other)


@pytest.mark.parametrize(
    ("transformer", "other"),
    [
        (SIFTDescriptors(), SIFTDescriptors(sigma=1.7)),
        (small(), small(layer="features.0")),
        (small(), small(random_state=1)),
        (small(), small(input_size=100)),
        (VGG16Embedder(weights=None), VGG16Embedder(weights=None, layer="fc6")),
        (VGG16Embedder(weights=None), TorchEmbedder("vgg16", "fc7")),
        (Pipeline([("a", HistEqualize()), ("b", QuadrantROI())]), Pipeline([("a", QuadrantROI())])),
        (
            FeatureUnion([("a", small())]),
            FeatureUnion([("a", small())], transformer_weights={"a": 2}),
        ),
        (HistEqualize(), HistEqualize().fit(np.zeros((1, 20, 20, 2)))),
        (reader("T1", "T2"), reader("T2", "T1")),
    ],
    ids=[
        "parameter",
        "layer",
        "seed",
        "size",
        "fc6",
        "class",
        "steps",
        "weights of streams",
        "channels seen",
        "columns seen",
    ],
)
def test_what_changes_rows_is_part(transformer, other):
    assert recipe(transformer) != recipe(other)


def test_device_counts_as_the_one_that_none_stands_for(monkeypatch):
    on_cpu = recipe(small())
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert recipe(small()) != on_cpu
    assert recipe(small(device="cpu")) == on_cpu


@pytest.mark.parametrize("known", [True, False])
def test_precision_counts_as_the_one_that_is_used(monkeypatch, known):
    monkeypatch.setattr("sicf.features._network_engine.computes_in", lambda *_: known)
    assert (recipe(small()) != recipe(small(dtype="bfloat16"))) == known


def test_weights_count_by_their_content_and_not_by_their_place(tmp_path):
    import torch
    from torchvision.models import squeezenet1_1

    network = squeezenet1_1()
    paths = [tmp_path / name for name in ("a.pth", "b.pth", "c.pth")]
    for path in paths[:2]:
        torch.save(network.state_dict(), path, _use_new_zipfile_serialization=False)
    torch.save(squeezenet1_1().state_dict(), paths[2])
    same, moved, other = (recipe(small(weights=path)) for path in paths)
    assert same == moved
    assert same != other
    assert same == recipe(small(weights=paths[0], random_state=5))


def test_code_of_sicf_is_part(monkeypatch):
    before = recipe(HistEqualize())
    monkeypatch.setattr("sicf.features._cache_key.code_of_sicf", lambda: "0" * 64)
    assert recipe(HistEqualize()) != before


def test_code_of_sicf_covers_what_computes_and_not_what_comes_after(tmp_path, monkeypatch):
    for name in ("_batch.py", "images/files/_deep.py", "features/_sift.py", "selection/_search.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.setattr(_cache_code, "HOUSE", tmp_path)
    fresh = _cache_code.code_of_sicf.__wrapped__
    seen = {fresh()}
    (tmp_path / "selection/_search.py").write_text("x = 1")
    assert fresh() in seen
    for name in ("_batch.py", "images/files/_deep.py", "features/_sift.py"):
        (tmp_path / name).write_text("x = 1")
        assert fresh() not in seen
        seen.add(fresh())


@pytest.fixture
def of_a_user(tmp_path, monkeypatch):
    """Write a module of the user's, and import it anew."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text):
        (tmp_path / "of_a_user.py").write_text(text)
        sys.modules.pop("of_a_user", None)
        importlib.invalidate_caches()
        return importlib.import_module("of_a_user")

    yield write
    sys.modules.pop("of_a_user", None)


FUNCTION = "def double(X):\n    return {} * X\n"
ESTIMATOR = """
from sklearn.base import BaseEstimator
class Base(BaseEstimator):
    factor = {}
    def fit(self, X, y=None): return self
    def transform(self, X): return self.factor * X
"""


def test_code_of_a_users_function_and_class_is_part(of_a_user):
    for text, make in [
        (FUNCTION, lambda module: FunctionTransformer(module.double)),
        (ESTIMATOR, lambda module: module.Base()),
        (ESTIMATOR, lambda module: type("Derived", (module.Base,), {})()),
    ]:
        first = recipe(make(of_a_user(text.format(2))))
        assert recipe(make(of_a_user(text.format(3)))) != first
        assert recipe(make(of_a_user(text.format(2)))) == first


class Choosy(BaseEstimator):
    def __init__(self, threads=1, table=None):
        self.threads = threads
        self.table = table

    def rows_depend_on(self):
        return {"table": self.table}


def test_estimator_says_itself_what_its_rows_depend_on():
    assert recipe(Choosy(threads=4)) == recipe(Choosy())
    assert recipe(Choosy(table=np.arange(3))) != recipe(Choosy(table=np.arange(4)))


def test_sets_have_no_order():
    assert describe({"b", "a", "c"}) == describe({"c", "b", "a"})


def test_arrays_of_objects_are_known_by_what_they_hold():
    texts = [describe(np.array(["a", word], object)) for word in ("b", "b", "c")]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    with pytest.raises(TypeError, match="must be numbers, text"):
        describe(np.array([object()]))


def test_keys_differ_by_recipe_and_by_content():
    digests = [digest_image(np.zeros((4, 4), dtype)) for dtype in ("u1", "i1", ">i2", "<i2")]
    digests.append(digest_image(np.zeros((2, 8), "u1")))
    keys = [*row_keys("one", digests), *row_keys("two", digests)]
    assert len(set(keys)) == 10
    assert {len(key) for key in keys} == {32}


def test_digest_sees_pixels_and_not_memory(rng):
    image = rng.random((20, 30, 3))
    before = digest_image(image)
    for same in (np.asfortranarray(image), np.dstack([image] * 2)[:, :, :3], image[::-1][::-1]):
        assert digest_image(same) == before
    image[7, 7, 1] = np.nextafter(image[7, 7, 1], 2)
    assert digest_image(image) != before
