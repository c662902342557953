"""What a JPEG frame itself says of its size, before a decoder believes another header."""

from dataclasses import dataclass

from sicf.images.files._guarded import Fault

START, SCAN, LOSSLESS_LS = 0xD8, 0xDA, 0xF7
# Starts of frames of all JPEG processes, and of JPEG-LS; C4, C8 and CC are other tables.
SIZES = {*range(0xC0, 0xD0), LOSSLESS_LS} - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class JPEGSize:
    """Size and depth of a JPEG frame."""

    rows: int
    columns: int
    samples: int
    bits: int
    is_ls: bool


def jpeg_size(frame):
    """Read the one start of a frame that comes before the pixels.

    Parameters
    ----------
    frame : bytes

    Returns
    -------
    JPEGSize
    """
    found = [
        JPEGSize(
            rows=int.from_bytes(content[1:3]),
            columns=int.from_bytes(content[3:5]),
            samples=content[5],
            bits=content[0],
            is_ls=marker == LOSSLESS_LS,
        )
        for marker, content in _segments(frame)
        if marker in SIZES and len(content) >= 6
    ]
    if len(found) != 1:
        raise Fault(f"a JPEG frame must give its size once. It gives it {len(found)} times")
    return found[0]


def _segments(frame):
    """Markers with what they hold, up to the pixels."""
    if frame[:2] != bytes([0xFF, START]):
        raise Fault("a frame of its pixels is not the JPEG that its header says")
    at = 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            raise Fault("a JPEG frame of its pixels is damaged")
        marker = frame[at + 1]
        if marker == 0xFF:  # Markers may be padded.
            at += 1
            continue
        if marker == SCAN:
            return
        length = int.from_bytes(frame[at + 2 : at + 4])
        yield marker, frame[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def check_jpeg_frame(frame, *, rows, columns, samples, allocated):
    """Raise where a JPEG frame is not of the size that the DICOM header gives.

    gdcm makes room by the one and fills by the other, and ends the process where that goes wrong.

    Parameters
    ----------
    frame : bytes
    rows, columns, samples, allocated : int
        By the DICOM header; the last is bits of room for each sample.
    """
    size = jpeg_size(frame)
    # JPEG-LS may keep eight bits in room for sixteen.
    deep_enough = size.is_ls or (size.bits > 8) == (allocated > 8)
    if (
        (size.rows, size.columns, size.samples) != (rows, columns, samples)
        or size.bits > allocated
        or not deep_enough
    ):
        raise Fault(
            f"a JPEG frame of its pixels has {size.rows} x {size.columns} pixels of "
            f"{size.samples} x {size.bits} bits, and its header says {rows} x {columns} of "
            f"{samples} x {allocated}"
        )
