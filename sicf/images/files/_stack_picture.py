"""One slice of a sample: all its sequences, and its mask as the last channel."""

import numbers

import numpy as np

from sicf.images._resize import resize_labels, resize_plane
from sicf.images.files._co_registered import Stack
from sicf.images.files._reading import Reading
from sicf.images.files._slice_policy import (
    choose_plane,
    choose_slice,
    count_labelled,
    take_picture,
)

# A pixel size that would make a picture larger than this is a damaged one.
LARGEST_SIDE = 16_384


def choose_picture(stack: Stack, reading: Reading):
    """Give plane and number of the slice that the policy means for a sample.

    Returns
    -------
    plane : str or None
    index : int
    """
    first = stack.scans[0]
    plane, depth = choose_plane(first, reading.plane)
    labelled = None
    if reading.slice == "largest-mask":
        labelled = count_labelled(stack.mask, plane, reading.mask_labels)
    return plane, choose_slice(first, depth, reading.slice, labelled)


def picture_of(stack: Stack, plane, index, reading: Reading):
    """Give one slice of all sequences, and of the mask as the last channel.

    Parameters
    ----------
    stack : Stack
    plane : str or None
    index : int
    reading : Reading

    Returns
    -------
    ndarray of shape (H, W) or (H, W, M)
    """
    scans = [scan and take_picture(scan, plane, index) for scan in stack.sequences]
    size = _new_size(next(scan for scan in scans if scan is not None), reading.spacing)
    planes = _filled([scan and _resized(scan.pixels, size, resize_plane) for scan in scans])
    if stack.mask is None:
        return planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    labels = take_picture(stack.mask, plane, index).pixels
    return _with_mask(planes, _resized(labels, size, resize_labels))


def _new_size(picture, spacing):
    if spacing is None:
        return None
    if picture.spacing is None:
        raise ValueError(f"spacing= needs files that give a pixel size. Got {picture.describe()}.")
    wanted = (spacing, spacing) if isinstance(spacing, numbers.Real) else spacing
    sides = [
        max(1, round(side * old / new))
        for side, old, new in zip(picture.pixels.shape[:2], picture.spacing, wanted, strict=True)
    ]
    if max(sides) > LARGEST_SIDE:
        raise ValueError(
            f"spacing= must not make a side longer than {LARGEST_SIDE} pixels. Got {max(sides)} "
            f"for {picture.describe()} with pixels of {max(picture.spacing):.3g} mm."
        )
    return tuple(sides)


def _resized(pixels, size, resize):
    if size is None:
        return pixels
    if pixels.ndim == 2:
        return resize(pixels, size)
    return np.stack([resize(pixels[:, :, m], size) for m in range(pixels.shape[2])], axis=2)


def _filled(planes):
    """One dtype for all, and the mean of the others where one is missing."""
    there = [plane for plane in planes if plane is not None]
    if len(planes) > 1 and any(plane.ndim > 2 for plane in there):
        raise ValueError(
            "A file of several channels must be the only sequence of its image. "
            f"Got {len(planes)} sequences."
        )
    dtype = np.result_type(*there)
    mean = mean_of_others(there).astype(dtype) if len(there) < len(planes) else None
    return [mean if plane is None else plane.astype(dtype, copy=False) for plane in planes]


def mean_of_others(planes):
    """The mean of planes, each first brought to [0, 1] by its own range.

    It is then stretched to the mean of their ranges, so that it lies among them: of one plane it
    is a copy. The result is whole where all planes are.

    Parameters
    ----------
    planes : list of ndarray of shape (H, W)

    Returns
    -------
    ndarray of float64 of shape (H, W)
    """
    floats = [plane.astype(np.float64) for plane in planes]
    lows = [plane.min() for plane in floats]
    spans = [plane.max() - low for plane, low in zip(floats, lows, strict=True)]
    units = [
        (plane - low) / span if span > 0 else np.zeros_like(plane)
        for plane, low, span in zip(floats, lows, spans, strict=True)
    ]
    mean = np.mean(units, axis=0) * np.mean(spans) + np.mean(lows)
    return np.rint(mean) if all(plane.dtype.kind in "bui" for plane in planes) else mean


def _with_mask(planes, labels):
    """Labels take the sequences' dtype where it holds them all, and widen it where it does not."""
    dtype = planes[0].dtype
    with np.errstate(over="ignore", invalid="ignore"):
        fits = bool((labels.astype(dtype) == labels).all())
    if not fits:
        bounds = np.min_scalar_type(int(labels.min())), np.min_scalar_type(int(labels.max()))
        dtype = np.result_type(dtype, *bounds)
    channels = [plane if plane.ndim == 3 else plane[:, :, np.newaxis] for plane in planes]
    return np.concatenate(
        [*channels, labels[:, :, np.newaxis]], axis=2, dtype=dtype, casting="unsafe"
    )
