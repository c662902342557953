import numpy as np
import pytest
import torch
from torchvision.models import resnet50, swin_s

from sicf.classification._resnet_st import ResNetST

SMALL = {
    "width": 8,
    "blocks": (1, 1),
    "dim": 12,
    "depths": (1, 2),
    "heads": (2, 3),
    "window": 4,
    "hidden": 8,
    "input_size": 64,
}


@pytest.fixture(scope="module")
def whole():
    """At full width, with shapes and no numbers."""
    with torch.device("meta"):
        return ResNetST()


def weights_of(module):
    return [tuple(p.shape) for p in module.parameters()]


def test_number_of_weights_is_the_published_networks(whole):
    assert sum(p.numel() for p in whole.parameters()) == 37_224_325


def test_halves_are_torchvisions(whole):
    with torch.device("meta"):
        resnet, swin = resnet50(weights=None), swin_s(weights=None)
    assert weights_of(whole.layer1) == weights_of(resnet.layer1)
    assert weights_of(whole.layer2) == weights_of(resnet.layer2)
    assert weights_of(whole.stem[0]) == weights_of(resnet.conv1)
    # Of torchvision's eight parts: patches, stage, merging, stage, merging, stage, merging, stage.
    for stage, parts in ((whole.stage1, (3, 4)), (whole.stage2, (5, 6))):
        expected = [shape for part in parts for shape in weights_of(swin.features[part])]
        assert weights_of(stage) == expected
    shifts = [block.attn.shift_size for block in whole.stage2[:-1]]
    assert shifts == [block.attn.shift_size for block in swin.features[5]]


def test_maps_have_the_published_sizes(whole):
    sizes = {}
    for name in ("layer2", "bridge", "stage1", "stage2", "reduce"):
        whole.get_submodule(name).register_forward_hook(
            lambda _, __, output, name=name: sizes.update({name: tuple(output.shape[1:])})
        )
    assert whole.eval()(torch.zeros(1, 3, 224, 224, device="meta")).shape == (1, 1)
    assert sizes == {
        "layer2": (512, 28, 28),
        "bridge": (192, 28, 28),
        "stage1": (14, 14, 384),
        "stage2": (7, 7, 768),
        "reduce": (512,),
    }


def test_scale_and_offset_of_a_picture_do_not_matter_and_a_flat_one_is_no_number_of_none():
    torch.manual_seed(0)
    network = ResNetST(3, **SMALL).eval()
    pictures = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        scores = network(pictures)
        torch.testing.assert_close(network(7 * pictures - 2), scores, rtol=1e-3, atol=1e-4)
        assert np.isfinite(network(torch.ones(1, 3, 64, 64)).numpy()).all()
    assert scores.shape == (2, 3)


def test_every_weight_learns():
    torch.manual_seed(0)
    network = ResNetST(2, **SMALL, stochastic_depth=0.0)
    network(torch.rand(2, 3, 64, 64)).square().sum().backward()
    still = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []
