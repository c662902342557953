"""The three images of a fusion metric: one door, through which they come on the scale 0 to 255."""

import numbers

import numpy as np

PEAK = 255.0


def check_metric_images(A, B, F, data_range=None):
    """Return both sources and the fused images as stacks of float64 on the scale 0 to 255.

    Parameters
    ----------
    A, B, F : array-like of shape (H, W) or (n, H, W)
    data_range : float, default=None
        Highest value that a pixel may have; the lowest is 0.

    Returns
    -------
    list of three ndarray of float64 of shape (n, H, W)

    Raises
    ------
    TypeError
        An array holds no real numbers, or `data_range` is none.
    ValueError
        Shapes differ, pixels are not finite or outside the range, or the range is not known.
    """
    _check_range(data_range)
    named = {"A": np.asarray(A), "B": np.asarray(B), "F": np.asarray(F)}
    for name, images in named.items():
        _check_array(name, images, data_range)
    shapes = {name: images.shape for name, images in named.items()}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"A, B and F must have one shape. Got {listed} instead.")
    if data_range is None:
        _check_not_of_one(named)
    scale = PEAK / (PEAK if data_range is None else data_range)
    return [_as_stack(name, images, scale) for name, images in named.items()]


def _check_range(data_range):
    if data_range is None:
        return
    if not isinstance(data_range, numbers.Real) or isinstance(data_range, bool):
        raise TypeError(f"data_range must be a number or None. Got {data_range!r} instead.")
    if not 0 < data_range < np.inf:
        raise ValueError(f"data_range must be above 0 and finite. Got {data_range} instead.")


def _check_array(name, images, data_range):
    if images.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers. Got dtype {images.dtype} instead.")
    if images.ndim not in (2, 3):
        raise ValueError(
            f"{name} must have shape (H, W) or (n, H, W). Got {images.shape} instead. Measure the "
            "channels of a colour image one by one, or its luminance."
        )
    if images.size == 0:
        raise ValueError(f"{name} must hold pixels. Got shape {images.shape} instead.")
    if data_range is None and images.dtype.kind in "iu" and images.dtype != np.uint8:
        raise ValueError(
            f"{name} must be uint8 or of a float type unless data_range= says what its highest "
            f"value may be. Got {images.dtype} instead."
        )


def _check_not_of_one(named):
    """Floats between 0 and 1 would be measured as almost black, and nobody would notice."""
    floats = [images for images in named.values() if images.dtype.kind == "f"]
    highest = max((images.max() for images in floats), default=0)
    if 0 < highest <= 1:
        raise ValueError(
            "Images of a float type are taken to lie between 0 and 255, and the highest value here "
            f"is {highest:.4g}. Set data_range=1 for images between 0 and 1, or data_range=255."
        )


def _as_stack(name, images, scale):
    stack = images.reshape(-1, *images.shape[-2:]).astype(np.float64)
    where = f"{name}" if images.ndim == 2 else f"{name}[%d]"
    for index, image in enumerate(stack):
        if not np.isfinite(image).all():
            raise ValueError(f"Pixels must be finite. {_of(where, index)} holds NaN or infinity.")
        low, high = image.min(), image.max()
        if low < 0 or high * scale > PEAK * (1 + 1e-12):
            raise ValueError(
                f"Pixels must lie between 0 and {PEAK / scale:g}. {_of(where, index)} lies between "
                f"{low:g} and {high:g}. Clip it, or set data_range=."
            )
    return stack * scale


def _of(where, index):
    return where % index if "%" in where else where
