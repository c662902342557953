"""Occlusion: what the probability loses where the picture is blurred, whatever the model is."""

import cv2
import numpy as np

from sicf._batch import check_images

BLUR = 0.1


def occlusion_map(probability, image, grid, mask=None):
    """Blur one window after the other and note what the probability loses.

    Parameters
    ----------
    probability : callable
        From a list of images to an array of shape (number of images,).
    image : ndarray of shape (H, W) or (H, W, M)
        As the extractors see it.
    grid : int
        Windows along a side. A window is two cells wide and high, so that neighbours overlap.
    mask : int or None
        The channel that is left as it is.

    Returns
    -------
    ndarray of shape (grid, grid)
        Mean loss over the windows that hold a cell. Above 0 where the cell speaks for the class.
    """
    blurred = blur(image, mask)
    rows, columns = (np.linspace(0, side, grid + 1).round().astype(int) for side in image.shape[:2])
    corners = [(row, column) for row in range(-1, grid) for column in range(-1, grid)]
    pictures = [image]
    for row, column in corners:
        window = (
            slice(rows[max(row, 0)], rows[min(row + 2, grid)]),
            slice(columns[max(column, 0)], columns[min(column + 2, grid)]),
        )
        picture = image.copy()
        picture[window] = blurred[window]
        pictures.append(picture)
    found = np.asarray(probability(pictures))
    loss = np.zeros((grid + 2, grid + 2))
    for (row, column), value in zip(corners, found[0] - found[1:], strict=True):
        loss[row + 1 : row + 3, column + 1 : column + 3] += value / 4
    return loss[1:-1, 1:-1]


def blur(image, mask=None):
    """Blur each sequence by a Gaussian of a tenth of the longer side; the mask stays.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, M)
    mask : int or None

    Returns
    -------
    ndarray like `image`
    """
    batch = check_images([image], mask=mask)
    blurred, sigma = batch[0].copy(), BLUR * max(image.shape[:2])
    for channel in batch.sequence_channels:
        plane = cv2.GaussianBlur(batch[0][:, :, channel].astype(np.float64), (0, 0), sigma)
        whole = blurred.dtype.kind in "iu"
        blurred[:, :, channel] = np.rint(plane) if whole else plane
    return blurred.reshape(image.shape)
