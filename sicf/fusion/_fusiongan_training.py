"""FusionGAN's game: a generator that keeps intensities, and a judge of the other's details."""

import torch
from torch.nn import functional

from sicf.fusion._fuser_training import Phase
from sicf.fusion._fusion_losses import laplacian
from sicf.fusion._fusiongan_networks import MARGIN

# What the judge should say is drawn anew each time: of a true picture, and of a fused one.
TRUE = (0.7, 1.2)
FUSED = (0.0, 0.3)


def fusiongan_phases(generator, discriminator, lambda_content, xi, n_critic):
    """The two phases of a step of FusionGAN's training.

    Parameters
    ----------
    generator : FusionGANGenerator
    discriminator : FusionGANDiscriminator
    lambda_content : float
        Of the content, beside the judge's opinion.
    xi : float
        Of the gradients, beside the intensities.
    n_critic : int
        Steps of the discriminator for each one of the generator.

    Returns
    -------
    list of Phase
    """
    source = generator.intensity_source

    def discriminator_loss(patches):
        pair = 2 * patches.pictures - 1
        with torch.no_grad():
            fused = generator(pair[:, :1], pair[:, 1:])
        detailed = _centre(pair[:, [1 - source]])
        return _miss(discriminator(detailed), TRUE) + _miss(discriminator(fused), FUSED)

    def generator_loss(patches):
        pair = 2 * patches.pictures - 1
        fused = generator(pair[:, :1], pair[:, 1:])
        intense, detailed = _centre(pair[:, [source]]), _centre(pair[:, [1 - source]])
        intensity = functional.mse_loss(fused, intense)
        gradient = functional.mse_loss(laplacian(fused), laplacian(detailed))
        content = lambda_content * (intensity + xi * gradient)
        return _miss(discriminator(fused), TRUE) + content

    return [
        Phase("discriminator_loss", discriminator, discriminator_loss, n_critic),
        Phase("generator_loss", generator, generator_loss),
    ]


def _centre(pictures):
    return pictures[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


def _miss(opinions, wanted):
    low, high = wanted
    return (opinions - torch.empty_like(opinions).uniform_(low, high)).square().mean()
