"""Images to rows by their pixels, made few: the control of every comparison."""

import numpy as np

from sicf._number_checks import check_whole_number
from sicf.features._picture_features import PictureFeatures


class ThumbnailFeatures(PictureFeatures):
    """Take each image's pixels after it is shrunk to a small square: 1,024 columns a sequence.

    Parameters
    ----------
    size : int, default=32
        Side of the thumbnail in pixels.
    fuse_sequences : {"concat", "mean", "max"}, default="concat"
        How the rows of several sequences become one.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    n_jobs : int, default=None
        Workers over images. The result does not depend on it.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    make_thumbnail_forest : With a forest after it.

    Notes
    -----
    A system that is not above a forest on thumbnails has learnt nothing that needs its features.
    Pixels are area averages where the picture shrinks, and lie in [0, 1]; pictures that are not
    eight-bit are first stretched to eight bits, each sequence of each image from its own minimum
    and maximum.

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import ThumbnailFeatures
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> ThumbnailFeatures(16).fit_transform(X).shape
    (2, 256)
    """

    def __init__(
        self, size=32, *, fuse_sequences="concat", sequence_names=None, mask=None, n_jobs=None
    ):
        self.size = size
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.n_jobs = n_jobs

    def _names(self):
        digits = len(str(self.size - 1))
        side = range(self.size)
        return [f"pixel_{row:0{digits}d}_{column:0{digits}d}" for row in side for column in side]

    def _describe(self, plane):
        return np.asarray(plane / 255).ravel()

    def _check_own_parameters(self):
        check_whole_number("size", self.size)
