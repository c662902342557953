"""SimpleITK images in memory."""

import numpy as np

from sicf.images.files._guarded import Fault, read_guarded
from sicf.images.files._orientation import check_affine, to_lps
from sicf.images.files._scan import PICTURE, VOLUME, Scan
from sicf.images.files._volume_choice import choose_volume
from sicf.images.files._window import apply_window


def is_simpleitk(source):
    """Whether an object is an image of SimpleITK, without loading SimpleITK to ask."""
    return type(source).__module__.split(".")[0] == "SimpleITK" and hasattr(source, "GetDirection")


def scan_of_simpleitk(image, *, name, volume=None, window=None):
    """Give the scan of a SimpleITK image, whose array has its axes in the order z, y, x.

    Parameters
    ----------
    image : SimpleITK.Image
        Of two dimensions (a picture), three (a volume) or four (several volumes).
    name : str
    volume : int, default=None
        Which volume, where there are several.
    window : None or (float, float)

    Returns
    -------
    Scan
    """
    return read_guarded(name, "a SimpleITK image", lambda: _scan_of(image, name, volume, window))


def _scan_of(image, name, volume, window):
    if window == "file":
        raise Fault("SimpleITK images give no window, and window='file' asks for it")
    if image.GetNumberOfComponentsPerPixel() > 1:
        raise Fault(
            f"a pixel must hold 1 number. Got {image.GetNumberOfComponentsPerPixel()}; pass the "
            "components as sequences"
        )
    pixels = _array(image, volume)
    if not pixels.size:
        raise Fault(f"an image must hold pixels. Got size {image.GetSize()}")
    if pixels.dtype.kind not in "buif":
        raise Fault(f"pixels must have a real dtype. Got {pixels.dtype}")
    if window is not None:
        pixels = apply_window(pixels, *window)
    affine = _affine(image)
    if pixels.ndim == 2:
        check_affine(affine)
        spacing = image.GetSpacing()[::-1]
        return Scan(pixels, PICTURE, name, affine=affine[:, [1, 0, 2, 3]], spacing=spacing)
    turned, affine = to_lps(pixels.transpose(2, 1, 0), affine)
    return Scan(turned, VOLUME, name, affine=affine)


def _array(image, volume):
    import SimpleITK

    # The view lasts as long as the image, which may be gone before the pixels are needed.
    array = SimpleITK.GetArrayViewFromImage(image)
    if array.ndim == 4:
        array = array[choose_volume(len(array), volume)]
    if array.ndim not in (2, 3):
        raise Fault(f"an image must have 2, 3 or 4 dimensions. Got {array.ndim}")
    return np.array(array)


def _affine(image):
    """From (x, y, z) to millimetres of LPS+, which is SimpleITK's own; a picture lies at z = 0."""
    size = image.GetDimension()
    axes = min(size, 3)
    affine = np.eye(4)
    direction = np.reshape(image.GetDirection(), (size, size))[:axes, :axes]
    affine[:axes, :axes] = direction * image.GetSpacing()[:axes]
    affine[:axes, 3] = image.GetOrigin()[:axes]
    return affine
