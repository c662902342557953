"""Histogram equalization: one contrast for scanners that do not share an intensity scale."""

import numbers

import numpy as np

from sicf._intensity import stretch
from sicf.images._image_step import ImageStep

METHODS = ("global", "clahe")


class HistEqualize(ImageStep):
    """Equalize the histogram of each sequence of each image and write eight bits.

    Nothing is learnt: each picture is equalized by itself. Full depth is used before eight bits
    are written, so a 12-bit slice loses no grey level that its own histogram could separate. On
    eight-bit input, `method="global"` equals OpenCV's ``equalizeHist``.

    Parameters
    ----------
    method : {"global", "clahe"}, default="global"
        Global equalization is the paper's and has no parameter. "clahe" is contrast-limited
        adaptive equalization: each tile has its own histogram, clipped at `clip_limit`.
    clip_limit : float, default=2.0
        For "clahe": the height at which a tile's histogram is clipped, as a multiple of its mean.
        Above 0.
    tile_grid : tuple of (int, int), default=(8, 8)
        For "clahe": number of tiles over the rows and over the columns.
    mask : int, default=None
        The channel that holds a mask. It is handed on, never equalized.
    fill_nan : float, default=None
        Written where a pixel is NaN. None makes NaN an error that names the image.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    QuadrantROI : Crop round the spinal canal first, so that the histogram is that of the region.

    Notes
    -----
    A constant picture stays constant, by either method: its one level v becomes v on eight-bit
    input, and 0 on any other, whose scale is not known. With a mask channel the output is eight-bit
    too, so labels above 255 are refused.

    References
    ----------
    .. [1] S. M. Pizer et al., "Adaptive histogram equalization and its variations", Computer
       Vision, Graphics, and Image Processing 39 (3), 1987. :doi:`10.1016/S0734-189X(87)80186-X`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import HistEqualize
    >>> X = np.random.default_rng(0).gamma(2, 300, size=(2, 64, 64))
    >>> equalized = HistEqualize().fit_transform(X)
    >>> equalized.dtype, int(equalized.min()), int(equalized.max())
    (dtype('uint8'), 0, 255)
    """

    def __init__(
        self, method="global", *, clip_limit=2.0, tile_grid=(8, 8), mask=None, fill_nan=None
    ):
        self.method = method
        self.clip_limit = clip_limit
        self.tile_grid = tile_grid
        self.mask = mask
        self.fill_nan = fill_nan

    def _transform_batch(self, batch):
        return [self._equalize_image(batch, index) for index in range(len(batch))]

    def _equalize_image(self, batch, index):
        image = batch[index]
        equalized = np.empty(image.shape, np.uint8)
        for m in batch.sequence_channels:
            equalized[:, :, m] = self._equalize_plane(image[:, :, m])
        if batch.mask is not None:
            equalized[:, :, batch.mask] = _eight_bit_labels(batch.labels(index), index)
        return equalized

    def _equalize_plane(self, plane):
        if self.method == "global":
            return equalize_plane(plane)
        return equalize_tiles(plane, self.clip_limit, self.tile_grid)

    def _check_parameters(self):
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}. Got {self.method!r} instead.")
        if not isinstance(self.clip_limit, numbers.Real) or not self.clip_limit > 0:
            raise ValueError(f"clip_limit must be above 0. Got {self.clip_limit!r} instead.")
        if not _is_grid(self.tile_grid):
            raise ValueError(
                "tile_grid must be two whole numbers of at least 1. "
                f"Got {self.tile_grid!r} instead."
            )


def equalize_plane(plane):
    """Equalize one plane of any real dtype by the rank of its grey levels.

    The mapping is OpenCV's: level v becomes ``round(255 (C(v) - C(v0)) / (N - C(v0)))``, where C
    counts the pixels up to a level, v0 is the lowest level and N the number of pixels.

    Parameters
    ----------
    plane : ndarray of shape (H, W)

    Returns
    -------
    ndarray of uint8 of shape (H, W)
    """
    import cv2

    if plane.dtype == np.uint8:
        return cv2.equalizeHist(np.ascontiguousarray(plane))
    # Ranks of the plane's own levels: floats and integers of one scene have the same.
    _, level, counts = np.unique(plane, return_inverse=True, return_counts=True)
    if counts.size == 1:
        return np.zeros(plane.shape, np.uint8)
    above_lowest = np.cumsum(counts) - counts[0]
    table = np.rint(above_lowest * (255 / above_lowest[-1])).astype(np.uint8)
    return table[level].reshape(plane.shape)


def equalize_tiles(plane, clip_limit, tile_grid):
    """Equalize one plane of any real dtype by CLAHE, on 16 bits unless it has 8.

    Parameters
    ----------
    plane : ndarray of shape (H, W)
    clip_limit : float
    tile_grid : tuple of (int, int)
        Number of tiles over the rows and over the columns.

    Returns
    -------
    ndarray of uint8 of shape (H, W)
    """
    import cv2

    eight_bits = plane.dtype == np.uint8
    if plane.min() == plane.max():
        # CLAHE spreads the clipped part of the histogram, and so lifts even a single level.
        return plane if eight_bits else np.zeros(plane.shape, np.uint8)
    rows, columns = tile_grid
    clahe = cv2.createCLAHE(float(clip_limit), (int(columns), int(rows)))
    if eight_bits:
        return clahe.apply(np.ascontiguousarray(plane))
    sixteen_bits = np.rint(stretch(plane) * 65535).astype(np.uint16)
    return np.rint(clahe.apply(sixteen_bits) / 257).astype(np.uint8)


def _is_grid(grid):
    return (
        isinstance(grid, (tuple, list, np.ndarray))
        and len(grid) == 2
        and all(isinstance(n, numbers.Integral) and n >= 1 for n in grid)
    )


def _eight_bit_labels(labels, index):
    if labels.min() < 0 or labels.max() > 255:
        raise ValueError(
            "Labels of a mask channel must lie in 0 to 255 to be written in eight bits. "
            f"Image {index} holds {labels.min():g} to {labels.max():g}."
        )
    return labels.astype(np.uint8)
