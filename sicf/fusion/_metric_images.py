"""The three images of a fusion metric: one door, through which they come on the scale 0 to 255."""

import numbers

import numpy as np

PEAK = 255.0


def check_metric_images(A, B, F, data_range=None):
    """Return both sources and the fused images as float64 on the scale 0 to 255.

    Parameters
    ----------
    A, B, F : array-like of shape (H, W) or (n, H, W), or list of n arrays of shape (H, W)
    data_range : float, default=None
        Highest value that a pixel may have; the lowest is 0.

    Returns
    -------
    list of three lists of ndarray of float64 of shape (H, W)

    Raises
    ------
    TypeError
        An array holds no real numbers, or `data_range` is none.
    ValueError
        Shapes differ, pixels are not finite or outside the range, or the range is not known.
    """
    _check_range(data_range)
    named = {"A": _images("A", A), "B": _images("B", B), "F": _images("F", F)}
    for images in named.values():
        for where, image in images.items():
            _check_image(where, image, data_range)
    _check_alike(*named.values())
    if data_range is None:
        for name, images in named.items():
            _check_not_of_one(name, images)
    scale = PEAK / (PEAK if data_range is None else data_range)
    return [
        [_on_scale(where, image, scale) for where, image in images.items()]
        for images in named.values()
    ]


def _images(name, given):
    """Images by what messages call them: A, or A[0], A[1] and so on."""
    if isinstance(given, list | tuple) and given and all(map(_is_picture, given)):
        return {f"{name}[{i}]": image for i, image in enumerate(given)}
    array = np.asarray(given)
    if array.ndim not in (2, 3):
        raise ValueError(
            f"{name} must have shape (H, W) or (n, H, W), or be a list of (H, W). "
            f"Got {array.shape} instead. Measure the channels of a colour image one by one, or its "
            "luminance."
        )
    if array.size == 0:
        raise ValueError(f"{name} must hold pixels. Got shape {array.shape} instead.")
    if array.ndim == 2:
        return {name: array}
    return {f"{name}[{i}]": image for i, image in enumerate(array)}


def _is_picture(given):
    return isinstance(given, np.ndarray) and given.ndim == 2


def _check_range(data_range):
    if data_range is None:
        return
    if not isinstance(data_range, numbers.Real) or isinstance(data_range, bool):
        raise TypeError(f"data_range must be a number or None. Got {data_range!r} instead.")
    if not 0 < data_range < np.inf:
        raise ValueError(f"data_range must be above 0 and finite. Got {data_range} instead.")


def _check_image(where, image, data_range):
    if image.dtype.kind not in "iuf":
        raise TypeError(f"{where} must hold real numbers. Got dtype {image.dtype} instead.")
    if image.size == 0:
        raise ValueError(f"{where} must hold pixels. Got shape {image.shape} instead.")
    if data_range is None and image.dtype.kind in "iu" and image.dtype != np.uint8:
        raise ValueError(
            f"{where} must be uint8 or of a float type unless data_range= says what its highest "
            f"value may be. Got {image.dtype} instead."
        )


def _check_alike(A, B, F):
    if not len(A) == len(B) == len(F):
        raise ValueError(
            f"A, B and F must be as many images. Got {len(A)}, {len(B)} and {len(F)} instead."
        )
    for triple in zip(A.items(), B.items(), F.items(), strict=True):
        if len({image.shape for _, image in triple}) > 1:
            listed = ", ".join(f"{where} {image.shape}" for where, image in triple)
            raise ValueError(f"A, B and F must have one shape. Got {listed} instead.")


def _check_not_of_one(name, images):
    """Floats between 0 and 1 would be measured as almost black, and nobody would notice."""
    highest = max((image.max() for image in images.values() if image.dtype.kind == "f"), default=0)
    if 0 < highest <= 1:
        raise ValueError(
            "Images of a float type are taken to lie between 0 and 255, and the highest value of "
            f"{name} is {highest:.4g}. Set data_range=1 for images between 0 and 1, all three of "
            "them, or data_range=255."
        )


def _on_scale(where, image, scale):
    image = image.astype(np.float64)
    if not np.isfinite(image).all():
        raise ValueError(f"Pixels must be finite. {where} holds NaN or infinity.")
    low, high = image.min(), image.max()
    if low < 0 or high * scale > PEAK * (1 + 1e-12):
        raise ValueError(
            f"Pixels must lie between 0 and {PEAK / scale:g}. {where} lies between "
            f"{low:g} and {high:g}. Clip it, or set data_range=."
        )
    return image * scale
