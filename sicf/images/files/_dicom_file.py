"""DICOM: one file, a file of many frames, or a folder that holds a series."""

from collections import Counter
from contextlib import nullcontext

import numpy as np

from sicf.images.files._bounded_file import BoundedFile
from sicf.images.files._dicom_frames import GEOMETRY, SIZE, count_frames, frames_of
from sicf.images.files._dicom_pixels import DEFLATED, PIXELS, values_of
from sicf.images.files._dicom_series import arrange
from sicf.images.files._guarded import Fault, naming_file, need, read_guarded
from sicf.images.files._orientation import to_lps
from sicf.images.files._scan import FRAMES, PICTURE, VOLUME, Scan
from sicf.images.files._volume_choice import choose_volume

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
PASSED_OVER = ("dicomdir", "thumbs.db", "desktop.ini")


def is_dicom(path):
    """By name or by content: scanners' exports often have no suffix, or parts of a UID as one."""
    if path.suffix.lower() in DICOM_SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def files_of_series(folder):
    """List the DICOM files of a folder, in the order of their names; others are passed over.

    A file counts by its suffix or by its mark, so that a damaged slice is met when it is read,
    and a file of text beside the slices is not.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    visible = [path for path in files if not path.name.startswith(".")]
    return [path for path in visible if path.name.lower() not in PASSED_OVER and is_dicom(path)]


def read_dicom(path, *, volume=None, window=None):
    """Read a DICOM file, or the folder of a series.

    Nothing but pixels, geometry and the meaning of values is read of a header, and no error holds
    a word of it.

    Parameters
    ----------
    path : Path
    volume : int, default=None
        Which volume, where there are several.
    window : None, "file" or (float, float)

    Returns
    -------
    Scan
        A picture as stored; a volume in LPS+; or frames, where nothing says how they lie.

    Raises
    ------
    ImportError
        pydicom, or the decoder of a compression, is not installed.
    ValueError
        The file is damaged or no DICOM; a folder holds several series, or slices that do not make
        a volume.
    """
    need("pydicom", "DICOM", "dicom")
    return read_guarded(path, "DICOM", lambda: _read(path, volume, window))


def _read(path, volume, window):
    files = files_of_series(path) if path.is_dir() else [path]
    if not files:
        raise Fault("the folder holds no DICOM file")
    guard = naming_file if path.is_dir() else nullcontext
    headers, framed = _headers(files, guard)
    if len(files) > 1:
        _check_one_series(headers)
    places = [
        (file, at, frame)
        for file, frames in zip(files, framed, strict=True)
        for at, frame in enumerate(frames)
    ]
    arrangement = arrange([frame for *_, frame in places], one_file=len(files) == 1)
    chosen = arrangement.volumes[choose_volume(len(arrangement.volumes), volume)]
    chosen = [places[index] for index in chosen]
    remarks = arrangement.remarks | _mosaics(headers)
    pixels = _pixels(chosen, window, guard)
    return _as_scan(path, pixels, [frame for *_, frame in chosen], arrangement.affine, remarks)


def _headers(files, guard):
    """The headers of files, and the frames of each."""
    headers, framed = [], []
    for file in files:
        with guard(file):
            headers.append(_dataset(file, GEOMETRY, stop_before_pixels=True))
            if "Rows" not in headers[-1]:
                raise Fault("it holds no pixels")
            framed.append(frames_of(headers[-1]))
    return headers, framed


def _mosaics(headers):
    """Volumes that Siemens lays out as tiles of one picture."""
    number = sum("MOSAIC" in (header.get("ImageType") or ()) for header in headers)
    return {"mosaic": number} if number else {}


def _dataset(file, keywords, **options):
    import pydicom

    with BoundedFile(file) as opened:
        _check_syntax(opened)
        opened.seek(0)
        return pydicom.dcmread(opened, specific_tags=list(keywords), **options)


def _check_syntax(opened):
    """Meet what must be known before anything else of a file is read."""
    from pydicom.errors import InvalidDicomError
    from pydicom.filereader import read_dataset, read_preamble

    try:
        read_preamble(opened, force=False)
    except InvalidDicomError:
        raise Fault("it lacks the mark of a DICOM file, 'DICM' after 128 bytes") from None
    meta = read_dataset(opened, False, True, stop_when=lambda tag, vr, length: tag >> 16 != 2)
    syntax = meta.get("TransferSyntaxUID")
    if syntax is None:
        raise Fault("it does not name its transfer syntax")
    if syntax == DEFLATED:
        raise Fault("its header is deflated, and may unfold without bounds; convert it first")


def _check_one_series(headers):
    series = Counter(str(header.get("SeriesInstanceUID")) for header in headers)
    if len(series) > 1:
        counts = " and ".join(map(str, sorted(series.values(), reverse=True)))
        raise Fault(
            f"the folder must hold one series. It holds {len(series)}, of {counts} file(s); give "
            "each a folder"
        )
    if any(count_frames(header) > 1 for header in headers):
        raise Fault("a series of several files must have one frame a file")
    shapes = {(header.get("Rows"), header.get("Columns")) for header in headers}
    if len(shapes) > 1:
        raise Fault(f"its slices have {len(shapes)} different sizes")


def _pixels(places, window, guard):
    """Decode the chosen frames, file by file; each file is opened once."""
    wanted = {}
    for file, index, frame in places:
        wanted.setdefault(file, {})[index] = frame
    decoded = {}
    for file, frames in wanted.items():
        with guard(file):
            dataset = _dataset(file, SIZE + PIXELS)
            values = values_of(dataset, frames, window)
            decoded |= {(file, at): value for at, value in zip(frames, values, strict=True)}
    return [decoded[file, index] for file, index, _ in places]


def _as_scan(path, pixels, frames, affine, remarks):
    rescale = frozenset(
        (1.0 if frame.slope is None else frame.slope, frame.intercept or 0.0) for frame in frames
    )
    spacing = frames[0].spacing
    shared = {"name": str(path), "rescale": rescale, "remarks": remarks}
    if len(pixels) == 1:
        rows_first = None if affine is None else affine[:, [1, 0, 2, 3]]
        return Scan(pixels[0], PICTURE, affine=rows_first, spacing=spacing, **shared)
    stacked = np.stack([plane.astype(np.result_type(*pixels), copy=False) for plane in pixels])
    if affine is None:
        return Scan(stacked, FRAMES, spacing=spacing, **shared)
    turned, affine = to_lps(stacked.transpose(2, 1, 0), affine)
    return Scan(turned, VOLUME, affine=affine, **shared)
