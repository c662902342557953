"""Pictures cut into patches, and rows of numbers made of what a network gives for each."""

import numpy as np

from sicf.features._halving_batches import compute_in_batches

PICTURES_AT_ONCE = 16


class PatchRows:
    """Cut pictures into patches of several sizes, and make one row of each picture.

    Parameters
    ----------
    read : callable
        Takes a tensor of patches (b, 3, side, side) and returns a list of tensors (b, ...), one for
        each layer.
    patch_sizes : sequence of int
    patch_resize : int or None
    pool : {"concat", "mean", "max"}
    batch_size : int
        Patches that `read` is given at once.
    """

    def __init__(self, read, *, patch_sizes, patch_resize, pool, batch_size):
        self.read = read
        self.patch_sizes = patch_sizes
        self.patch_resize = patch_resize
        self.pool = pool
        self.batch_size = batch_size

    def of_pictures(self, pictures):
        """One row for each different picture.

        Parameters
        ----------
        pictures : NetworkPictures

        Returns
        -------
        ndarray of float32 of shape (number of pictures, n_columns)
            Sizes one after the other, within each the layers.
        """
        rows = []
        for start in range(0, len(pictures), PICTURES_AT_ONCE):
            stop = min(start + PICTURES_AT_ONCE, len(pictures))
            tensor = pictures.tensor(start, stop)
            blocks = [block for size in self.patch_sizes for block in self._blocks(tensor, size)]
            rows.append(np.concatenate(blocks, axis=1))
        return np.concatenate(rows)

    def widths(self):
        """Columns that each layer gives for one patch, by the patch's size.

        Returns
        -------
        dict of int to list of int
        """
        import torch

        return {
            size: [rows.shape[1] for rows in self._read(torch.zeros(1, 3, size, size))]
            for size in self.patch_sizes
        }

    def _blocks(self, pictures, size):
        patches = cut(pictures, size)
        n_pictures, n_patches = patches.shape[:2]
        patches = patches.flatten(0, 1)
        rows = self._in_batches(patches)
        return [self._pooled(block.reshape(n_pictures, n_patches, -1)) for block in rows]

    def _in_batches(self, patches):
        """Rows of all layers, computed side by side so that one batch can be halved for all."""
        widths = []

        def compute(start, stop):
            found = self._read(patches[start:stop])
            widths[:] = [rows.shape[1] for rows in found]
            return np.concatenate(found, axis=1)

        rows = compute_in_batches(compute, len(patches), self.batch_size)
        return np.split(rows, np.cumsum(widths)[:-1], axis=1)

    def _read(self, patches):
        """Rows of each layer for some patches."""
        import torch

        if self.patch_resize is not None and patches.shape[2] != self.patch_resize:
            patches = torch.nn.functional.interpolate(
                patches, size=self.patch_resize, mode="bilinear", antialias=True
            )
        return [_flat(output) for output in self.read(patches)]

    def _pooled(self, block):
        if self.pool == "concat":
            return block.reshape(len(block), -1)
        return block.mean(axis=1) if self.pool == "mean" else block.max(axis=1)


def cut(pictures, size):
    """Cut pictures into patches that do not overlap, in raster order.

    Parameters
    ----------
    pictures : Tensor of shape (b, C, H, W)
    size : int

    Returns
    -------
    Tensor of shape (b, n_patches, C, size, size)
    """
    patches = pictures.unfold(2, size, size).unfold(3, size, size)
    return patches.permute(0, 2, 3, 1, 4, 5).flatten(1, 2)


def _flat(output):
    rows = output.mean(dim=(2, 3)) if output.ndim == 4 else output.flatten(1)
    return rows.float().cpu().numpy()
