"""Which reader takes which source."""

import os
from pathlib import Path

import numpy as np

from sicf.images.files._dicom_file import DICOM_SUFFIXES, files_of_series, is_dicom, read_dicom
from sicf.images.files._guarded import Fault, check_there, read_guarded
from sicf.images.files._nifti_file import (
    NIFTI_SUFFIXES,
    is_nibabel,
    read_nifti,
    scan_of_nibabel,
)
from sicf.images.files._picture_file import PICTURE_SUFFIXES, read_picture_file
from sicf.images.files._scan import PICTURE, Scan, native
from sicf.images.files._simpleitk_image import is_simpleitk, scan_of_simpleitk
from sicf.images.files._window import apply_window

SUFFIXES = PICTURE_SUFFIXES + DICOM_SUFFIXES + NIFTI_SUFFIXES


def open_scan(source, *, name="", volume=None, window=None, is_mask=False):
    """Read one file, folder or image in memory.

    Parameters
    ----------
    source : path, nibabel image, SimpleITK image or ndarray of shape (H, W) or (H, W, M)
    name : str
        What an image in memory is called in errors.
    volume : int, default=None
        Which volume, where there are several.
    window : None, "file" or (float, float)
        Never applied to a mask.
    is_mask : bool, default=False

    Returns
    -------
    Scan

    Raises
    ------
    FileNotFoundError
    ImportError
        The extra that reads such files is not installed.
    TypeError
        The source is nothing that is read.
    ValueError
        The file cannot be read as what it seems to be.
    """
    window = None if is_mask else window
    if isinstance(source, (str, os.PathLike)):
        return _open_path(Path(source), volume, window, is_mask)
    options = {"name": name or "an image in memory", "volume": volume, "window": window}
    if is_nibabel(source):
        return scan_of_nibabel(source, **options)
    if is_simpleitk(source):
        return scan_of_simpleitk(source, **options)
    if isinstance(source, np.ndarray):
        return _scan_of_array(source, options["name"], window)
    raise TypeError(
        "A sequence must be the path of a file, the folder of a DICOM series, a nibabel or "
        f"SimpleITK image, or an array. Got {type(source).__name__} instead."
    )


def kind_of(path):
    """Tell the reader of a file by its suffix, or else by its content.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        A suffix that names the reader, or "" where there is none.
    """
    name = path.name.lower()
    suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")
    if name.endswith(".nii.gz"):
        suffix = ".nii.gz"
    if suffix in DICOM_SUFFIXES or (not suffix and is_dicom(path)):
        return ".dcm"
    return suffix


def _open_path(path, volume, window, is_mask):
    check_there(path)
    if path.is_dir():
        return read_dicom(path, volume=volume, window=window)
    kind = kind_of(path)
    if kind == ".dcm":
        return read_dicom(path, volume=volume, window=window)
    if kind in NIFTI_SUFFIXES:
        return read_nifti(path, volume=volume, window=window)
    if not kind:
        raise ValueError(f"A file must be DICOM, or end in one of {SUFFIXES}. Got {path}.")
    scan = read_picture_file(path, is_mask=is_mask)
    return scan if window is None else _windowed(scan, window)


def _scan_of_array(array, name, window):
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif" or not array.size:
        raise ValueError(
            "An array must be a picture of shape (H, W) or (H, W, M) and of a real dtype. Got "
            f"shape {array.shape}, {array.dtype} as {name}."
        )
    scan = Scan(native(array), PICTURE, name)
    return scan if window is None else _windowed(scan, window)


def _windowed(scan, window):
    def read():
        if window == "file":
            raise Fault("it gives no window, and window='file' asks for it")
        return Scan(apply_window(scan.pixels, *window), PICTURE, scan.name)

    return read_guarded(scan.name, "a picture with a window", read)


def files_of(path):
    """List the files that a path stands for: itself, or the DICOM files of a folder."""
    check_there(path)
    return files_of_series(path) if path.is_dir() else [path]
