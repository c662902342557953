"""Pixels of a DICOM file as values: decoded, rescaled, windowed, and dark where they are low."""

import numpy as np

from sicf.images.files._bounded_file import LARGEST_RATIO
from sicf.images.files._dicom_frames import count_frames, numbers_of
from sicf.images.files._guarded import Fault, MissingExtra
from sicf.images.files._jpeg_frame import check_jpeg_frame
from sicf.images.files._window import WHITE, apply_window

PIXELS = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
)
GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
DEFLATED = "1.2.840.10008.1.2.1.99"
PLUGINS = ("pydicom", "pylibjpeg", "pyjpegls", "pillow", "gdcm")
# A frame of one grey level packs into a few bytes, so compressed files get this much for nothing.
FREE_BYTES = 2**26
FLOAT32_BITS = 16


def values_of(dataset, frames, window):
    """Decode frames of one file.

    Parameters
    ----------
    dataset : pydicom.Dataset
        With its pixels.
    frames : dict of int to Frame
        Those that are wanted, by their numbers.
    window : None, "file" or (float, float)

    Yields
    ------
    ndarray of shape (H, W)
        As stored where nothing is to be done; rescaled as float32, or float64 above 16 bits;
        uint8 where windowed.
    """
    from pydicom.pixels import iter_pixels

    check_pixels(dataset)
    _check_jpeg_frames(dataset, list(frames))
    plugin = _plugin_for(dataset.file_meta.TransferSyntaxUID)
    decoded = iter_pixels(dataset, indices=list(frames), decoding_plugin=plugin)
    for frame in frames.values():
        yield _values(dataset, frame, _next(decoded, dataset), window)


def _check_jpeg_frames(dataset, indices):
    from pydicom.encaps import generate_frames
    from pydicom.uid import JPEGLSTransferSyntaxes, JPEGTransferSyntaxes

    if dataset.file_meta.TransferSyntaxUID not in JPEGTransferSyntaxes + JPEGLSTransferSyntaxes:
        return
    number = count_frames(dataset)
    held = generate_frames(dataset.PixelData, number_of_frames=number)
    for index, frame in enumerate(held):
        if index in indices:
            check_jpeg_frame(
                frame,
                rows=_whole(dataset, "Rows", 1, 65535),
                columns=_whole(dataset, "Columns", 1, 65535),
                samples=_whole(dataset, "SamplesPerPixel", 1, 3),
                allocated=_whole(dataset, "BitsAllocated", 1, 64),
            )


def _plugin_for(syntax):
    """The decoder that is used, which is one, so that a file gives the same pixels every time.

    gdcm is taken where there is no other: what it cannot decode has ended the whole process.
    """
    from pydicom.pixels import get_decoder

    if not syntax.is_compressed:
        return ""
    available = get_decoder(syntax).available_plugins
    preferred = [plugin for plugin in PLUGINS if plugin in available]
    return (preferred or sorted(available))[0]


def _next(decoded, dataset):
    try:
        return next(decoded)
    except Exception as exc:  # Each decoder has its own.
        if not dataset.file_meta.TransferSyntaxUID.is_compressed:
            raise
        raise Fault(
            f"no decoder reads its pixels ({_name_of(dataset.file_meta.TransferSyntaxUID)}); they "
            "are damaged, or of a depth that is not supported"
        ) from exc


def check_pixels(dataset):
    """Raise, before anything is decoded, where the header promises what it cannot keep."""
    if "PixelData" not in dataset:
        raise Fault("it holds no pixels")
    photometric = dataset.get("PhotometricInterpretation")
    samples = _whole(dataset, "SamplesPerPixel", 1, 3)
    if photometric not in (GREY if samples == 1 else COLOUR):
        raise Fault(
            f"PhotometricInterpretation must be one of {GREY} for one sample a pixel, and of "
            f"{COLOUR} for three"
        )
    allocated = _whole(dataset, "BitsAllocated", 1, 64)
    if allocated not in (8, 16, 32):
        raise Fault(f"BitsAllocated must be 8, 16 or 32. Got {allocated}")
    if samples == 3 and allocated != 8:
        raise Fault(f"colour must have 8 bits a sample. Got {allocated}")
    pixels = _whole(dataset, "Rows", 1, 65535) * _whole(dataset, "Columns", 1, 65535)
    promised = pixels * count_frames(dataset) * samples * allocated // 8
    _check_decoder(dataset.file_meta.TransferSyntaxUID)
    _check_size(dataset, promised)


