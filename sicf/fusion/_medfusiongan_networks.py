"""MedFusionGAN: a U-shaped generator that comes down to one pixel, and a patch discriminator."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

STD = 0.02
# Widths of the maps on the way down, in base channels; the last is that of the single pixel.
DOWN = (1, 2, 4, 8, 16, 16, 16)
BOTTLENECK = 32


class MedFusionGANGenerator(nn.Module):
    """Two grey pictures to one of the same size.

    Parameters
    ----------
    base_channels : int, default=32
        Maps of the first layer.
    n_down : int, default=6
        Residual blocks that halve the picture, 1 to 6. Sides must be multiples of
        ``2 ** (n_down + 2)``.
    """

    def __init__(self, base_channels=32, n_down=6):
        super().__init__()
        widths = [base_channels * width for width in DOWN[: n_down + 1]]
        bottleneck = base_channels * BOTTLENECK
        self.step = 2 ** (n_down + 2)
        self.first = nn.Sequential(_halving(2, widths[0], reflect=True), nn.LeakyReLU(0.2))
        self.down = nn.ModuleList(
            ResidualDown(channels, maps) for channels, maps in pairwise(widths)
        )
        self.bottleneck = nn.Sequential(
            _halving(widths[-1], bottleneck, reflect=True), nn.LeakyReLU(0.2)
        )
        self.up = nn.ModuleList(_ups(widths, bottleneck))
        self.last = nn.ConvTranspose2d(widths[0], 1, 4, stride=2, padding=1)
        self.finish = nn.Sequential(
            ResidualFinish(), nn.LeakyReLU(0.2), ResidualFinish(), nn.Tanh()
        )
        self.apply(initialise)

    def forward(self, first, second):
        """Pictures of shape (b, 1, h, w) in [-1, 1] to one of the same shape."""
        maps = torch.cat([first, second], dim=1)
        if any(side % self.step for side in maps.shape[2:]):
            raise ValueError(
                f"Sides must be multiples of {self.step}. Got {tuple(maps.shape[2:])} instead."
            )
        maps = self.first(maps)
        mirrored = []
        for block in self.down:
            maps = block(maps)
            mirrored.append(maps)
        maps = self.up[0](self.bottleneck(maps))
        for block in self.up[1:]:
            maps = block(torch.cat([maps, mirrored.pop()], dim=1))
        return self.finish(self.last(maps))

    def fuse(self, first, second):
        """Fuse two pictures of shape (b, 1, h, w) in [0, 1]."""
        return (self(2 * first - 1, 2 * second - 1) + 1) / 2


class MedFusionGANDiscriminator(nn.Module):
    """How true each patch of a pair of pictures looks, in (0, 1).

    Parameters
    ----------
    base_channels : int, default=64
        Maps of the first layer.
    """

    def __init__(self, base_channels=64):
        super().__init__()
        c = base_channels
        self.layers = nn.Sequential(
            *(_halving(2, c, reflect=True), nn.LeakyReLU(0.2)),
            *_patch_block(c, 2 * c, stride=2),
            *_patch_block(2 * c, 4 * c, stride=2),
            *_patch_block(4 * c, 8 * c, stride=1),
            nn.Conv2d(8 * c, 1, 4, padding=1),
            nn.Sigmoid(),
        )
        self.apply(initialise)

    def forward(self, first, second):
        """Pictures of shape (b, 1, h, w) to one number for each patch; 26 x 26 of them for 256."""
        return self.layers(torch.cat([first, second], dim=1))


class ResidualDown(nn.Module):
    """Halves its maps by two convolutions, beside a shortcut of one."""

    def __init__(self, channels, maps):
        super().__init__()
        self.main = nn.Sequential(
            *(_halving(channels, maps), nn.BatchNorm2d(maps), nn.LeakyReLU(0.2)),
            *(nn.Conv2d(maps, maps, 3, padding=1), nn.BatchNorm2d(maps)),
        )
        self.skip = _halving(channels, maps)

    def forward(self, maps):
        return functional.leaky_relu(self.main(maps) + self.skip(maps), 0.2)


class ResidualFinish(nn.Module):
    """Two convolutions of the picture itself, beside a shortcut of one."""

    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            *(nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1), nn.LeakyReLU(0.2)),
            *(nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1)),
        )
        self.skip = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, picture):
        return self.main(picture) + self.skip(picture)


def initialise(layer):
    """Draw the weights of a layer as the paper's code does."""
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(layer.weight, 0, STD)
    if isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1, STD)


def _ups(widths, bottleneck):
    """The first takes the bottleneck alone, each other one its mirror image on the way down too."""
    taken = [bottleneck, *(2 * width for width in widths[:0:-1])]
    return [_up(channels, maps) for channels, maps in zip(taken, widths[::-1], strict=True)]


def _up(channels, maps):
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        *(nn.Conv2d(channels, maps, 3, padding=1), nn.BatchNorm2d(maps), nn.LeakyReLU(0.2)),
    )


def _halving(channels, maps, reflect=False):
    mode = "reflect" if reflect else "zeros"
    return nn.Conv2d(channels, maps, 4, stride=2, padding=1, padding_mode=mode)


def _patch_block(channels, maps, stride):
    conv = nn.Conv2d(channels, maps, 4, stride=stride, bias=False)
    return conv, nn.BatchNorm2d(maps), nn.LeakyReLU(0.2)
