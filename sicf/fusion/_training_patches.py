"""Patches of pairs of sequences, or of single ones, cut out anew in each epoch."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import torch

from sicf.fusion._scaled_planes import pad_planes, scaled_planes


class Patches(NamedTuple):
    """What a step of training is given.

    Parameters
    ----------
    pictures : Tensor of shape (b, 1 or 2, side, side)
        In [0, 1].
    labels : Tensor of int64 of shape (b, side, side) or None
        The mask, where there is one.
    """

    pictures: torch.Tensor
    labels: torch.Tensor | None


class TrainingPatches:
    """Gives patches by the number of their row.

    A row is one picture, or one pair of sequences of one image, in the order of channels; and each
    has `n_patches` rows. Where a patch is cut out depends on the seed, the epoch and the row.

    Parameters
    ----------
    batch : ImageBatch
    side : int
        Of the patches; smaller images are continued by their own mirror image.
    n_patches : int
    seed : int
    device : torch.device
    in_pairs : bool, default=True
    flips : bool, default=False
        Whether half of the patches are mirrored left to right, and half top to bottom.
    """

    def __init__(self, batch, side, n_patches, seed, device, *, in_pairs=True, flips=False):
        self.batch = batch
        self.side = side
        self.n_patches = n_patches
        self.seed = seed
        self.device = device
        self.flips = flips
        sequences = range(len(batch.sequence_channels))
        taken = combinations(sequences, 2 if in_pairs else 1)
        self.units = [(index, channels) for channels in taken for index in range(len(batch))]

    def __len__(self):
        return len(self.units) * self.n_patches

    def take(self, rows, epoch):
        """Patches of some rows.

        Parameters
        ----------
        rows : sequence of int
        epoch : int

        Returns
        -------
        Patches
        """
        cut = [self._cut(int(row), epoch) for row in rows]
        pictures = torch.from_numpy(np.stack([planes for planes, _ in cut])).to(self.device)
        if self.batch.mask is None:
            return Patches(pictures, None)
        labels = np.stack([labels for _, labels in cut]).astype(np.int64)
        return Patches(pictures, torch.from_numpy(labels).to(self.device))

    def _cut(self, row, epoch):
        index, channels = self.units[row // self.n_patches]
        rng = np.random.default_rng([self.seed, epoch, row])
        planes = scaled_planes(self.batch, index, channels)
        labels = None if self.batch.mask is None else self.batch.labels(index)
        planes = pad_planes(planes, 1, self.side)
        top, left = (int(rng.integers(side - self.side + 1)) for side in planes.shape[1:])
        axes = [axis for axis in (-2, -1) if self.flips and rng.random() < 0.5]

        def cut(plane):
            part = plane[..., top : top + self.side, left : left + self.side]
            return np.flip(part, axes)

        return cut(planes), None if labels is None else cut(pad_planes(labels, 1, self.side))
