"""DenseFuse: an encoder of densely joined convolutions, a rule of fusion, and a decoder."""

import torch
from torch import nn
from torch.nn import functional

DENSE_LAYERS = 3


class DenseFuseNetwork(nn.Module):
    """An autoencoder of one grey picture that fuses two by their feature maps.

    Parameters
    ----------
    base_channels : int, default=16
        Maps of one layer of the encoder, which ends in four times as many.
    strategy : {"max", "l1", "mean", "sum"}, default="max"
        At each place the encoding of the more active picture, where activity is the sum of the
        maps' absolute values; the mean of both weighted by their activities; mean; or sum.
    l1_window : int, default=3
        Odd side of the square over which "max" and "l1" average the activity.
    """

    def __init__(self, base_channels=16, strategy="max", l1_window=3):
        super().__init__()
        c = base_channels
        self.strategy = strategy
        self.l1_window = l1_window
        self.first = _conv(1, c)
        self.dense = nn.ModuleList(_conv(c * (i + 1), c) for i in range(DENSE_LAYERS))
        self.decoder = nn.Sequential(
            *(_conv(4 * c, 4 * c), nn.ReLU()),
            *(_conv(4 * c, 2 * c), nn.ReLU()),
            *(_conv(2 * c, c), nn.ReLU()),
            _conv(c, 1),
        )

    def encode(self, pictures):
        """Pictures of shape (b, 1, h, w) to maps of shape (b, 4 * base_channels, h, w)."""
        maps = functional.relu(self.first(pictures))
        for layer in self.dense:
            maps = torch.cat([maps, functional.relu(layer(maps))], dim=1)
        return maps

    def reconstruct(self, pictures):
        """Encode and decode; what training holds to its input."""
        return self.decoder(self.encode(pictures))

    def fuse(self, first, second):
        """Fuse two pictures of shape (b, 1, h, w) in [0, 1]."""
        joined = self._join(self.encode(first), self.encode(second))
        return self.decoder(joined).clamp(0, 1)

    def _join(self, first, second):
        if self.strategy == "sum":
            return first + second
        if self.strategy == "mean":
            return (first + second) / 2
        activity = [self._activity(maps) for maps in (first, second)]
        if self.strategy == "max":
            return torch.where(activity[0] >= activity[1], first, second)
        total = activity[0] + activity[1]
        # Where neither is active both encodings are zero, whatever their weights.
        share = torch.where(total > 0, activity[0] / total.clamp_min(1e-12), 0.5)
        return share * first + (1 - share) * second

    def _activity(self, maps):
        around = self.l1_window // 2
        activity = functional.pad(maps.abs().sum(1, keepdim=True), [around] * 4, mode="replicate")
        return functional.avg_pool2d(activity, self.l1_window, stride=1)


def _conv(channels, maps):
    return nn.Conv2d(channels, maps, 3, padding=1, padding_mode="reflect")
