"""Where the spinal canal lies in an axial slice: the paper's four steps on one picture, pure."""

from typing import NamedTuple

import numpy as np

SEARCH_WIDTH = 64
AIR = 0.05
MOSTLY = 0.8


class Place(NamedTuple):
    """The centre of the canal as shares of height and width, and whether air surrounds the body."""

    row: float
    column: float
    full_field: bool


def find_canal(image):
    """Find the canal of one image.

    Parameters
    ----------
    image : ndarray of shape (H, W, M)
        Sequences only.

    Returns
    -------
    Place
    """
    plane = mean_plane(image)
    top, bottom, left, right = informative(plane)
    field = plane[top:bottom, left:right]
    column = midline(field)
    row = level(field, column)
    height, width = plane.shape
    return Place(
        (top + row * (bottom - top)) / height,
        (left + column * (right - left)) / width,
        is_full_field(plane),
    )


def mean_plane(image):
    """Mean of the sequences, each stretched so that its 1st and 99th percentiles are 0 and 1."""
    planes = np.moveaxis(image, -1, 0).astype(np.float32)
    low, high = np.percentile(planes, [1, 99], axis=(1, 2), keepdims=True)
    spread = np.where(high > low, high - low, 1)
    return np.clip((planes - low) / spread, 0, 1).mean(axis=0)


def informative(plane):
    """First and end row, first and end column, without borders of air or of padding.

    A row of padding repeats its neighbour; in a row of air hardly a pixel is above a twentieth.
    """
    return *_without_borders(plane), *_without_borders(plane.T)


def midline(field):
    """Share of the width at which the left and the right of the picture are most alike.

    Alike means correlated after mirroring, on intensities whose slow changes, such as the coil's
    sensitivity, are taken off.
    """
    detail = _detail(_shrink(field))
    width = detail.shape[1]
    axes = np.arange(width // 2, width + width // 2 + 1) / 2
    likeness = [_mirror_correlation(detail, axis) for axis in axes]
    # Of equal ones, as in a picture without content, the most central.
    off_centre = np.abs(axes / width - 0.5)
    return float(axes[np.lexsort((off_centre, -np.round(likeness, 6)))[0]] / width)


def level(field, column, *, reach=0.15, spread=0.3):
    """Share of the height about which the intensity near the midline gathers.

    Parameters
    ----------
    field : ndarray of shape (H, W)
    column : float
        The midline, as a share of the width.
    reach : float
        Width of "near the midline": a Gaussian's standard deviation, as a share of the width.
    spread : float
        How far from the middle of the height is still likely: a standard deviation, as a share.
    """
    picture = _shrink(field)
    rows, columns = ((np.arange(side) + 0.5) / side for side in picture.shape)
    near = np.exp(-(((columns - column) / reach) ** 2) / 2)
    profile = picture @ near
    profile = (profile - profile.min()) * np.exp(-(((rows - 0.5) / spread) ** 2) / 2)
    return float(profile @ rows / profile.sum()) if profile.any() else 0.5


def is_full_field(plane):
    """Whether air surrounds the body: at least two sides of the picture are mostly air."""
    sides = (plane[:1], plane[-1:], plane[:, :1].T, plane[:, -1:].T)
    return sum((_smooth_rows(side) < AIR).mean() > MOSTLY for side in sides) >= 2


def _without_borders(plane):
    """First and end row that are neither padding nor air."""
    repeats = (plane[1:] == plane[:-1]).all(axis=1)
    air = np.percentile(_smooth_rows(plane), 95, axis=1) < AIR
    first = np.argmin(np.append(repeats, False) | air)
    last = np.argmin(np.append(repeats[::-1], False) | air[::-1])
    end = len(plane) - last
    return (int(first), int(end)) if end - first >= 8 else (0, len(plane))


def _smooth_rows(plane):
    """Means of 5 pixels of a row: in air the noise of single pixels can be above a twentieth."""
    import cv2

    return cv2.blur(plane, (5, 1))


def _shrink(field):
    import cv2

    height = max(8, round(field.shape[0] * SEARCH_WIDTH / field.shape[1]))
    return cv2.resize(field, (SEARCH_WIDTH, height), interpolation=cv2.INTER_AREA)


def _detail(picture):
    """Band-pass: finer than a seventh of the width, coarser than a pixel's noise."""
    import cv2

    fine = cv2.GaussianBlur(picture, (0, 0), 0.015 * SEARCH_WIDTH)
    return fine - cv2.GaussianBlur(picture, (0, 0), 0.15 * SEARCH_WIDTH)


def _mirror_correlation(detail, axis):
    """Correlation of the picture left of an axis with the mirrored picture right of it."""
    right, left = detail[:, int(np.ceil(axis)) :], detail[:, : int(np.floor(axis))][:, ::-1]
    shared = min(right.shape[1], left.shape[1])
    right, left = right[:, :shared], left[:, :shared]
    right, left = right - right.mean(), left - left.mean()
    strength = np.sqrt((right**2).sum() * (left**2).sum())
    return (right * left).sum() / strength if strength > 0 else 0.0
