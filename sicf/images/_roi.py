"""What the regions of interest share: boxes, crops, and the way back to a mask channel."""

import numpy as np

from sicf._batch import check_images, stack_alike
from sicf.images._image_step import ImageStep
from sicf.images._resize import check_size, resize_labels, resize_plane


class ROI(ImageStep):
    """Base of the steps that locate a box in each image and crop to it.

    A subclass writes `_locate_image(batch, index)`, which returns first row, first column, end row
    and end column, ends excluded.
    """

    def locate(self, X):
        """Locate the box of each image, for a person to look at.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of int of shape (n, 4)
            First row, first column, end row, end column, in pixels, ends excluded.
        """
        self._check_parameters()
        return self._locate_batch(self._check_images(X))

    def _locate_batch(self, batch):
        return np.array([self._locate_image(batch, index) for index in range(len(batch))])

    def _transform_batch(self, batch):
        boxes = self._locate_batch(batch)
        return [
            crop(image, box, self.size, batch.mask) for image, box in zip(batch, boxes, strict=True)
        ]

    def _check_parameters(self):
        if self.size is not None:
            check_size(self.size)


def crop(image, box, size, mask=None):
    """Cut a box out of an image and resize it.

    Parameters
    ----------
    image : ndarray of shape (H, W, M)
    box : sequence of 4 int
    size : int, (int, int) or None
        None keeps the box's own pixels.
    mask : int or None
        The channel that is resized by nearest pixels.

    Returns
    -------
    ndarray of shape (rows, columns, M)
        Resized, of float32 or float64 unless the pixels have one byte, which they keep: rounding
        to whole grey levels would part integers from floats of the same scene.
    """
    top, left, bottom, right = box
    cut = image[top:bottom, left:right]
    if size is None:
        return cut.copy()
    size = check_size(size)
    if cut.dtype.itemsize > 1:
        cut = cut.astype(np.result_type(cut, np.float32))
    resized = np.empty((*size, cut.shape[2]), cut.dtype)
    for channel in range(cut.shape[2]):
        resize = resize_labels if channel == mask else resize_plane
        resized[:, :, channel] = resize(cut[:, :, channel], size)
    return resized


def place_box(row, column, height, width, shape):
    """Box of a given size about a centre, moved inside the picture.

    Parameters
    ----------
    row, column : float
        The centre, in pixels.
    height, width : int
    shape : tuple of int
        Rows and columns of the picture.

    Returns
    -------
    tuple of 4 int
    """
    top = int(np.clip(np.rint(row - height / 2), 0, shape[0] - height))
    left = int(np.clip(np.rint(column - width / 2), 0, shape[1] - width))
    return top, left, top + height, left + width


def boxes_to_mask(X, boxes):
    """Append boxes, such as those a person has corrected, as a mask channel.

    As a channel they are sliced with the images in cross-validation; :class:`MaskROI` crops to
    them. This is the paper's "semi-automated" way.

    Parameters
    ----------
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
    boxes : array-like of int of shape (n, 4)
        First row, first column, end row, end column, ends excluded, as `QuadrantROI.locate` gives.
        Floats, as tables hold them, must be whole numbers.

    Returns
    -------
    ndarray of shape (n, H, W, M + 1), or list of arrays where sizes or dtypes differ
        The last channel is 1 inside the box and 0 outside.

    Raises
    ------
    ValueError
        There is not one box for each image, or a box is empty, leaves its image or cuts a pixel.

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import boxes_to_mask
    >>> boxes_to_mask(np.ones((2, 32, 40)), [[0, 0, 10, 20], [5, 5, 15, 15]]).shape
    (2, 32, 40, 2)
    """
    batch = check_images(X)
    boxes = check_boxes(boxes, len(batch))
    return stack_alike([_append_box(i, image, boxes[i]) for i, image in enumerate(batch)])


def check_boxes(boxes, n_images):
    """Make an array of boxes, of shape (n, 4), and raise where there is not one for each image."""
    try:
        array = np.asarray(boxes)
    except ValueError as exc:
        raise ValueError("A box must be four numbers. Got boxes that differ in length.") from exc
    if array.shape != (n_images, 4):
        raise ValueError(
            f"boxes must have shape ({n_images}, 4), one for each image. Got {array.shape}."
        )
    if array.dtype.kind not in "uif":
        raise ValueError(f"boxes must hold numbers of pixels. Got {array.dtype} instead.")
    return array


def _append_box(index, image, box):
    rows, columns = image.shape[:2]
    if (box != np.rint(box)).any():
        raise ValueError(
            f"A box must be whole numbers of pixels. That of image {index} is {box.tolist()}."
        )
    top, left, bottom, right = box
    if not (0 <= top < bottom <= rows and 0 <= left < right <= columns):
        raise ValueError(
            f"A box must hold pixels of its image. Image {index} has {rows} x {columns} pixels, "
            f"its box is {box.tolist()}."
        )
    top, left, bottom, right = box.astype(int)
    mask = np.zeros((rows, columns, 1), image.dtype)
    mask[top:bottom, left:right] = 1
    return np.concatenate([image, mask], axis=2)
