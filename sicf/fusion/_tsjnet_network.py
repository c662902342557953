"""TSJNet: a shared encoder, large and fine features fused each by its own branch, a decoder.

References
----------
.. [1] Y. Jie et al., "TSJNet: a multi-modality target and semantic awareness joint-driven image
   fusion network", 2024. :doi:`10.48550/arXiv.2402.01212`
"""

import torch
from torch import nn
from torch.nn import functional

from sicf.fusion._neighbourhood_transformer import BaseBranch
from sicf.fusion._resnest_blocks import resnest

GATES = 8


class TSJNetNetwork(nn.Module):
    """The fusion network of TSJNet.

    Parameters
    ----------
    width : int, default=64
        Maps of each branch, a multiple of 16.
    depths : sequence of int, default=(3, 4, 6, 5)
        Blocks of neighbourhood attention in each level.
    window : int, default=7
        Odd side of the attention's window.

    Attributes
    ----------
    step : int
        Sides of pictures must be multiples of this.
    least : int
        And at least this.
    """

    def __init__(self, width=64, depths=(3, 4, 6, 5), window=7):
        super().__init__()
        self.step = 2 ** (len(depths) + 1)
        self.least = self.step * window
        self.encoder = TSJNetEncoder(width, depths, window)
        self.base = BaseBranch(width, depths, window)
        self.detail = DetailBranch(width)
        self.decoder = TSJNetDecoder(width)

    def forward(self, first, second):
        """Fuse two pictures, and give each back from its own features.

        Parameters
        ----------
        first, second : Tensor of shape (b, 1, h, w)
            In [0, 1].

        Returns
        -------
        fused, first_again, second_again : Tensor of shape (b, 1, h, w)
            In (0, 1).
        gates : Tensor of shape (b, 8, h, w)
            Of the decoder, for the fused picture.
        """
        bases, details = zip(self._encode(first), self._encode(second), strict=True)
        fused, gates = self._fuse(bases, details)
        again = [self.decoder(base, detail)[0] for base, detail in zip(bases, details, strict=True)]
        return fused, *again, gates

    def fuse(self, first, second):
        """Fuse two pictures of shape (b, 1, h, w) in [0, 1]."""
        bases, details = zip(self._encode(first), self._encode(second), strict=True)
        return self._fuse(bases, details)[0]

    def _encode(self, pictures):
        sides = tuple(pictures.shape[2:])
        if min(sides) < self.least or any(side % self.step for side in sides):
            raise ValueError(
                f"Sides must be multiples of {self.step} and at least {self.least}. "
                f"Got {sides} instead."
            )
        return self.encoder(pictures)

    def _fuse(self, bases, details):
        return self.decoder(self.base(bases[0] + bases[1]), self.detail(details[0] + details[1]))


class TSJNetEncoder(nn.Module):
    """One grey picture to its large and its fine features, `width` maps each."""

    def __init__(self, width, depths, window):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1, bias=False),
            resnest(3, width),
            *(nn.Conv2d(8 * width, 4 * width, 3, padding=1), nn.ReLU6()),
            *(nn.Conv2d(4 * width, 2 * width, 3, padding=1), nn.ReLU6()),
            *(nn.Conv2d(2 * width, width, 3, padding=1), nn.ReLU6()),
        )
        self.base = BaseBranch(width, depths, window)
        self.detail = DetailBranch(width)

    def forward(self, pictures):
        maps = self.body(pictures)
        return self.base(maps), self.detail(maps)


class DetailBranch(nn.Module):
    """What is fine in the maps: convolutions, beside pooled maps weighted by channel."""

    def __init__(self, width):
        super().__init__()
        self.before = nn.Sequential(*_normed(width))
        self.corner = nn.Sequential(nn.Conv2d(width, width, 1), nn.ReLU())
        self.after = nn.Sequential(*_normed(width), nn.Dropout2d(0.1), nn.Conv2d(width, width, 1))
        self.pooled = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2))
        self.squeeze = nn.Sequential(
            nn.Linear(width, width // 2, bias=False),
            nn.ReLU(),
            nn.Linear(width // 2, width, bias=False),
            nn.Sigmoid(),
        )
        self.enlarge = nn.ConvTranspose2d(width, width, 2, stride=2)
        # The published network has it, and its count of parameters too; nothing uses it.
        self.unused = ChannelGates(width)

    def forward(self, maps):
        before = self.before(maps)
        straight = self.after(before + self.corner(before))
        pooled = self.pooled(maps)
        pooled = functional.max_pool2d(pooled, 2) + functional.avg_pool2d(pooled, 2)
        weights = self.squeeze(pooled.mean(dim=(2, 3)))
        return straight + self.enlarge(pooled * weights[:, :, None, None])


class TSJNetDecoder(nn.Module):
    """Large and fine features to a picture, and the gates that its channels went through."""

    def __init__(self, width):
        super().__init__()
        self.gates = ChannelGates(2 * width)
        self.body = nn.Sequential(
            nn.Conv2d(2 * width, width // 2, 1, bias=False),
            resnest(width // 2, width),
            *(nn.Conv2d(8 * width, 4 * width, 3, padding=1, bias=False), nn.LeakyReLU()),
            nn.Conv2d(4 * width, 1, 3, padding=1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, base, detail):
        gated, gates = self.gates(torch.cat([base, detail], dim=1))
        return self.body(gated), gates


class ChannelGates(nn.Module):
    """Eight groups of channels, each multiplied at each place by one number in (0, 1)."""

    def __init__(self, channels):
        super().__init__()
        self.group = channels // GATES
        self.gates = nn.ModuleList(nn.Conv2d(self.group, 1, 1) for _ in range(GATES))

    def forward(self, maps):
        groups = maps.split(self.group, dim=1)
        gates = [torch.sigmoid(gate(group)) for gate, group in zip(self.gates, groups, strict=True)]
        gated = [gate * group for gate, group in zip(gates, groups, strict=True)]
        return torch.cat(gated, dim=1), torch.cat(gates, dim=1)


def _normed(width):
    conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(width), nn.ReLU()
