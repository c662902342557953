"""FusionGAN: a generator of five convolutions without padding, and a discriminator."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

# Each side of a picture is shorter by twice this after the generator's convolutions.
MARGIN = 6
STD = 1e-3


class FusionGANGenerator(nn.Module):
    """Two grey pictures to one that is 12 pixels smaller in each direction.

    Parameters
    ----------
    base_channels : int, default=256
        Maps of the first layer, at least 8; the next ones have a half, a quarter and an eighth.
    intensity_source : {0, 1}, default=0
        Which of the two is the intensity's, the infrared picture of the paper.
    """

    def __init__(self, base_channels=256, intensity_source=0):
        super().__init__()
        c = base_channels
        self.intensity_source = intensity_source
        self.layers = nn.Sequential(
            *_block(2, c, 5),
            *_block(c, c // 2, 5),
            *_block(c // 2, c // 4, 3),
            *_block(c // 4, c // 8, 3),
            spectral_norm(_initialised(nn.Conv2d(c // 8, 1, 1))),
            nn.Tanh(),
        )

    def forward(self, first, second):
        """Pictures of shape (b, 1, h, w) in [-1, 1] to one of shape (b, 1, h - 12, w - 12)."""
        pair = [first, second] if self.intensity_source == 0 else [second, first]
        return self.layers(torch.cat(pair, dim=1))

    def fuse(self, first, second):
        """Fuse two pictures of shape (b, 1, h, w) in [0, 1]; their edges are continued."""
        first, second = (
            functional.pad(2 * picture - 1, [MARGIN] * 4, mode="replicate")
            for picture in (first, second)
        )
        return (self(first, second) + 1) / 2


class FusionGANDiscriminator(nn.Module):
    """How true a picture looks: one number for each.

    Parameters
    ----------
    base_channels : int, default=256
        Maps of the last layer, at least 8; those before it have a half, a quarter and an eighth.
    side : int, default=120
        Of the square pictures, at least 31.
    """

    def __init__(self, base_channels=256, side=120):
        super().__init__()
        c = base_channels
        self.layers = nn.Sequential(
            spectral_norm(_initialised(nn.Conv2d(1, c // 8, 3, stride=2))),
            nn.LeakyReLU(0.2),
            *_block(c // 8, c // 4, 3, stride=2),
            *_block(c // 4, c // 2, 3, stride=2),
            *_block(c // 2, c, 3, stride=2),
            nn.Flatten(),
            spectral_norm(_initialised(nn.Linear(_side_after(side) ** 2 * c, 1))),
        )

    def forward(self, pictures):
        """Pictures of shape (b, 1, side, side) in [-1, 1] to numbers of shape (b, 1)."""
        return self.layers(pictures)


def _block(channels, maps, kernel, stride=1):
    conv = _initialised(nn.Conv2d(channels, maps, kernel, stride=stride))
    return spectral_norm(conv), nn.BatchNorm2d(maps), nn.LeakyReLU(0.2)


def _initialised(layer):
    nn.init.trunc_normal_(layer.weight, std=STD, a=-2 * STD, b=2 * STD)
    nn.init.zeros_(layer.bias)
    return layer


def _side_after(side):
    for _ in range(4):
        side = (side - 3) // 2 + 1
    return side
