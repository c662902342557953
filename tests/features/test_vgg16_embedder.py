import pickle

import numpy as np
import pytest
import torch

from sicf import CachedRows, VGG16Embedder
from sicf.features._vgg16_embedder import LAYERS


@pytest.fixture(scope="module")
def network():
    """torchvision's own VGG16, with weights that no seed of ours gives."""
    from torchvision.models import vgg16

    with torch.random.fork_rng():
        torch.manual_seed(11)
        network = vgg16().eval()
        for bias in (network.classifier[0].bias, network.classifier[3].bias):
            torch.nn.init.normal_(bias, 0, 0.1)
    return network


@pytest.fixture(scope="module")
def checkpoint(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "vgg16.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def X():
    return np.random.default_rng(0).integers(0, 256, size=(3, 150, 224), dtype=np.uint8)


@pytest.fixture(scope="module")
def expected(network, X):
    """torchvision's preprocessing without the crop, and its forward without the last layer."""
    from torchvision.transforms.v2 import functional as F

    pictures = torch.from_numpy(X)[:, None].expand(-1, 3, -1, -1).float() / 255
    pictures = F.resize(pictures, [224, 224], antialias=True)
    pictures = F.normalize(pictures, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    with torch.no_grad():
        pool5 = network.features(pictures)
        flat = network.avgpool(pool5).flatten(1)
        fc6 = network.classifier[:2](flat)
        fc7 = network.classifier[:5](flat)
    return {"pool5": pool5.mean(dim=(2, 3)).numpy(), "fc6": fc6.numpy(), "fc7": fc7.numpy()}


@pytest.mark.parametrize(
    ("layer", "batch_size"), [("fc7", 2), ("fc7", 16), ("fc6", 3), ("pool5", 1)]
)
def test_equals_torchvision_without_its_last_layer(checkpoint, X, expected, layer, batch_size):
    embedder = VGG16Embedder(weights=checkpoint, layer=layer, batch_size=batch_size)
    rows = embedder.fit_transform(X)
    assert rows.shape == (3, LAYERS[layer].width)
    largest = np.abs(expected[layer]).max(axis=1, keepdims=True)
    assert (largest > 0).all()
    assert (np.abs(rows - expected[layer]) <= 1e-5 * largest).all()


def test_seeded_initialisation_is_torchvisions_own(X):
    from torchvision.models import vgg16

    rows = VGG16Embedder(weights=None, layer="pool5", random_state=4).fit_transform(X[:1])
    with torch.random.fork_rng():
        torch.manual_seed(4)
        network = vgg16().eval()
    picture = torch.from_numpy(X[:1])[:, None].expand(-1, 3, -1, -1).float() / 255
    picture = torch.nn.functional.interpolate(picture, (224, 224), mode="bilinear", antialias=True)
    mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[..., None, None]
    with torch.no_grad():
        expected = network.features((picture - mean) / std).mean(dim=(2, 3)).numpy()
    np.testing.assert_allclose(rows, expected, atol=1e-5 * expected.max())


def test_pickle_holds_name_and_hash_but_no_weights(checkpoint, X):
    embedder = VGG16Embedder(weights=checkpoint, layer="pool5").fit(X)
    assert len(pickle.dumps(embedder)) < 5000
    assert len(embedder.weights_fingerprint_) == 64
    again = pickle.loads(pickle.dumps(embedder))
    np.testing.assert_array_equal(again.transform(X[:1]), embedder.transform(X[:1]))


def test_same_file_elsewhere_is_the_same_network_to_the_cache(checkpoint, X, tmp_path, monkeypatch):
    rows = CachedRows(VGG16Embedder(weights=checkpoint, layer="pool5"), tmp_path / "rows")
    expected = rows.fit_transform(X[:1])
    moved = tmp_path / "moved.pth"
    moved.symlink_to(checkpoint)
    monkeypatch.setattr(VGG16Embedder, "transform", None)
    again = CachedRows(VGG16Embedder(weights=moved, layer="pool5"), tmp_path / "rows")
    np.testing.assert_array_equal(again.fit_transform(X[:1]), expected)


def test_names_need_no_forward():
    names = VGG16Embedder(weights=None).get_feature_names_out()
    assert (names[0], names[-1], len(set(names))) == ("fc7_0000", "fc7_4095", 4096)


def test_unknown_layer_is_an_error(X):
    with pytest.raises(ValueError, match="layer must be one of.*Got 'fc8'"):
        VGG16Embedder(weights=None, layer="fc8").fit(X)
    with pytest.raises(ValueError, match="layer must be one of.*Got 'pool'"):
        VGG16Embedder(weights=None, layer="pool").get_feature_names_out()
