"""One random variant of one image: what is drawn, and how it is applied."""

from typing import NamedTuple

import cv2
import numpy as np

# What OpenCV moves as it is; other labels go by float64, which holds them to the last digit.
LABEL_DTYPES = (np.uint8, np.uint16, np.int16, np.float32, np.float64)


class Chances(NamedTuple):
    """Probabilities and ranges of what may happen to a picture."""

    flip_horizontal: float
    flip_vertical: float
    rotate: float
    degrees: float
    scale: float
    factors: tuple
    noise: float
    sigmas: tuple


class Variant(NamedTuple):
    """What happens to one picture: 0 degrees, a factor of 1 and a sigma of 0 leave it alone."""

    flip_horizontal: bool
    flip_vertical: bool
    degrees: float
    factor: float
    sigma: float


def draw_variant(chances, rng):
    """Draw what happens to one picture.

    Parameters
    ----------
    chances : Chances
    rng : Generator

    Returns
    -------
    Variant
    """
    # All numbers are drawn whatever happens, so that one chance does not change the other draws.
    horizontal, vertical, rotates, scales, is_noisy = rng.random(5)
    degrees = rng.uniform(-chances.degrees, chances.degrees)
    factor, sigma = rng.uniform(*chances.factors), rng.uniform(*chances.sigmas)
    return Variant(
        horizontal < chances.flip_horizontal,
        vertical < chances.flip_vertical,
        degrees if rotates < chances.rotate else 0.0,
        factor if scales < chances.scale else 1.0,
        sigma if is_noisy < chances.noise else 0.0,
    )


def apply_variant(image, variant, rng, mask=None):
    """Make one variant of an image.

    Parameters
    ----------
    image : ndarray of shape (H, W, M)
        Finite values of any real dtype. It is not written to.
    variant : Variant
    rng : Generator
        Draws the noise, anew for each sequence.
    mask : int, default=None
        The channel of labels, which is moved and nothing else.

    Returns
    -------
    ndarray of shape (H, W, M), of the dtype of `image`
    """
    result = np.empty(image.shape, image.dtype)
    for m in range(image.shape[2]):
        plane = _flip(image[:, :, m], variant)
        if m == mask:
            result[:, :, m] = _rotate_labels(plane, variant.degrees)
        else:
            result[:, :, m] = _vary_plane(plane, variant, rng)
    return result


def _flip(plane, variant):
    step = slice(None, None, -1)
    return plane[
        step if variant.flip_vertical else slice(None),
        step if variant.flip_horizontal else slice(None),
    ]


def _vary_plane(plane, variant, rng):
    if variant[2:] == (0.0, 1.0, 0.0):
        return plane
    low, high = _scale_of(plane)
    # Rounded once, at the end; 24 bits are enough for 16.
    varied = plane.astype(np.result_type(plane, np.float32))
    if variant.degrees:
        varied = _rotate_picture(varied, variant.degrees, low, high)
    if variant.factor != 1:
        varied = low + (varied - low) * varied.dtype.type(variant.factor)
    if variant.sigma:
        width = np.float64(high) - np.float64(low)
        noise = rng.standard_normal(plane.shape, dtype=np.float32)
        varied = varied + noise * varied.dtype.type(variant.sigma * width)
    varied = np.clip(varied, low, high)
    return (varied if plane.dtype.kind == "f" else np.rint(varied)).astype(plane.dtype)


def _scale_of(plane):
    """The grey levels that stand for 0 and 1, in the dtype that is computed in."""
    if plane.dtype == np.uint8:
        return np.float32(0), np.float32(255)
    kind = np.result_type(plane, np.float32).type
    return kind(plane.min()), kind(plane.max())


def _rotate_picture(plane, degrees, low, high):
    if plane.dtype == np.float32:
        return _rotate(plane, degrees, cv2.INTER_LINEAR)
    # OpenCV places pixels of float64 by 1/32 pixel; those of float32 where they are.
    width = (high - low) or 1
    unit = ((plane - low) / width).astype(np.float32)
    return low + width * _rotate(unit, degrees, cv2.INTER_LINEAR)


def _rotate_labels(labels, degrees):
    if not degrees:
        return labels
    known = labels if labels.dtype in LABEL_DTYPES else labels.astype(np.float64)
    return _rotate(known, degrees, cv2.INTER_NEAREST).astype(labels.dtype)


def _rotate(plane, degrees, interpolation):
    rows, columns = plane.shape
    turn = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), degrees, 1)
    return cv2.warpAffine(
        np.ascontiguousarray(plane),
        turn,
        (columns, rows),
        flags=interpolation,
        borderMode=cv2.BORDER_REFLECT_101,
    )
