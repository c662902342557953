import pickle
import sys

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import clone

from sicf import TorchEmbedder, VGG16Embedder
from sicf.features import _openvino_network

SMALL = {"model": "squeezenet1_1", "layer": "features.2", "input_size": 32}


@pytest.fixture
def openvino():
    _openvino_network._compiled.clear()
    return pytest.importorskip("openvino")


@pytest.fixture
def X(rng):
    return rng.integers(0, 256, size=(5, 40, 36, 2), dtype=np.uint8)


def embedder(**parameters):
    return TorchEmbedder(**(SMALL | {"backend": "openvino"} | parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"layer": "features.0"},
        {"pool": None, "fuse_sequences": "concat"},
        {"model": "resnet18", "layer": "layer1.0.conv1"},
        {"model": "vit_b_16", "layer": "encoder.layers.encoder_layer_0.ln_1", "pool": None}
        | {"input_size": 224},
    ],
    ids=["pooled", "before a ReLU in place", "flat", "inside a block", "transformer"],
)
def test_rows_are_those_of_torch(openvino, X, parameters):
    expected = embedder(backend="torch", **parameters).fit_transform(X[:2])
    rows = embedder(**parameters).fit_transform(X[:2])
    assert rows.dtype == np.float32
    assert np.abs(rows - expected).max() < 1e-5 * np.abs(expected).max()


def test_vgg16_has_the_backend_too(openvino, X):
    expected, rows = (
        VGG16Embedder(weights=None, layer="pool5", backend=backend).fit_transform(X[:1])
        for backend in ("torch", "openvino")
    )
    assert np.abs(rows - expected).max() < 1e-5 * expected.max()


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_one_compilation_serves_batches_of_any_size(openvino, X, batch_size, monkeypatch):
    expected = embedder().fit_transform(X)
    monkeypatch.setattr(_openvino_network, "_compile", None)
    rows = embedder(batch_size=batch_size).fit_transform(X)
    np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-6)


def test_clone_and_pickle_find_the_network_again(openvino, X):
    fitted = embedder().fit(X)
    expected = fitted.transform(X)
    for other in (pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(X)):
        np.testing.assert_array_equal(other.transform(X), expected)
    assert len(pickle.dumps(fitted)) < 5000


def test_names_and_another_seed(openvino, X):
    assert embedder().get_feature_names_out()[-1] == "features.2_63"
    rows, others = (embedder(random_state=seed).fit_transform(X) for seed in (0, 1))
    assert not np.allclose(rows, others, atol=1e-3)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_give_the_same_rows(openvino, X, backend):
    expected = embedder().fit_transform(X)
    for rows in Parallel(2, backend=backend)(delayed(embedder().fit_transform)(X) for _ in "ab"):
        np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-6)


def test_one_thread_for_each_batch_in_workers_and_torchs_number_elsewhere(openvino):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert _openvino_network._threads() == (3, 1)
    finally:
        torch.set_num_threads(before)
    jobs = (delayed(_openvino_network._threads)() for _ in range(2))
    for threads, streams in Parallel(2, backend="threading")(jobs):
        assert threads == streams


def test_bfloat16_is_hinted_and_stays_close(openvino, X, monkeypatch):
    rows = embedder().fit_transform(X)
    monkeypatch.setattr("sicf.features._network_engine.openvino_computes_in", lambda dtype: True)
    close = embedder(dtype="bfloat16").fit_transform(X)
    assert close.dtype == np.float32
    np.testing.assert_allclose(close, rows, atol=0.05 * np.abs(rows).max())


def test_precision_that_the_processor_lacks_is_said_in_fit(openvino, X, monkeypatch):
    monkeypatch.setattr(
        "sicf.features._network_engine.openvino_computes_in", lambda dtype: dtype == "float32"
    )
    with pytest.warns(UserWarning, match="does not compute in bfloat16; .* runs in float32"):
        rows = embedder(dtype="bfloat16").fit(X).transform(X)
    np.testing.assert_array_equal(rows, embedder().fit_transform(X))


def test_layer_that_is_not_there_is_named(openvino, X):
    with pytest.raises(ValueError, match="Got 'features.99' instead; near: features"):
        embedder(layer="features.99").fit_transform(X)


@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_another_device_is_an_error(openvino, X, device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match=f"device must be None or 'cpu'. Got '{device}' instead"):
        embedder(device=device).fit(X)


def test_unknown_backend_is_an_error(X):
    with pytest.raises(ValueError, match="backend must be one of.*Got 'onnx' instead"):
        embedder(backend="onnx").fit(X)


def test_openvino_that_is_not_installed_is_said_with_advice(X, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ImportError, match=r"pip install 'sicf\[openvino\]', or set backend"):
        embedder().fit(X)
