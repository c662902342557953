"""Attention of each place to the square of places round it, by plain torch.

The squares are whole everywhere: at a border they are moved inwards, as in the paper [1]_, whose
compiled kernels this does without.

References
----------
.. [1] A. Hassani et al., "Neighborhood attention transformer", CVPR 2023.
   :doi:`10.1109/CVPR52729.2023.00599`
"""

import torch
from torch import nn


class NeighbourhoodAttention(nn.Module):
    """Attention with relative biases over a square window.

    Parameters
    ----------
    channels : int
    heads : int
        Divides `channels`.
    window : int, default=7
        Odd side of the square.
    """

    def __init__(self, channels, heads, window=7):
        super().__init__()
        self.heads = heads
        self.window = window
        self.scale = (channels // heads) ** -0.5
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.bias = nn.Parameter(torch.empty(heads, 2 * window - 1, 2 * window - 1))
        nn.init.trunc_normal_(self.bias, std=0.02)

    def forward(self, places):
        """Places of shape (b, h, w, channels), h and w at least `window`, to the same shape."""
        b, h, w, channels = places.shape
        if min(h, w) < self.window:
            raise ValueError(
                f"Maps must be at least {self.window} places a side, the window's size. "
                f"Got {h} x {w} instead."
            )
        qkv = self.qkv(places).reshape(b, h, w, 3, self.heads, channels // self.heads)
        query, key, value = qkv.unbind(3)
        rows, columns = (_starts(side, self.window, places.device) for side in (h, w))
        key, value = (_windows(t, rows, columns, self.window) for t in (key, value))
        scores = torch.einsum("bijnd,bijndkl->bijnkl", self.scale * query, key)
        scores = scores + self._biases(rows, columns)
        weights = scores.flatten(4).softmax(-1).view_as(scores)
        joined = torch.einsum("bijnkl,bijndkl->bijnd", weights, value)
        return self.project(joined.reshape(b, h, w, channels))

    def _biases(self, rows, columns):
        """Of shape (h, w, heads, window, window), by how far each neighbour lies from its place."""
        row, column = (_distances(starts, self.window) for starts in (rows, columns))
        found = self.bias[:, row[:, None, :, None], column[None, :, None, :]]
        return found.permute(1, 2, 0, 3, 4)


def _starts(side, window, device):
    """Where the window of each place along a side begins."""
    return (torch.arange(side, device=device) - window // 2).clamp(0, side - window)


def _windows(maps, rows, columns, window):
    """Of (b, h, w, heads, d), for each place its window: (b, h, w, heads, d, window, window)."""
    windows = maps.unfold(1, window, 1).unfold(2, window, 1)
    return windows[:, rows[:, None], columns[None, :]]


def _distances(starts, window):
    """Index of the relative bias of each neighbour, shape (side, window)."""
    place = torch.arange(len(starts), device=starts.device)
    neighbour = starts[:, None] + torch.arange(window, device=starts.device)
    return neighbour - place[:, None] + window - 1
