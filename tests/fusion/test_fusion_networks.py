"""The four networks: counts of parameters as published, sizes, and what each must not do."""

import pytest
import torch

from sicf.fusion._densefuse_network import DenseFuseNetwork
from sicf.fusion._fusiongan_networks import FusionGANDiscriminator, FusionGANGenerator
from sicf.fusion._medfusiongan_networks import MedFusionGANDiscriminator, MedFusionGANGenerator
from sicf.fusion._tsjnet_network import TSJNetNetwork

SMALL_TSJNET = {"width": 16, "depths": (1, 1), "window": 3}


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.fixture(scope="module")
def tsjnet():
    with torch.device("meta"):
        return TSJNetNetwork().eval()


@pytest.mark.parametrize(
    ("network", "parameters"),
    [
        (DenseFuseNetwork, 74_193),
        (FusionGANGenerator, 925_633),
        (FusionGANDiscriminator, 397_953),
        (MedFusionGANGenerator, 55_900_229),
        (MedFusionGANDiscriminator, 2_764_609),
    ],
)
def test_full_width_has_the_published_count(network, parameters):
    with torch.device("meta"):
        assert count(network()) == parameters


@pytest.mark.parametrize(
    ("part", "parameters"),
    [
        ("encoder", 22_739_465),
        ("decoder", 1_946_248),
        ("base", 20_307_494),
        ("detail", 139_848),
    ],
)
def test_tsjnet_parts_have_the_published_counts(tsjnet, part, parameters):
    assert count(tsjnet.get_submodule(part)) == parameters


def test_tsjnet_has_as_many_unused_parameters_as_the_published_one():
    network = TSJNetNetwork(width=16, depths=(1,), window=3).eval()
    picture = torch.rand(1, 1, 16, 16)
    named = dict(network.named_parameters())
    output = sum(part.sum() for part in network(picture, picture))
    gradients = torch.autograd.grad(output, list(named.values()), allow_unused=True)
    unused = {n for n, gradient in zip(named, gradients, strict=True) if gradient is None}
    assert unused == {name for name in named if ".unused." in name}


def test_tsjnet_unused_parameters_number_17040(tsjnet):
    assert sum(p.numel() for n, p in tsjnet.named_parameters() if ".unused." in n) == 17_040


def test_full_size_outputs(tsjnet):
    with torch.device("meta"):
        picture = torch.zeros(1, 1, 224, 224)
        assert [part.shape[1:] for part in tsjnet(picture, picture)] == [
            *[(1, 224, 224)] * 3,
            (8, 224, 224),
        ]
        square = torch.zeros(2, 1, 256, 256)
        assert MedFusionGANGenerator()(square, square).shape == (2, 1, 256, 256)
        assert MedFusionGANDiscriminator()(square, square).shape == (2, 1, 26, 26)
        patch = torch.zeros(2, 1, 132, 132)
        assert FusionGANGenerator()(patch, patch).shape == (2, 1, 120, 120)
        assert FusionGANDiscriminator()(patch[..., 6:-6, 6:-6]).shape == (2, 1)


@pytest.mark.parametrize(
    "network",
    [
        DenseFuseNetwork(4),
        FusionGANGenerator(8),
        MedFusionGANGenerator(4, n_down=1),
        TSJNetNetwork(**SMALL_TSJNET),
    ],
    ids=lambda network: type(network).__name__,
)
def test_fusing_keeps_size_and_range(network):
    first, second = torch.rand(2, 2, 1, 32, 48)
    fused = network.eval().fuse(first, second)
    assert fused.shape == first.shape
    assert fused.min() >= 0
    assert fused.max() <= 1


@pytest.mark.parametrize("strategy", ["max", "l1", "mean"])
def test_densefuse_of_a_pair_of_one_picture_is_its_reconstruction(strategy):
    network = DenseFuseNetwork(8, strategy).eval()
    picture = torch.rand(1, 1, 20, 30)
    fused, again = network.fuse(picture, picture), network.reconstruct(picture)
    torch.testing.assert_close(fused, again.clamp(0, 1))


def test_densefuse_l1_weighs_by_mean_activity():
    network = DenseFuseNetwork(strategy="l1", l1_window=3)
    first, second = torch.zeros(2, 1, 2, 5, 5)
    first[0, 0, 2, 2], second[0, 1, 2, 2] = -3.0, 1.0
    joined = network._join(first, second)
    # Activities are 3 and 1 over nine places each, so their shares are 3/4 and 1/4.
    assert joined[0, 0, 2, 2] == pytest.approx(0.75 * -3)
    assert joined[0, 1, 2, 2] == pytest.approx(0.25)
    assert joined.isfinite().all()


def test_densefuse_max_takes_the_more_active_picture():
    network = DenseFuseNetwork(strategy="max", l1_window=1)
    first, second = torch.tensor([[3.0, -1.0], [0.0, -4.0]]).reshape(2, 1, 1, 1, 2)
    assert network._join(first, second).flatten().tolist() == [3, -4]


def test_densefuse_sum_adds_encodings():
    first, second = torch.rand(2, 1, 4, 3, 3)
    assert torch.equal(DenseFuseNetwork(strategy="sum")._join(first, second), first + second)


def test_fusiongan_roles_change_places():
    torch.manual_seed(0)
    network = FusionGANGenerator(8).eval()
    first, second = torch.rand(2, 1, 1, 20, 20)
    as_it_is = network(first, second)
    network.intensity_source = 1
    torch.testing.assert_close(network(second, first), as_it_is)


def test_fusiongan_weights_have_spectral_norm_one():
    torch.manual_seed(0)
    for network in (FusionGANGenerator(16), FusionGANDiscriminator(16, side=40)):
        kernels = [
            layer.weight.detach().flatten(1)
            for layer in network.modules()
            if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear))
        ]
        assert len(kernels) == 5
        for kernel in kernels:
            # Power iteration comes near the norm from below.
            assert float(torch.linalg.matrix_norm(kernel, 2)) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("network", "sides", "message"),
    [
        (MedFusionGANGenerator(4, n_down=1), (32, 36), "multiples of 8. Got .32, 36."),
        (TSJNetNetwork(**SMALL_TSJNET), (32, 36), "multiples of 8 and at least 24. Got .32, 36."),
        (TSJNetNetwork(**SMALL_TSJNET), (16, 32), "multiples of 8 and at least 24. Got .16, 32."),
    ],
)
def test_sizes_that_a_network_cannot_take_are_named(network, sides, message):
    picture = torch.zeros(1, 1, *sides)
    with pytest.raises(ValueError, match=message):
        network.fuse(picture, picture)
