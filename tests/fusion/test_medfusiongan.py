"""MedFusionGAN: its losses, its eyes, and a smoke run."""

import numpy as np
import pytest
import torch
from torchvision.models import vgg16

from sicf import MedFusionGAN, WeightsUnavailableError
from sicf.fusion._fusion_losses import ssim, total_variation
from sicf.fusion._medfusiongan_training import likeness, medfusiongan_phases
from sicf.fusion._perception import LAYERS, Perception
from sicf.fusion._training_patches import Patches

SMALL = {
    "base_channels": 4,
    "n_down": 1,
    "perceptual_weights": None,
    "patch_size": 56,
    "batch_size": 4,
}
NOTHING = {"adversarial": 0, "l1": 0, "content": 0, "style": 0, "ssim": (0, 0), "tv": 0}


@pytest.fixture(scope="module")
def eyes(tmp_path_factory):
    """A file with the convolutions of a seeded VGG16, which is all that is looked at."""
    torch.manual_seed(0)
    with torch.device("meta"):
        names = [name for name in vgg16().state_dict() if name.startswith("features.")]
        shapes = {name: vgg16().state_dict()[name].shape for name in names}
    state = {name: 0.05 * torch.randn(shape) for name, shape in shapes.items()}
    path = tmp_path_factory.mktemp("eyes") / "eyes.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def pictures():
    torch.manual_seed(1)
    return torch.rand(3, 2, 1, 24, 24)


def test_each_part_of_the_likeness_is_what_it_says(pictures):
    first, second, fused = pictures

    def part(**weights):
        return likeness(first, second, fused, NOTHING | weights, None).item()

    assert part(l1=1) == pytest.approx(
        float((fused - first).abs().mean() + (fused - second).abs().mean())
    )
    assert part(ssim=(1, 0)) == pytest.approx(float(1 - ssim(fused, first).mean()))
    assert part(ssim=(0, 1)) == pytest.approx(float(1 - ssim(fused, second).mean()))
    rough = total_variation(fused - first) + total_variation(fused - second)
    assert part(tv=1) == pytest.approx(float(rough))


def test_judge_sees_the_fused_picture_in_each_place():
    first, second = torch.full((2, 1, 20, 20), 0.5), torch.full((2, 1, 20, 20), 1.0)
    seen = []

    def judge(one, other):
        seen.append((float(one.mean()), float(other.mean())))
        return torch.full((2, 1), 0.25)

    def maker(one, other):
        return torch.full_like(one, -0.5)

    phases = medfusiongan_phases(maker, judge, NOTHING | {"adversarial": 2}, None)
    patches = Patches(torch.cat([first, second], dim=1), None)
    judged, made = (float(phase.loss(patches)) for phase in phases)
    assert seen == [(0, 1), (0, -0.5), (-0.5, 1), (0, -0.5), (-0.5, 1)]
    assert judged == pytest.approx(-np.log(0.25) - np.log(0.75))
    assert made == pytest.approx(2 * -np.log(0.25))


def test_perception_compares_the_layers_of_vgg16(eyes, pictures):
    first, second, fused = pictures
    content, style = Perception(eyes, torch.device("cpu")).compare(fused, first, second)
    with torch.device("meta"):
        network = vgg16().features
    network.load_state_dict(
        {name.removeprefix("features."): t for name, t in torch.load(eyes).items()}, assign=True
    )
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]

    def maps(picture, layer):
        with torch.no_grad():
            return network[: layer + 1]((picture.expand(-1, 3, -1, -1) - mean) / std)

    def gram(picture, layer):
        flat = maps(picture, layer).flatten(2)
        return torch.einsum("bci,bdi->bcd", flat, flat) / (flat.shape[1] * flat.shape[2])

    expected = np.mean([(maps(fused, i) - maps(first, i)).abs().mean() for i in LAYERS])
    assert content.item() == pytest.approx(expected, rel=1e-4)
    expected = np.mean([(gram(fused, i) - gram(second, i)).square().mean() for i in LAYERS])
    assert style.item() == pytest.approx(expected, rel=1e-4)


def test_small_run_learns_and_fuses(pairs):
    fuser = MedFusionGAN(**SMALL, epochs=6).fit(pairs)
    curve = fuser.loss_curve_
    assert list(curve) == ["epoch", "discriminator_loss", "generator_loss", "learning_rate"]
    assert curve["generator_loss"].iloc[-1] < curve["generator_loss"].iloc[0]
    fused = fuser.transform(pairs)
    assert fused.shape == (4, 32, 40)
    assert np.isfinite(fused).all()


def test_content_and_style_are_part_of_the_training(pairs, eyes):
    without = MedFusionGAN(**SMALL, epochs=1).fit(pairs)
    seeing = MedFusionGAN(**SMALL | {"perceptual_weights": eyes}, epochs=1).fit(pairs)
    blind = {"perceptual_weights": eyes, "loss_weights": {"content": 0, "style": 0}}
    blind = MedFusionGAN(**SMALL | blind, epochs=1).fit(pairs)
    assert seeing.weights_ != without.weights_
    assert blind.loss_curve_.equals(without.loss_curve_)


def test_weights_of_the_eyes_are_had_or_named(pairs, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("sicf.features._network_weights.TIMEOUT", 0.001)
    monkeypatch.setattr("urllib.request.urlopen", _no_network)
    settings = SMALL | {"perceptual_weights": "IMAGENET1K_V1"}
    with pytest.raises(WeightsUnavailableError, match="vgg16-397923af.pth"):
        MedFusionGAN(**settings).fit(pairs)
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    settings["perceptual_weights"] = tmp_path / "other.pth"
    with pytest.raises(ValueError, match="must be those of VGG16.*has no 'features.0.weight'"):
        MedFusionGAN(**settings).fit(pairs)


def _no_network(*args, **kwargs):
    raise OSError("no network")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_down": 7}, "n_down must be at most 6. Got 7"),
        ({"patch_size": 60}, "patch_size must be a multiple of 8. Got 60"),
        ({"patch_size": 48}, "patch_size must be at least 56. Got 48"),
        ({"loss_weights": {"vif": 1}}, "loss_weights must be among .*. Got .'vif'."),
        ({"loss_weights": {"ssim": 1}}, "loss_weights.'ssim'. must be 2 number.s. .*. Got 1"),
        ({"loss_weights": {"tv": -1}}, "loss_weights.'tv'. must be 1 number.s. .*. Got -1"),
    ],
)
def test_bad_parameters_are_named(pairs, change, message):
    with pytest.raises(ValueError, match=message):
        MedFusionGAN(**SMALL | change).fit(pairs)
