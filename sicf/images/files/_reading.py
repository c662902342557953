"""How samples are read, checked before the first of them is."""

import numbers
from dataclasses import dataclass

from sicf._batch import check_mask_labels
from sicf.images.files._sample_sheet import SampleSheet
from sicf.images.files._slice_policy import check_plane, check_slice
from sicf.images.files._window import check_window

ON_MISSING = ("raise", "mean_of_others")


@dataclass(frozen=True)
class Reading:
    """How samples are read; the parameters of `ReadImages` that the reading of one depends on."""

    plane: str | None = None
    slice: object = None
    volume: int | None = None
    mask_labels: object = None
    window: object = None
    spacing: object = None
    resample_to: object = None
    on_missing: str = "raise"
    names: tuple | None = None


def check_reading(reading: Reading):
    """Raise where a parameter is out of its range.

    Parameters
    ----------
    reading : Reading
    """
    check_plane(reading.plane)
    check_slice(reading.slice)
    check_mask_labels(reading.mask_labels)
    check_window(reading.window)
    _check_volume(reading.volume)
    _check_spacing(reading.spacing)
    if reading.on_missing not in ON_MISSING:
        raise ValueError(
            f"on_missing must be one of {ON_MISSING}. Got {reading.on_missing!r} instead."
        )


def check_against_sheet(reading: Reading, sheet: SampleSheet):
    """Raise where a parameter asks for what the samples do not have.

    Parameters
    ----------
    reading : Reading
    sheet : SampleSheet
    """
    if reading.slice == "largest-mask" and not sheet.has_mask:
        raise ValueError(
            "slice='largest-mask' needs a mask: the position of one in each image's tuple, or a "
            "column. Got mask=None."
        )
    _check_target(reading.resample_to, sheet)


def _check_volume(volume):
    if volume is not None and not _is_whole(volume):
        raise ValueError(f"volume must be None or a whole number. Got {volume!r} instead.")


def _check_spacing(spacing):
    sides = spacing if isinstance(spacing, (tuple, list)) else (spacing, spacing)
    sound = len(sides) == 2 and all(
        isinstance(side, numbers.Real) and not isinstance(side, bool) and 0 < side < float("inf")
        for side in sides
    )
    if spacing is not None and not sound:
        raise ValueError(
            "spacing must be None, or millimetres above 0 as a number or as a pair for rows and "
            f"columns. Got {spacing!r} instead."
        )


def _check_target(target, sheet):
    if target is None or target == "first":
        return
    if isinstance(target, str):
        known = sheet.names is not None and target in sheet.names
    else:
        known = _is_whole(target) and -sheet.n_sequences <= target < sheet.n_sequences
    if not known:
        raise ValueError(
            "resample_to must be None, 'first', or a sequence by its position or column. Got "
            f"{target!r} for {sheet.names or f'{sheet.n_sequences} sequence(s)'}."
        )


def _is_whole(number):
    return isinstance(number, numbers.Integral) and not isinstance(number, bool)