def _whole(dataset, keyword, least, most):
    number = numbers_of(dataset, keyword, 1)
    if number is None and keyword == "SamplesPerPixel":
        return 1
    if number is None or not number[0].is_integer() or not least <= number[0] <= most:
        raise Fault(f"{keyword} must be a whole number from {least} to {most}")
    return int(number[0])


def _check_size(dataset, promised):
    held = len(dataset.PixelData)
    packed = dataset.file_meta.TransferSyntaxUID.is_compressed
    limit = held * LARGEST_RATIO + FREE_BYTES if packed else held
    # YBR_FULL_422 holds two bytes a pixel where three are promised.
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422" and not packed:
        promised = promised // 3 * 2
    if promised > limit:
        raise Fault(f"it promises {promised} bytes of pixels and holds {held}")


def _check_decoder(syntax):
    """Raise where a compression is not read, and say what reads it."""
    from pydicom.pixels import get_decoder

    name = _name_of(syntax)
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        decoder = None
    if decoder is None:
        raise Fault(f"its transfer syntax is {name}, which nothing here decodes; convert it first")
    if not decoder.is_available:
        raise MissingExtra(
            f"DICOM files in the transfer syntax {name} need a decoder that is not installed; "
            "pip install 'sicf[dicom]' brings it."
        )


def _name_of(syntax):
    """The name of a compression if it is a public one; others are the header's own words."""
    return "a private one" if syntax.is_private or syntax.name == str(syntax) else syntax.name


def _values(dataset, frame, pixels, window):
    if pixels.ndim == 3:
        from PIL import Image

        pixels = np.array(Image.fromarray(pixels).convert("L"))
    stored = _whole(dataset, "BitsStored", 1, 8 * pixels.dtype.itemsize)
    pixels = _only_stored_bits(dataset, pixels, stored)
    slope = 1.0 if frame.slope is None else frame.slope
    intercept = 0.0 if frame.intercept is None else frame.intercept
    values = _rescaled(pixels, slope, intercept)
    if window is not None:
        values = apply_window(values, *_window_of(frame, window))
    if dataset.PhotometricInterpretation != "MONOCHROME1":
        return values
    if window is not None:
        return WHITE - values
    return _inverted(values, stored, pixels.dtype.kind == "i", slope, intercept)


def _only_stored_bits(dataset, pixels, stored):
    """Old files keep overlays in the bits that do not hold the value."""
    bits = 8 * pixels.dtype.itemsize
    high = stored - 1
    if numbers_of(dataset, "HighBit", 1) is not None and bits > 8:
        high = _whole(dataset, "HighBit", stored - 1, bits - 1)
    if bits == stored:
        return pixels
    return (pixels << (bits - 1 - high)) >> (bits - stored)


def _rescaled(pixels, slope, intercept):
    if slope == 1 and intercept == 0:
        return pixels
    exact = np.float32 if 8 * pixels.dtype.itemsize <= FLOAT32_BITS else np.float64
    return (pixels * np.float64(slope) + intercept).astype(exact)


def _window_of(frame, window):
    if window != "file":
        return window
    if frame.window is None:
        raise Fault("it gives no window, and window='file' asks for it")
    return frame.window


def _inverted(values, stored, signed, slope, intercept):
    """Turn dark and bright over what the bits can hold, so that slices stay comparable."""
    low, high = (-(2 ** (stored - 1)), 2 ** (stored - 1) - 1) if signed else (0, 2**stored - 1)
    if values.dtype.kind != "f":
        return (low + high - values.astype(np.int64)).astype(values.dtype)
    return ((low + high) * slope + 2 * intercept - values).astype(values.dtype)
