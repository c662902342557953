"""MedFusionGAN's game, and the likenesses that its generator is held to."""

import torch
from torch.nn import functional

from sicf.fusion._fuser_training import Phase
from sicf.fusion._fusion_losses import ssim, total_variation


def medfusiongan_phases(generator, discriminator, weights, perception):
    """The two phases of a step of MedFusionGAN's training.

    Parameters
    ----------
    generator : MedFusionGANGenerator
    discriminator : MedFusionGANDiscriminator
    weights : dict of str to float or (float, float)
        Of the parts of the generator's loss.
    perception : Perception or None
        Compares content and style; None leaves both out.

    Returns
    -------
    list of Phase
    """

    def discriminator_loss(patches):
        first, second = (2 * patches.pictures - 1).split(1, dim=1)
        with torch.no_grad():
            fused = generator(first, second)
        true = _judged(discriminator(first, second), 1)
        return true + _judge_fused(discriminator, first, second, fused, 0)

    def generator_loss(patches):
        first, second = (2 * patches.pictures - 1).split(1, dim=1)
        fused = generator(first, second)
        adversarial = _judge_fused(discriminator, first, second, fused, 1)
        return weights["adversarial"] * adversarial + likeness(
            *patches.pictures.split(1, dim=1), (fused + 1) / 2, weights, perception
        )

    return [
        Phase("discriminator_loss", discriminator, discriminator_loss),
        Phase("generator_loss", generator, generator_loss),
    ]


def likeness(first, second, fused, weights, perception):
    """How unlike its two sources a fused picture is; all of them of shape (b, 1, h, w) in [0, 1].

    Parameters
    ----------
    first, second, fused : Tensor of shape (b, 1, h, w)
    weights : dict of str to float or (float, float)
    perception : Perception or None

    Returns
    -------
    Tensor, a scalar
    """
    pairs = [(source, fused) for source in (first, second)]
    loss = weights["l1"] * sum(functional.l1_loss(*pair) for pair in pairs)
    for weight, pair in zip(weights["ssim"], pairs, strict=True):
        loss = loss + weight * (1 - ssim(*pair).mean())
    loss = loss + weights["tv"] * sum(total_variation(fused - source) for source, _ in pairs)
    if perception is not None:
        content, style = perception.compare(fused, first, second)
        loss = loss + weights["content"] * content + weights["style"] * style
    return loss


def _judge_fused(discriminator, first, second, fused, wanted):
    """The fused picture takes each source's place in the pair in turn."""
    opinions = discriminator(first, fused), discriminator(fused, second)
    return sum(_judged(opinion, wanted) for opinion in opinions) / 2


def _judged(opinions, wanted):
    return functional.binary_cross_entropy(opinions, torch.full_like(opinions, wanted))
