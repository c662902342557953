import numpy as np
import pytest
import torch

from sicf import TorchEmbedder, TrainingRecipe
from sicf._batch import check_images
from sicf.explanation._network_map import network_maps
from sicf.features._network import _networks
from sicf.features._network_pictures import NetworkPictures
from tests.explanation.conftest import network, small

WEIGHTS = np.linspace(-1, 2, 10)


def by_hand(planes, weights, cam):
    """Autograd through the whole of a second copy of the network, one picture."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        copy = small().eval()
    picture = NetworkPictures(check_images([planes]), 24, False).tensor(0, 1)
    features = copy.second(torch.relu(copy.first(picture))).relu()
    features.retain_grad()
    score = copy.head(copy.pool(features).flatten(1))[0] @ torch.tensor(weights).float()
    score.backward()
    gradient = features.grad
    if cam == "grad":
        gradient = gradient.mean(dim=(2, 3), keepdim=True)
    return (gradient * features)[0].sum(dim=0).detach().numpy()


@pytest.mark.parametrize("cam", ["grad", "hires"])
def test_map_is_that_of_autograd_by_hand(rng, cam):
    image = rng.integers(0, 256, (40, 30), np.uint8)
    embedder = network().fit(image[np.newaxis])
    (found,) = network_maps(embedder, image, WEIGHTS, cam)
    np.testing.assert_allclose(found, by_hand(image, WEIGHTS, cam), rtol=1e-3, atol=1e-6)


def test_sequences_share_a_mean_and_have_their_own_by_concat(rng):
    image = rng.integers(0, 256, (40, 30, 2), np.uint8)
    mean = network_maps(network().fit([image]), image, WEIGHTS, "grad")
    concat = network(fuse_sequences="concat").fit([image])
    maps = network_maps(concat, image, np.r_[WEIGHTS, 0 * WEIGHTS], "grad")
    np.testing.assert_allclose(maps[0], 2 * mean[0], rtol=1e-4, atol=1e-6)
    assert not maps[1].any()


def test_by_max_only_the_highest_sequence_is_credited(rng):
    image = rng.integers(0, 256, (40, 30, 2), np.uint8)
    each = network(fuse_sequences="concat").fit([image]).transform([image]).reshape(2, 10)
    weights = np.zeros(10)
    weights[4] = 1.0
    maps = network_maps(network(fuse_sequences="max").fit([image]), image, weights, "grad")
    credited = [bool(plane.any()) for plane in maps]
    assert credited == [m == each[:, 4].argmax() for m in range(2)]


def test_equal_sequences_share_their_map(rng):
    plane = rng.integers(0, 256, (40, 30), np.uint8)
    alone = network_maps(network().fit([plane]), plane, WEIGHTS, "grad")
    image = np.stack([plane, plane], axis=-1)
    maps = network_maps(network().fit([image]), image, WEIGHTS, "grad")
    np.testing.assert_allclose(maps.sum(axis=0), alone[0], rtol=1e-4, atol=1e-6)


def test_rgb_has_one_map(rng):
    image = rng.integers(0, 256, (40, 30, 3), np.uint8)
    maps = network_maps(network(fuse_sequences="rgb").fit([image]), image, WEIGHTS, "grad")
    assert maps.shape == (1, 12, 12)


def test_map_behind_a_residual_sum_and_before_the_pooling(rng):
    image = rng.integers(0, 256, (64, 64), np.uint8)
    resnet = TorchEmbedder("resnet18", "avgpool", input_size=64).fit([image])
    assert network_maps(resnet, image, np.ones(512), "grad").shape == (1, 2, 2)
    # With mean pooling, a weight of 1 for one channel gives back that channel's activations.
    weights = np.zeros(512)
    weights[7] = 1.0
    (found,) = network_maps(resnet, image, weights, "hires")
    assert found.sum() == pytest.approx(resnet.transform([image])[0, 7], rel=1e-4)


def test_a_network_without_convolutional_map_has_none(rng):
    image = rng.integers(0, 256, (40, 30), np.uint8)
    embedder = TorchEmbedder(flat, "1", input_size=16).fit([image])
    assert network_maps(embedder, image, np.ones(4), "grad") is None


def flat():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768, 4))


def test_map_of_a_network_that_has_learnt_is_that_of_what_it_learnt(rng):
    """Also where nothing has embedded by it yet in this process, and it leaves no other behind."""
    X, y = rng.integers(0, 256, (12, 40, 30), np.uint8), np.arange(12) % 2
    recipe = TrainingRecipe(epochs=1, learning_rate=0.05)
    learnt = network(fine_tune="all", training=recipe, random_state=0).fit(X, y)
    rows = learnt.transform(X[:1])
    (expected,) = network_maps(learnt, X[0], WEIGHTS, "grad")
    _networks.clear()
    (found,) = network_maps(learnt, X[0], WEIGHTS, "grad")
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(learnt.transform(X[:1]), rows)
    (frozen,) = network_maps(network().fit(X), X[0], WEIGHTS, "grad")
    assert not np.allclose(found, frozen)
