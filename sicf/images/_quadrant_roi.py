"""QuadrantROI: a box about the spinal canal, from the midline and the intensity near it."""

import numbers

from sicf.images._canal import find_canal
from sicf.images._roi import ROI, place_box


class QuadrantROI(ROI):
    """Crop each image to a box about the spinal canal of an axial slice.

    Nothing is learnt. All sequences of an image are cropped alike.

    Parameters
    ----------
    size : int, (int, int) or None, default=224
        Rows and columns to which the box is resized. None keeps its own pixels.
    fraction : float, default=0.33
        Side of the box as a share of the picture's side, where air surrounds the body.
    cropped_fraction : float, default=0.62
        The same where no air is seen, so that the picture has been cropped round the cord already.
    mask : int, default=None
        The channel that holds a mask. It is cropped too, by nearest pixels, and not looked at.
    fill_nan : float, default=None
        Written where a pixel is NaN. None makes NaN an error that names the image.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    MaskROI : Crop to a mask, such as boxes that a person has corrected (`boxes_to_mask`).

    Notes
    -----
    The paper's four steps [1]_, and how they are read here:

    1. *"The axial slice was divided into four quadrants"*, about the midline and a level, which
       steps 2 to 4 find. Borders that hold nothing, air or padding, are left out first.
    2. *"Left-right quadrant similarity metrics (mean intensity) identified the spinal midline"*.
       Read literally, the column that makes the two means most alike is wherever the coil's
       sensitivity balances. Here two halves are alike if each correlates with the other's mirror
       image.
    3. *"The non-relevant quadrants were recursively subdivided"* and
    4. *"the sub-quadrant with the highest midline-proximal intensity was selected"*. Halving cuts a
       canal that lies between two halves, and the brightest part is often fat. Here the level is
       the centroid of the intensity near the midline, weighted towards the middle of the height.

    ``benchmarks/roi_localisation.py`` measures this reading beside the literal one and beside the
    best fixed box of the same size. The box is generous, since a canal that is cut off cannot be
    got back. Slices that are not axial need ``roi=None`` or a mask.

    A picture without content gets the central box.

    One byte a pixel stays one byte: a resized uint8 picture is rounded to whole grey levels. Any
    other dtype is resized, at full depth, as float32, or as float64 where 24 bits are too few, so
    that uint16 and float copies of one scene give the same crops, and the same words and columns
    downstream but for rounding in the last bits. A uint8 copy gives others, since equalization
    spreads its rounded levels. ``size=None`` keeps the dtype.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import QuadrantROI
    >>> X = np.zeros((1, 100, 100), np.uint8)
    >>> X[0, 20:90, 20:80] = 40
    >>> X[0, 50:62, 45:55] = 200
    >>> QuadrantROI().locate(X).tolist()
    [[39, 34, 72, 67]]
    >>> QuadrantROI(size=64).fit_transform(X).shape
    (1, 64, 64)
    """

    def __init__(self, size=224, *, fraction=0.33, cropped_fraction=0.62, mask=None, fill_nan=None):
        self.size = size
        self.fraction = fraction
        self.cropped_fraction = cropped_fraction
        self.mask = mask
        self.fill_nan = fill_nan

    def _locate_image(self, batch, index):
        rows, columns = batch[index].shape[:2]
        place = find_canal(batch.sequences(index))
        share = self.fraction if place.full_field else self.cropped_fraction
        height, width = max(1, round(share * rows)), max(1, round(share * columns))
        return place_box(place.row * rows, place.column * columns, height, width, (rows, columns))

    def _check_parameters(self):
        super()._check_parameters()
        for name in ("fraction", "cropped_fraction"):
            value = getattr(self, name)
            if not isinstance(value, numbers.Real) or not 0 < value <= 1:
                raise ValueError(
                    f"{name} must lie above 0 and at most at 1. Got {value!r} instead."
                )
