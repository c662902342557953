"""MaskROI: a box about the labels of a mask channel."""

import numbers

import numpy as np

from sicf._batch import check_mask_labels
from sicf.images._roi import ROI

ON_EMPTY = ("raise", "whole")


class MaskROI(ROI):
    """Crop each image to the box about its mask, with a margin.

    Parameters
    ----------
    size : int, (int, int) or None, default=224
        Rows and columns to which the box is resized. None keeps its own pixels.
    margin : float or int, default=0.1
        Added on every side: a float as a share of the box's longer side, an int in pixels.
    mask_labels : sequence or set of int, default=None
        The labels that count. None counts all above 0.
    square : bool, default=True
        Widen the shorter side, so that resizing keeps the shapes; only the picture's border may
        prevent it.
    on_empty : {"raise", "whole"}, default="raise"
        What to do with an image in whose mask no label counts: an error that names it, or the
        whole image.
    mask : int, default=-1
        The channel that holds the mask. It is cropped too, by nearest pixels.
    fill_nan : float, default=None
        Written where a pixel is NaN. None makes NaN an error that names the image.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    boxes_to_mask : Makes a mask channel of boxes.

    Notes
    -----
    One byte a pixel stays one byte: a resized uint8 picture is rounded to whole grey levels. Any
    other dtype is resized, at full depth, as float32, or as float64 where 24 bits are too few, so
    that uint16 and float copies of one scene give the same crops. ``size=None`` keeps the dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import MaskROI
    >>> X = np.ones((1, 64, 64, 2), np.uint8)
    >>> X[..., 1] = 0
    >>> X[0, 20:30, 20:40, 1] = 1
    >>> MaskROI(margin=2).locate(X).tolist()
    [[13, 18, 37, 42]]
    """

    def __init__(
        self,
        size=224,
        *,
        margin=0.1,
        mask_labels=None,
        square=True,
        on_empty="raise",
        mask=-1,
        fill_nan=None,
    ):
        self.size = size
        self.margin = margin
        self.mask_labels = mask_labels
        self.square = square
        self.on_empty = on_empty
        self.mask = mask
        self.fill_nan = fill_nan

    def _locate_image(self, batch, index):
        labels = batch.labels(index)
        counted = batch.region(index, self.mask_labels)
        if not counted.any():
            return self._whole(index, labels)
        spans = [np.flatnonzero(counted.any(axis=axis)) for axis in (1, 0)]
        starts, ends = np.array([[span[0], span[-1] + 1] for span in spans]).T
        longest = (ends - starts).max()
        share = not isinstance(self.margin, numbers.Integral)
        margin = round(self.margin * longest) if share else self.margin
        lacking = longest - (ends - starts) if self.square else np.zeros(2, int)
        starts = np.maximum(starts - margin - lacking // 2, 0)
        ends = np.minimum(ends + margin + (lacking + 1) // 2, labels.shape)
        return (*starts.tolist(), *ends.tolist())

    def _whole(self, index, labels):
        if self.on_empty == "whole":
            return (0, 0, *labels.shape)
        wanted = self.mask_labels
        counts = "above 0" if wanted is None else f"among {sorted(map(int, wanted))}"
        raise ValueError(
            f"A mask must hold a label {counts}. That of image {index} holds "
            f"{np.unique(labels).tolist()[:10]}; on_empty='whole' takes the whole image instead."
        )

    def _check_parameters(self):
        super()._check_parameters()
        if self.mask is None:
            raise ValueError("MaskROI needs mask, the number of the mask channel. Got None.")
        if self.on_empty not in ON_EMPTY:
            raise ValueError(f"on_empty must be one of {ON_EMPTY}. Got {self.on_empty!r} instead.")
        check_mask_labels(self.mask_labels)
        if not isinstance(self.margin, numbers.Real) or not 0 <= self.margin < np.inf:
            raise ValueError(f"margin must be at least 0. Got {self.margin!r} instead.")
