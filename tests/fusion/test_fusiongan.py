"""FusionGAN: its game, its roles, and a smoke run."""

import numpy as np
import pytest
import torch

from sicf import FusionGAN
from sicf.fusion._fusiongan_training import fusiongan_phases
from sicf.fusion._training_patches import Patches

SMALL = {"base_channels": 8, "patch_size": 43, "n_patches": 2, "batch_size": 8}


@pytest.fixture
def game():
    """A generator that gives the first picture's centre, and a judge who says its mean."""

    class First(torch.nn.Module):
        intensity_source = 0

        def forward(self, first, second):
            return first[..., 6:-6, 6:-6]

    def judge(pictures):
        return pictures.mean(dim=(2, 3))

    return fusiongan_phases(First(), judge, 100, 5, 2)


def test_losses_are_those_of_the_paper(game):
    first, second = torch.rand(2, 4, 1, 43, 43)
    patches = Patches(torch.cat([first, second], dim=1), None)
    judge, maker = game
    assert (judge.repeats, maker.repeats) == (2, 1)
    intense, detailed = (2 * picture[..., 6:-6, 6:-6] - 1 for picture in (first, second))
    # Soft labels are drawn: 0.7 to 1.2 for a true picture, 0 to 0.3 for a fused one.
    miss = [
        np.sort([(float(m) - end) ** 2 for end in ends])
        for m, ends in ((detailed.mean(), (0.7, 1.2)), (intense.mean(), (0.0, 0.3)))
    ]
    assert sum(m[0] for m in miss) * 0.8 < judge.loss(patches) < sum(m[1] for m in miss) * 1.2

    def laplace(p):
        around = torch.nn.functional.pad(p, [1] * 4, mode="replicate")
        up, down = around[..., :-2, 1:-1], around[..., 2:, 1:-1]
        left, right = around[..., 1:-1, :-2], around[..., 1:-1, 2:]
        return up + down + left + right - 4 * p

    # The picture is its own intensity source, so that of the content the gradients remain.
    content = 100 * 5 * (laplace(intense) - laplace(detailed)).square().mean()
    opinion = maker.loss(patches) - content
    assert 0.4 < opinion < 1.8


def test_small_run_learns_and_fuses(pairs):
    fuser = FusionGAN(**SMALL, epochs=6, learning_rate=3e-3).fit(pairs)
    curve = fuser.loss_curve_
    assert list(curve) == ["epoch", "discriminator_loss", "generator_loss", "learning_rate"]
    assert curve["generator_loss"].iloc[-1] < curve["generator_loss"].iloc[0]
    fused = fuser.transform(pairs)
    assert fused.shape == (4, 32, 40)
    assert np.isfinite(fused).all()


def test_keeps_the_intensities_of_its_source(pairs):
    bright_first = np.stack([pairs[..., 0] // 4 + 190, pairs[..., 1] // 4], axis=3)
    means = []
    for source in (0, 1):
        fuser = FusionGAN(**SMALL, intensity_source=source, epochs=30, learning_rate=3e-2)
        means.append(fuser.fit(bright_first).transform(bright_first).mean())
    assert means[0] > means[1] + 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_channels": 4}, "base_channels must be at least 8. Got 4"),
        ({"patch_size": 40}, "patch_size must be at least 43. Got 40"),
        ({"intensity_source": 2}, "intensity_source must be 0 or 1. Got 2"),
        ({"xi": -1}, "xi must be at least 0. Got -1"),
        ({"n_critic": 0}, "n_critic must be at least 1. Got 0"),
        ({"batch_size": 1}, "batch_size must be at least 2. Got 1"),
    ],
)
def test_bad_parameters_are_named(pairs, change, message):
    with pytest.raises(ValueError, match=message):
        FusionGAN(**SMALL | change).fit(pairs)


def test_one_patch_alone_is_refused(pairs):
    with pytest.raises(ValueError, match="at least 2 patches.*Got 1; raise n_patches"):
        FusionGAN(**SMALL | {"n_patches": 1}).fit(pairs[:1])
