"""One picture from one file, whatever its mode: PNG, JPEG, TIFF, BMP and NPY."""

import math

import numpy as np

from sicf.images.files._bounded_file import BoundedFile
from sicf.images.files._guarded import Fault, read_guarded
from sicf.images.files._scan import PICTURE, Scan, native

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".npy")
# Pillow warns above this, and the warning would be one of many that nobody sees.
LARGEST_PICTURE = 89_478_485
FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def read_picture_file(path, *, is_mask=False):
    """Read one picture as rows x columns.

    Parameters
    ----------
    path : Path
        PNG, JPEG, TIFF, BMP, or NPY of shape (H, W) or (H, W, M).
    is_mask : bool, default=False
        Refuse what would blur labels or merge them: JPEG, and colours of one luminance.

    Returns
    -------
    Scan
        A picture, grey at the file's own depth. Colour becomes grey by luminance, palettes are
        looked up, alpha is dropped; an orientation tag is not followed, since the stored grid is
        the scan's.

    Raises
    ------
    ValueError
        The file is not such a picture, is cut off or empty, holds several frames, or colour of
        16 bits, which Pillow would cut down to 8.
    """
    import PIL.Image  # noqa: F401  outside the guard, so that no file is blamed for it

    reader = _read_npy if path.suffix.lower() == ".npy" else _read_picture
    pixels = read_guarded(path, "a picture", lambda: reader(path, is_mask))
    return Scan(native(pixels), PICTURE, str(path))


def _read_npy(path, is_mask):
    _check_npy_header(path)
    # A map compares what the header promises with the file's size before anything is allocated.
    pixels = np.lib.format.open_memmap(path, mode="r")
    if pixels.ndim not in (2, 3) or pixels.dtype.kind not in "buif" or not pixels.size:
        raise Fault(
            "an array must have shape (H, W) or (H, W, M), pixels and a real dtype. Got "
            f"{pixels.shape}, {pixels.dtype}"
        )
    return np.array(pixels)


def _check_npy_header(path):
    """From its second version on a header may be said to be four gigabytes long."""
    with path.open("rb") as file:
        start = file.read(12)
    length = int.from_bytes(start[8:10] if start[6:7] == b"\x01" else start[8:12], "little")
    if length > path.stat().st_size:
        raise Fault(f"it promises a header of {length} bytes and holds {path.stat().st_size}")


def _read_picture(path, is_mask):
    from PIL import Image

    with BoundedFile(path) as opened, Image.open(opened, formats=FORMATS) as picture:
        if math.prod(picture.size) > LARGEST_PICTURE:
            raise Fault(f"it promises {math.prod(picture.size)} pixels, as a damaged header does")
        if getattr(picture, "n_frames", 1) > 1:
            raise Fault(f"it must hold one frame. Got {picture.n_frames}")
        if picture.mode not in DEEP_MODES and any(";16" in str(tile[-1]) for tile in picture.tile):
            raise Fault("colour of 16 bits is not read; save it as grey of 16 bits")
        if is_mask and picture.format == "JPEG":
            raise Fault("JPEG blurs the labels of a mask; save it as PNG from where it was drawn")
        picture.load()
        grey = _as_grey(picture)
        if is_mask:
            _check_labels_stay_apart(picture, grey)
        return grey


def _as_grey(picture):
    if picture.mode == "L" or picture.mode in DEEP_MODES:
        return np.array(picture)
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    return np.array(picture.convert("L"))


def _check_labels_stay_apart(picture, grey):
    if picture.mode in ("1", "L", "LA") or picture.mode in DEEP_MODES:
        return
    n_colours = len(picture.convert("RGB").getcolors(grey.size))
    n_labels = len(np.unique(grey))
    if n_labels < n_colours:
        raise Fault(
            f"its {n_colours} colours have {n_labels} luminances, so that labels would merge; "
            "save the mask as grey, one level a label"
        )
