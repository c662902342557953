"""NIfTI files, and nibabel images in memory."""

import math

import numpy as np

from sicf.images.files._bounded_file import BoundedFile, BoundedGzip
from sicf.images.files._guarded import Fault, need, read_guarded
from sicf.images.files._orientation import to_lps
from sicf.images.files._scan import VOLUME, Scan, native
from sicf.images.files._volume_choice import choose_volume
from sicf.images.files._window import apply_window

NIFTI_SUFFIXES = (".nii", ".nii.gz")
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
MILLIMETRES = {"meter": 1000.0, "micron": 0.001}
FLOAT32_BYTES = 2


def read_nifti(path, *, volume=None, window=None):
    """Read a NIfTI file.

    Parameters
    ----------
    path : Path
    volume : int, default=None
        Which volume, where there are several.
    window : None, "file" or (float, float)

    Returns
    -------
    Scan
        A volume in LPS+. Whole numbers stay as stored; where the file scales them they become
        float32, or float64 above 16 bits.

    Raises
    ------
    ImportError
        nibabel is not installed.
    ValueError
        The file is damaged or no NIfTI, or holds several volumes and none is chosen.
    """
    need("nibabel", "NIfTI", "nifti")
    return read_guarded(path, "NIfTI", lambda: _read(path, volume, window))


def scan_of_nibabel(image, *, name, volume=None, window=None):
    """Give the scan of a nibabel image in memory; see `read_nifti`."""
    return read_guarded(name, "a nibabel image", lambda: _scan_of(image, name, volume, window))


def is_nibabel(source):
    """Whether an object is an image of nibabel, without loading nibabel to ask."""
    return hasattr(source, "dataobj") and hasattr(source, "affine") and hasattr(source, "header")


def _read(path, volume, window):
    import nibabel

    bounded = BoundedGzip if path.suffix.lower() == ".gz" else BoundedFile
    with bounded(path) as opened:
        kind = _kind_of(opened.read(4))
        image = kind.from_file_map({"image": nibabel.FileHolder(fileobj=opened)})
        _check_size(path, image, opened.limit)
        return _scan_of(image, str(path), volume, window)


def _kind_of(start):
    """NIfTI 1 or 2, which say so by the length of their header, in either order of bytes."""
    import nibabel

    kinds = {348: nibabel.Nifti1Image, 540: nibabel.Nifti2Image}
    for order in ("little", "big"):
        if (length := int.from_bytes(start, order)) in kinds:
            return kinds[length]
    raise Fault("it is of another kind")


def _check_size(path, image, limit):
    """Compare what the header promises with the file, before anything is allocated."""
    promised = math.prod(image.shape) * image.get_data_dtype().itemsize
    if promised > limit:
        raise Fault(f"it promises {promised} bytes of voxels and holds {path.stat().st_size}")


def _scan_of(image, name, volume, window):
    if window == "file":
        raise Fault("NIfTI gives no window, and window='file' asks for it")
    if image.affine is None:
        raise Fault("it does not say how its voxels lie")
    pixels = _voxels(image, volume)
    affine = RAS_TO_LPS @ np.asarray(image.affine, dtype=np.float64)
    affine[:3] *= _millimetres(image)
    pixels, affine = to_lps(pixels, affine)
    if window is not None:
        pixels = apply_window(pixels, *window)
    remarks = {} if _says_how_it_lies(image) else {"no orientation": 1}
    return Scan(pixels, VOLUME, name, affine=affine, remarks=remarks)


def _voxels(image, volume):
    """The voxels of one volume, three axes; the others of a series are not read."""
    shape = tuple(image.shape)
    if len(shape) < 2 or not all(side > 0 for side in shape):
        raise Fault(f"a volume must have 2 or more axes, and voxels. Got shape {shape}")
    count = math.prod(shape[3:])
    if count > 1 and sum(side > 1 for side in shape[3:]) > 1:
        raise Fault(f"volumes must lie along one axis. Got shape {shape}")
    chosen = choose_volume(count, volume)
    place = tuple(chosen if side > 1 else 0 for side in shape[3:])
    voxels = np.asanyarray(image.dataobj[(..., *place)] if place else image.dataobj)
    if voxels.dtype.kind not in "buif":
        raise Fault(f"voxels must have a real dtype. Got {voxels.dtype}")
    voxels = _as_small_as_exact(native(voxels), image.get_data_dtype())
    return voxels.reshape(*shape[:3], *[1] * (3 - len(shape)))


def _as_small_as_exact(voxels, stored):
    """Numbers that the file scales come as float64; 16 bits are as exact in float32."""
    scaled = stored.kind in "bui" and voxels.dtype.kind == "f"
    if scaled and stored.itemsize <= FLOAT32_BYTES:
        return voxels.astype(np.float32)
    return voxels.astype(np.float64) if voxels.dtype.itemsize > 8 else voxels


def _millimetres(image):
    """How many a unit of the affine has; nibabel hands units on as they are."""
    try:
        return MILLIMETRES.get(image.header.get_xyzt_units()[0], 1.0)
    except (AttributeError, KeyError):  # Another format, or a code that stands for none.
        return 1.0


def _says_how_it_lies(image):
    """Both codes are 0 where a file was made from one that says nothing, such as Analyze."""
    if not hasattr(image, "get_sform") or not hasattr(image, "get_qform"):
        return True
    return int(image.header["sform_code"]) > 0 or int(image.header["qform_code"]) > 0
