"""One picture from one file, whatever its mode."""

import os
from pathlib import Path

import numpy as np

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".npy")
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def read_image(path):
    """Read one picture as rows x columns.

    Parameters
    ----------
    path : path
        PNG, JPEG, TIFF, BMP, or NPY of shape (H, W) or (H, W, M).

    Returns
    -------
    ndarray of shape (H, W), or (H, W, M) from NPY
        Grey at the file's own depth. Colour becomes grey by luminance, palettes are looked up,
        alpha is dropped; an orientation tag is not followed, since the stored grid is the scan's.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is not such a picture, is DICOM, is cut off or empty, holds several frames, or
        colour of 16 bits, which Pillow would cut down to 8.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.{explain_backslash(path)}")
    if path.suffix.lower() not in SUFFIXES:
        if _is_dicom(path):
            raise ValueError(
                f"DICOM is not read yet; convert it to PNG, TIFF or NPY first. Got {path}."
            )
        raise ValueError(f"A picture must end in one of {SUFFIXES}. Got {path}.")
    reader = _read_npy if path.suffix.lower() == ".npy" else _read_picture
    try:
        return reader(path)
    except Exception as exc:  # Pillow's plugins raise whatever a damaged header leads them to.
        raise ValueError(f"{path} cannot be read as a picture: {exc}") from exc


def explain_backslash(path):
    """What to add to the error about a missing file, where a path of Windows was given."""
    if os.sep == "\\" or "\\" not in str(path):
        return ""
    return " Its path holds '\\', which parts folders on Windows only; write '/' instead."


def _is_dicom(path):
    """By name or by content: scanners' exports often have no suffix, or parts of a UID as one."""
    if path.suffix.lower() in DICOM_SUFFIXES:
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _read_npy(path):
    image = np.load(path, allow_pickle=False)
    if image.ndim not in (2, 3) or image.dtype.kind not in "buif":
        raise ValueError(
            f"an array must have shape (H, W) or (H, W, M) and a real dtype. Got {image.shape}, "
            f"{image.dtype}"
        )
    return image


def _read_picture(path):
    from PIL import Image

    with Image.open(path) as picture:
        if getattr(picture, "n_frames", 1) > 1:
            raise ValueError(f"it must hold one frame. Got {picture.n_frames}")
        if picture.mode not in DEEP_MODES and any(";16" in str(tile[-1]) for tile in picture.tile):
            raise ValueError("colour of 16 bits is not read; save it as grey of 16 bits")
        picture.load()
        return _as_grey(picture)


def _as_grey(picture):
    if picture.mode == "L" or picture.mode in DEEP_MODES:
        return np.array(picture)
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    return np.array(picture.convert("L"))
