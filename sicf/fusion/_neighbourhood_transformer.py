"""NAT: a pyramid of neighbourhood attention, brought back to the size that it was given [1]_.

References
----------
.. [1] A. Hassani et al., "Neighborhood attention transformer", CVPR 2023.
   :doi:`10.1109/CVPR52729.2023.00599`
"""

import torch
from torch import nn
from torchvision.ops import StochasticDepth

from sicf.fusion._neighbourhood_attention import NeighbourhoodAttention

MLP_RATIO = 3
MOST_DROPPED = 0.2
HEAD_CHANNELS = 32


class BaseBranch(nn.Module):
    """What is large in the maps: x + NAT(LayerNorm(x)).

    Parameters
    ----------
    width : int
        Maps that come and go.
    depths : sequence of int
        Blocks of each level of the pyramid, whose first level has a quarter of the resolution.
    window : int
        Of the attention.
    """

    def __init__(self, width, depths, window):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.pyramid = NeighbourhoodPyramid(width, depths, window)

    def forward(self, maps):
        normed = self.norm(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return maps + self.pyramid(normed)


class NeighbourhoodPyramid(nn.Module):
    """Levels of attention, each at half the resolution of the one before, and the way back up.

    The sides of what it takes must be multiples of `step`.
    """

    def __init__(self, width, depths, window):
        super().__init__()
        widths = [width * 2**level for level in range(len(depths))]
        self.step = 2 ** (len(depths) + 1)
        self.tokens = nn.Sequential(
            nn.Conv2d(width, width // 2, 3, stride=2, padding=1),
            nn.Conv2d(width // 2, width, 3, stride=2, padding=1),
            _ChannelsLast(nn.LayerNorm(width)),
        )
        self.levels = nn.Sequential(*_levels(widths, depths, window))
        self.back = nn.Sequential(
            *(nn.Conv2d(widths[-1], 2 * width, 3, padding=1), nn.ReLU6()),
            *(nn.Conv2d(2 * width, width, 3, padding=1), nn.ReLU6()),
            *(_enlarge(width, factor) for factor in _factors(self.step)),
            nn.ReLU6(),
        )
        # The published network has these, and its count of parameters too; nothing uses them.
        self.unused = nn.ModuleList(
            [nn.LayerNorm(width), nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)]
        )
        self.apply(_initialise)

    def forward(self, maps):
        return self.back(self.levels(self.tokens(maps)))


class _Block(nn.Module):
    """Attention, and a perceptron for each place; each may be left out while it trains."""

    def __init__(self, width, window, dropped):
        super().__init__()
        heads = max(1, width // HEAD_CHANNELS)
        self.attend = nn.Sequential(
            nn.LayerNorm(width), NeighbourhoodAttention(width, heads, window)
        )
        self.think = nn.Sequential(
            nn.LayerNorm(width),
            *(nn.Linear(width, MLP_RATIO * width), nn.GELU()),
            nn.Linear(MLP_RATIO * width, width),
        )
        self.drop = StochasticDepth(dropped, "row")

    def forward(self, places):
        places = places + self.drop(self.attend(places))
        return places + self.drop(self.think(places))


class _ChannelsLast(nn.Module):
    """Runs modules on places of shape (b, h, w, channels), for maps of (b, channels, h, w)."""

    def __init__(self, *modules):
        super().__init__()
        self.inner = nn.Sequential(*modules)

    def forward(self, maps):
        return self.inner(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _levels(widths, depths, window):
    dropped = iter(torch.linspace(0, MOST_DROPPED, sum(depths), device="cpu").tolist())
    for level, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        yield _ChannelsLast(*(_Block(width, window, next(dropped)) for _ in range(depth)))
        if level + 1 < len(widths):
            yield nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False)
            yield _ChannelsLast(nn.LayerNorm(2 * width))


def _factors(step):
    """Enlargements by four as far as they go, and by two for the rest."""
    while step > 1:
        yield min(4, step)
        step //= min(4, step)


def _enlarge(width, factor):
    return nn.ConvTranspose2d(width, width, factor, stride=factor, bias=False)


def _initialise(layer):
    if isinstance(layer, nn.Linear):
        nn.init.trunc_normal_(layer.weight, std=0.02)
        nn.init.zeros_(layer.bias)
