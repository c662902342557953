"""Do two scans lie on one grid? And, where the user asks for it, bringing one onto the other's."""

from dataclasses import replace

import numpy as np
from scipy.ndimage import map_coordinates

from sicf.images.files._scan import FRAMES, PICTURE, Scan

# Headers round: nothing may lie further off than this share of the shortest side of a voxel.
TOLERANCE = 0.1


def check_one_grid(first: Scan, other: Scan):
    """Raise where two scans differ in shape, or in where their voxels lie.

    Places are compared at the corners of the grid, where both scans give them.
    """
    difference = _difference(first, other)
    if difference:
        raise ValueError(
            "Sequences and mask of an image must lie on one grid; resample_to= brings them onto "
            f"one. {other.name} {difference} {first.name}."
        )


def _difference(first, other):
    if (first.layout, _grid_shape(first)) != (other.layout, _grid_shape(other)):
        return f"is {other.form}, not {first.form} as"
    if first.affine is None or other.affine is None:
        return None
    away = _largest_distance(first, other)
    if away > TOLERANCE * np.linalg.norm(first.affine[:3, :3], axis=0).min():
        return f"lies up to {away:.3g} mm away from"
    return None


def _grid_shape(scan):
    """Shape without the channels that a picture's file may hold."""
    return scan.pixels.shape[:2] if scan.layout == PICTURE else scan.pixels.shape


def _largest_distance(first, other):
    shape = np.array([*_grid_shape(first), 1][:3])
    corners = np.stack(np.meshgrid(*([0, side - 1] for side in shape), indexing="ij"))
    corners = np.vstack([corners.reshape(3, -1), np.ones(8)])
    return np.linalg.norm(((other.affine - first.affine) @ corners)[:3], axis=0).max()


def resample(scan: Scan, onto: Scan, *, nearest=False):
    """Bring a scan onto the grid of another.

    Parameters
    ----------
    scan, onto : Scan
        Both say where they lie.
    nearest : bool, default=False
        Take the nearest voxel, for labels; else interpolate linearly.

    Returns
    -------
    Scan
        Of the dtype of `scan`. A voxel reaches half a step round its centre; beyond that it is 0.
    """
    for each in (scan, onto):
        if each.affine is None or each.layout == FRAMES:
            raise ValueError(
                f"Resampling needs scans that say where they lie. Got {each.describe()}, which "
                "does not."
            )
    pixels = scan.pixels.reshape(*scan.pixels.shape, *[1] * (3 - scan.pixels.ndim))
    shape = onto.pixels.shape
    across = np.linalg.solve(scan.affine, onto.affine)
    resampled = np.zeros((*shape, *[1] * (3 - len(shape))), scan.pixels.dtype)
    inside = [
        _fill_slab(resampled, index, pixels, across, nearest) for index in range(resampled.shape[2])
    ]
    if not any(inside):
        raise ValueError(f"{scan.name} and {onto.name} lie apart: not one voxel is in both.")
    return replace(
        onto,
        pixels=resampled.reshape(shape),
        name=scan.name,
        rescale=scan.rescale,
        remarks=scan.remarks,
    )


def _fill_slab(resampled, index, pixels, across, nearest):
    """Fill one slab of the third axis, so that places of all voxels are never held at once."""
    rows, columns = resampled.shape[:2]
    grid = np.indices((rows, columns)).reshape(2, -1)
    places = across[:3, :2] @ grid + (across[:3, 2] * index + across[:3, 3])[:, np.newaxis]
    last = np.array(pixels.shape)[:, np.newaxis] - 0.5
    # Rounding may put a place by a hair across the border of its voxel.
    within = ((places >= -0.5 - 1e-6) & (places <= last + 1e-6)).all(axis=0)
    if not within.any():
        return False
    order, output = (0, pixels.dtype) if nearest else (1, np.float64)
    values = map_coordinates(pixels, places[:, within], output=output, order=order, mode="nearest")
    if pixels.dtype.kind in "bui" and not nearest:
        values = np.rint(values)
    slab = np.zeros(rows * columns, pixels.dtype)
    slab[within] = values.astype(pixels.dtype)
    resampled[:, :, index] = slab.reshape(rows, columns)
    return True
