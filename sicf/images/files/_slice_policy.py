"""From a volume to one picture: in which plane, and which slice."""

import numbers
from dataclasses import replace

import numpy as np

from sicf.images.files._orientation import PLANES, cut, plane_of
from sicf.images.files._scan import FRAMES, PICTURE, Scan

SLICES = ("middle", "largest-mask")


def check_plane(plane):
    """Raise where `plane` is neither None nor a plane."""
    if plane is not None and plane not in tuple(PLANES):
        raise ValueError(f"plane must be None or one of {tuple(PLANES)}. Got {plane!r} instead.")


def check_slice(slice):
    """Raise where `slice` is neither None nor a way to choose a slice."""
    is_number = isinstance(slice, numbers.Integral) and not isinstance(slice, bool)
    if slice is not None and not is_number and slice not in SLICES:
        raise ValueError(
            f"slice must be None, a whole number or one of {SLICES}. Got {slice!r} instead."
        )


def choose_plane(scan: Scan, plane):
    """Give the plane to cut in, and how many slices it has.

    Parameters
    ----------
    scan : Scan
    plane : {"sagittal", "coronal", "axial"} or None
        What the user asks for.

    Returns
    -------
    plane : str or None
        None for a picture and for frames, which are not cut.
    depth : int
    """
    if scan.layout == FRAMES:
        if plane is not None:
            raise ValueError(
                f"plane= is for scans that say how they lie. Got {plane!r} for {scan.describe()}, "
                "which does not; choose a frame by slice= alone."
            )
        return None, len(scan.pixels)
    if scan.layout == PICTURE:
        if plane is not None and plane_of(scan) not in (None, plane):
            raise ValueError(_other_plane(scan, plane_of(scan), plane))
        return None, 1
    return _plane_of_volume(scan, plane)


def _plane_of_volume(scan, plane):
    thin = [name for name, axis in PLANES.items() if scan.pixels.shape[axis] == 1]
    if plane is None and not thin:
        raise ValueError(
            "A volume needs plane= ('axial', 'sagittal' or 'coronal') and slice=. "
            f"Got {scan.describe()} and no plane."
        )
    plane = plane or thin[0]
    if thin and plane not in thin:
        raise ValueError(_other_plane(scan, thin[0], plane))
    return plane, scan.pixels.shape[PLANES[plane]]


def _other_plane(scan, found, asked):
    return f"plane must be that of a single slice. Got {asked!r} for {scan.describe()}: {found}."


def choose_slice(scan: Scan, depth, slice, labelled=None):
    """Give the number of the slice that the policy means.

    Parameters
    ----------
    scan : Scan
    depth : int
    slice : None, "middle", "largest-mask" or int
        Negative numbers count from the end.
    labelled : ndarray of int of shape (depth,), default=None
        Voxels of the mask that count, slice by slice.

    Returns
    -------
    int
    """
    if slice == "largest-mask":
        if not labelled.any():
            raise ValueError("slice='largest-mask' needs a mask with labels that count. Got none.")
        return int(np.argmax(labelled))
    if slice == "middle" or (slice is None and depth == 1):
        return depth // 2
    if slice is None:
        raise ValueError(
            f"Of several slices one must be chosen by slice= ({', '.join(map(repr, SLICES))} or a "
            f"number). Got {depth} slices in {scan.describe()}."
        )
    if not -depth <= slice < depth:
        raise ValueError(
            f"slice must lie from 0 to {depth - 1}, or from {-depth} to -1 to count from the end. "
            f"Got {slice} for {scan.describe()}."
        )
    return int(slice) % depth


def count_labelled(mask: Scan, plane, mask_labels):
    """Count the voxels of a mask that count, slice by slice.

    Parameters
    ----------
    mask : Scan
    plane : str or None
    mask_labels : collection of int or None
        None counts all labels above 0.

    Returns
    -------
    ndarray of int of shape (depth,)
    """
    # isin takes a set for one single object, and so finds none of its labels.
    counted = mask.pixels > 0 if mask_labels is None else np.isin(mask.pixels, list(mask_labels))
    if mask.layout == PICTURE:
        return np.array([np.count_nonzero(counted)])
    across = 0 if mask.layout == FRAMES else PLANES[plane]
    others = tuple(axis for axis in range(3) if axis != across)
    return np.count_nonzero(counted, axis=others)


def take_picture(scan: Scan, plane, index):
    """Give one slice as a picture.

    Parameters
    ----------
    scan : Scan
    plane : str or None
        From `choose_plane`.
    index : int

    Returns
    -------
    Scan
        With the layout "picture".
    """
    if scan.layout == PICTURE:
        return scan
    if scan.layout == FRAMES:
        return replace(scan, pixels=scan.pixels[index].copy(), layout=PICTURE)
    return cut(scan, plane, index)
