"""Volumes turned to LPS+, and pictures cut from them as DICOM lays pictures."""

from dataclasses import replace
from itertools import permutations

import numpy as np

from sicf.images.files._guarded import Fault
from sicf.images.files._scan import PICTURE, Scan

PLANES = {"sagittal": 0, "coronal": 1, "axial": 2}
# For each plane: the axis of LPS+ that rows run along, and columns; superior runs upwards.
ROWS_AND_COLUMNS = {0: (2, 1), 1: (2, 0), 2: (1, 0)}
SMALLEST_DETERMINANT = 1e-3


def to_lps(pixels, affine):
    """Turn a volume so that its axes lie nearest to left, posterior and superior.

    Axes are swapped and flipped, voxels are never resampled: an oblique volume keeps its slices.

    Parameters
    ----------
    pixels : ndarray of shape (a, b, c)
    affine : ndarray of shape (4, 4)
        From indices to millimetres of LPS+.

    Returns
    -------
    pixels : ndarray of shape (x, y, z)
    affine : ndarray of shape (4, 4)
    """
    axes, signs = _nearest_axes(affine)
    turned = np.zeros((4, 4))
    turned[:, 3] = affine[:, 3]
    for world, (axis, sign) in enumerate(zip(axes, signs, strict=True)):
        turned[:, world] = sign * affine[:, axis]
        if sign < 0:
            turned[:, 3] += affine[:, axis] * (pixels.shape[axis] - 1)
    steps = tuple(slice(None, None, sign) for sign in signs)
    return pixels.transpose(axes)[steps], turned


def _nearest_axes(affine):
    """For each axis of LPS+ the voxel axis that runs along it, and whether forwards."""
    check_affine(affine)
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    axes = max(
        permutations(range(3)),
        key=lambda order: sum(abs(directions[world, axis]) for world, axis in enumerate(order)),
    )
    return axes, [1 if directions[world, axis] >= 0 else -1 for world, axis in enumerate(axes)]


def check_affine(affine):
    """Raise where an affine does not say how voxels lie."""
    if not np.isfinite(affine).all():
        raise Fault("the place of its voxels is not finite")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not (lengths > 0).all() or not np.isfinite(lengths).all():
        raise Fault("its voxels must be larger than 0 mm")
    if abs(np.linalg.det(affine[:3, :3] / lengths)) < SMALLEST_DETERMINANT:
        raise Fault("the axes of its voxels lie in one plane")


def cut(volume, plane, index):
    """Cut one picture from a volume.

    Axial rows run to posterior and columns to left, coronal rows to inferior and columns to left,
    sagittal rows to inferior and columns to posterior: as DICOM stores them.

    Parameters
    ----------
    volume : Scan
        Of shape (x, y, z).
    plane : {"sagittal", "coronal", "axial"}
    index : int
        From right to left, from front to back, or from bottom to top.

    Returns
    -------
    Scan
        A picture of its own memory, so that the volume can go.
    """
    across = PLANES[plane]
    pixels = np.take(volume.pixels, index, axis=across)
    rows, columns = ROWS_AND_COLUMNS[across]
    # The axes that remain are in the order of LPS+, so rows along the later one are a transpose.
    pixels = pixels.T if rows > columns else pixels
    first = np.zeros(4)
    first[[across, 3]] = index, 1
    down = 1
    if rows == PLANES["axial"]:
        pixels, down = pixels[::-1], -1
        first[rows] = volume.pixels.shape[rows] - 1
    affine = volume.affine
    moved = np.column_stack(
        [down * affine[:, rows], affine[:, columns], affine[:, across], affine @ first]
    )
    return replace(
        volume,
        pixels=np.ascontiguousarray(pixels),
        layout=PICTURE,
        affine=moved,
        spacing=tuple(np.linalg.norm(moved[:3, :2], axis=0).tolist()),
    )


def plane_of(picture: Scan):
    """Name the plane that a picture lies nearest to; None where it does not say."""
    if picture.affine is None:
        return None
    across = np.cross(picture.affine[:3, 0], picture.affine[:3, 1])
    return list(PLANES)[int(np.argmax(np.abs(across)))]
