import math

import pytest
import torch
import torchvision
from torch import nn

from sicf import FusionGAN, complexity_report

COLUMNS = ["parameters", "trainable", "GMAC", "ms", "ms_lowest", "ms_highest", "device", "threads"]


class Pair(nn.Module):
    """Takes two images, as networks of fusion do."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 8, 3, padding=1)
        self.last = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)

    def forward(self, one, other):
        return self.last(torch.relu(self.first(torch.cat([one, other], dim=1))))


def on_meta(build):
    with torch.device("meta"):
        return build()


def vgg16_to_fc7():
    network = torchvision.models.vgg16()
    network.classifier = network.classifier[:5]
    return network


@pytest.mark.parametrize(
    ("build", "parameters", "gmac"),
    [
        (vgg16_to_fc7, 134_260_544, 15.466),
        (torchvision.models.resnet50, 25_557_032, 4.089),
    ],
)
def test_networks_whose_figures_are_known(build, parameters, gmac):
    report = complexity_report(on_meta(build), (3, 224, 224))
    row = report.iloc[0]
    assert row["parameters"] == row["trainable"] == parameters
    assert row["GMAC"] == pytest.approx(gmac, abs=5e-4)
    assert row["device"] == "meta"
    assert math.isnan(row["ms"])
    assert math.isnan(row["threads"])


def test_convolutions_counted_by_hand():
    first = 20 * 30 * 8 * 2 * 9
    last = 20 * 30 * 8 * 1 * 16
    for batch_size in (1, 3):
        report = complexity_report(
            Pair(), [(1, 20, 30), (1, 20, 30)], batch_size=batch_size, repeats=0
        )
        assert report.loc["Pair", "GMAC"] * 1e9 == pytest.approx(first + last)
        assert report.loc["Pair", "parameters"] == 8 * 2 * 9 + 8 + 8 * 16 + 1


def test_attention_is_counted_as_its_products():
    tokens, width = 10, 16
    layer = nn.TransformerEncoderLayer(width, nhead=4, dim_feedforward=32, batch_first=True)
    report = complexity_report(layer, (tokens, width), repeats=0)
    projections = tokens * width * (3 * width + width)
    products = 2 * tokens * tokens * width
    feed_forward = 2 * tokens * width * 32
    assert report["GMAC"].item() * 1e9 == pytest.approx(projections + products + feed_forward)
    assert torch.backends.mha.get_fastpath_enabled()


def test_shared_and_frozen_weights():
    shared = nn.Linear(4, 4)
    network = nn.Sequential(shared, nn.BatchNorm1d(4), shared)
    network[1].requires_grad_(False)
    row = complexity_report(network, (4,), repeats=0).iloc[0]
    assert row["parameters"] == 20 + 8
    assert row["trainable"] == 20


def test_several_networks_are_timed():
    models = {"small": nn.Conv2d(1, 2, 3), "large": nn.Sequential(nn.Conv2d(1, 128, 9), nn.ReLU())}
    before = torch.get_num_threads()
    report = complexity_report(models, (1, 96, 96), repeats=3, n_threads=1)
    assert list(report.index) == ["small", "large"]
    assert list(report.columns) == COLUMNS
    assert (report["ms_lowest"] > 0).all()
    assert (report["ms_lowest"] <= report["ms"]).all()
    assert (report["ms"] <= report["ms_highest"]).all()
    assert report.loc["large", "ms"] > report.loc["small", "ms"]
    assert list(report["device"]) == ["cpu", "cpu"]
    assert list(report["threads"]) == [1, 1]
    assert torch.get_num_threads() == before


def test_the_network_stays_as_it_was():
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout()).train()
    network[1].eval()
    means = network[1].running_mean.clone()
    complexity_report(network, (1, 16, 16), repeats=1)
    assert [part.training for part in network] == [True, False, True]
    assert torch.equal(network[1].running_mean, means)
    assert all(value.grad is None for value in network.parameters())


def test_precision_and_networks_without_weights():
    assert complexity_report(nn.Conv2d(1, 1, 3).double(), (1, 8, 8))["GMAC"].item() > 0
    row = complexity_report(nn.AvgPool2d(2), (1, 8, 8), repeats=1).iloc[0]
    assert row["parameters"] == row["GMAC"] == 0


def test_what_is_no_network_or_no_shape():
    network = nn.Conv2d(1, 1, 3)
    with pytest.raises(TypeError, match="torch.nn.Module, or fusers. Got str for 'x'"):
        complexity_report({"x": "vgg16"}, (1, 8, 8))
    with pytest.raises(ValueError, match="at least one network"):
        complexity_report({}, (1, 8, 8))
    for shape in (7, (), [()]):
        with pytest.raises(ValueError, match="input_shape must be the shape of one sample"):
            complexity_report(network, shape)
    with pytest.raises(ValueError, match="input_shape must be at least 1. Got 0"):
        complexity_report(network, (1, 0, 8))
    with pytest.raises(ValueError, match="repeats must be at least 0. Got -1"):
        complexity_report(network, (1, 8, 8), repeats=-1)
    with pytest.raises(ValueError, match="batch_size must be at least 1. Got 0"):
        complexity_report(network, (1, 8, 8), batch_size=0)


def test_a_fuser_is_measured_as_it_fuses():
    pair = [(1, 32, 32), (1, 32, 32)]
    state = torch.get_rng_state()
    report = complexity_report({"small": FusionGAN(base_channels=8)}, pair, repeats=0)
    assert torch.equal(torch.get_rng_state(), state)
    # Sides after each of the five convolutions, and the multiply-accumulates of a pixel there.
    passes = [(40, 2 * 8 * 25), (36, 8 * 4 * 25), (34, 4 * 2 * 9), (32, 2 * 1 * 9), (32, 1)]
    assert report["GMAC"].item() == pytest.approx(sum(s**2 * each for s, each in passes) / 1e9)
    with torch.device("meta"):
        counted = complexity_report({"small": FusionGAN(base_channels=8)}, pair)
    assert counted["device"].item() == "meta"
    assert counted["parameters"].item() == report["parameters"].item()
    assert counted["GMAC"].item() == report["GMAC"].item()
