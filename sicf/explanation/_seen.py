"""What an extractor sees of each original picture, and the way back to its pixels."""

import warnings
from dataclasses import dataclass

import cv2
import numpy as np

from sicf.explanation._fitted_chain import uncached


@dataclass(frozen=True)
class Seen:
    """Pictures as they are after some image steps, with the boxes that they show.

    Parameters
    ----------
    images : array or list of n images
    boxes : ndarray of float of shape (n, 4)
        First row, first column, end row, end column in the original picture, ends excluded.
    """

    images: object
    boxes: np.ndarray

    def after(self, steps):
        """The same after some more image steps."""
        seen = self
        for step in steps:
            seen = seen._after(step)
        return seen

    def _after(self, step):
        images, inner = step.transform(self.images), uncached(step)
        if hasattr(inner, "locate"):
            return Seen(images, self._inside(inner.locate(self.images)))
        before, now = sizes(self.images), sizes(images)
        if not np.array_equal(before, now):
            warnings.warn(
                f"{type(inner).__name__} changes the size of pictures and has no `locate`: the "
                "maps take it for a resizing of the whole picture.",
                stacklevel=4,
            )
        return Seen(images, self.boxes)

    def _inside(self, located):
        """Boxes within what is seen, as boxes of the original pictures."""
        origin, extent = self.boxes[:, :2], self.boxes[:, 2:] - self.boxes[:, :2]
        scale = extent / sizes(self.images)
        return np.hstack([origin + located[:, :2] * scale, origin + located[:, 2:] * scale])


def seen_whole(images):
    """Original pictures, of which everything is seen."""
    whole = sizes(images)
    return Seen(images, np.hstack([np.zeros_like(whole), whole]))


def sizes(images):
    """Rows and columns of each image, of shape (n, 2)."""
    return np.array([np.shape(image)[:2] for image in images], float)


def lay_back(plane, box, shape):
    """Lay a coarse map of what was seen over the original picture; outside the box it is 0.

    Parameters
    ----------
    plane : ndarray of shape (h, w)
    box : sequence of 4 numbers
    shape : (int, int)
        Rows and columns of the original picture.

    Returns
    -------
    ndarray of float32 of shape `shape`
    """
    top, left, bottom, right = np.rint(box).astype(int)
    laid = np.zeros(shape, np.float32)
    laid[top:bottom, left:right] = cv2.resize(
        np.asarray(plane, np.float32), (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
    )
    return laid
