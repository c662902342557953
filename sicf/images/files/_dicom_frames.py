"""What a DICOM header says of each frame: where it lies, and how its values are meant."""

import math
from dataclasses import dataclass

from sicf.images.files._guarded import Fault

# Everything that is read of a header. A patient's name, number and dates are not even parsed.
SIZE = ("NumberOfFrames", "Rows", "Columns")
GEOMETRY = (
    *SIZE,
    "InstanceNumber",
    "SeriesInstanceUID",
    "ImageType",
    "PixelSpacing",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "SliceThickness",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
)
MOST_FRAMES = 100_000
WINDOW_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


@dataclass(frozen=True)
class Frame:
    """One frame of a file; None where the header is silent.

    Parameters
    ----------
    position : tuple of 3 floats
        Centre of the first pixel, in millimetres of LPS+.
    orientation : tuple of 6 floats
        Directions along which columns and rows are counted.
    spacing : tuple of 2 floats
        Millimetres from row to row and from column to column.
    thickness : float
    slope, intercept : float
    window : tuple of (float, float, str)
        Centre, width and function.
    instance : int
        InstanceNumber of its file.
    """

    position: tuple | None = None
    orientation: tuple | None = None
    spacing: tuple | None = None
    thickness: float | None = None
    slope: float | None = None
    intercept: float | None = None
    window: tuple | None = None
    instance: int | None = None


def frames_of(dataset):
    """List the frames of one file.

    Parameters
    ----------
    dataset : pydicom.Dataset

    Returns
    -------
    list of Frame
    """
    count = count_frames(dataset)
    shared, per_frame = _functional_groups(dataset, count)
    if "ModalityLUTSequence" in dataset:
        raise Fault("values by a modality lookup table are not read")
    if not per_frame:
        return [_frame(dataset, shared, count > 1)] * count
    return [_frame(dataset, [groups, *shared], count > 1) for groups in per_frame]


def count_frames(dataset):
    """NumberOfFrames, which is 1 where it is absent."""
    number = numbers_of(dataset, "NumberOfFrames", 1)
    count = 1.0 if number is None else number[0]
    if not count.is_integer() or not 1 <= count <= MOST_FRAMES:
        raise Fault(f"NumberOfFrames must be a whole number from 1 to {MOST_FRAMES}")
    return int(count)


def _functional_groups(dataset, count):
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])[:1]
    per_frame = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    if per_frame and len(per_frame) != count:
        raise Fault(f"{len(per_frame)} of its {count} frames have functional groups")
    return shared, per_frame


def _frame(dataset, groups, several):
    def find(sequence, keyword, size):
        for item in [*_items(groups, sequence), dataset]:
            found = numbers_of(item, keyword, size)
            if found is not None:
                return found
        return None

    def find_one(sequence, keyword):
        found = find(sequence, keyword, 1)
        return None if found is None else found[0]

    # Several frames of one file share its plain elements, so a position there is of none of them.
    holders = _items(groups, "PlanePositionSequence") + ([] if several else [dataset])
    positions = [numbers_of(item, "ImagePositionPatient", 3) for item in holders]
    instance = numbers_of(dataset, "InstanceNumber", 1)
    return Frame(
        position=next((position for position in positions if position is not None), None),
        orientation=_unit(find("PlaneOrientationSequence", "ImageOrientationPatient", 6)),
        spacing=_positive(find("PixelMeasuresSequence", "PixelSpacing", 2)),
        thickness=find_one("PixelMeasuresSequence", "SliceThickness"),
        slope=_not_zero(find_one("PixelValueTransformationSequence", "RescaleSlope")),
        intercept=find_one("PixelValueTransformationSequence", "RescaleIntercept"),
        window=_window([*_items(groups, "FrameVOILUTSequence"), dataset]),
        instance=None if instance is None else int(instance[0]),
    )


def _items(groups, sequence):
    """The first item of a sequence in each of the functional groups that has it."""
    return [group.get(sequence)[0] for group in groups if group.get(sequence)]


def numbers_of(item, keyword, size):
    """Numbers of an element; None where it is absent or empty.

    Parameters
    ----------
    item : pydicom.Dataset
    keyword : str
    size : int or None
        How many there must be; None takes any number of them.

    Returns
    -------
    tuple of float or None
    """
    try:
        value = item.get(keyword)
        several = isinstance(value, (list, tuple)) or hasattr(value, "append")
        values = list(value) if several else [value]
        if value is None or value == "" or not values:
            return None
        numbers = tuple(float(number) for number in values)
        sound = all(map(math.isfinite, numbers)) and size in (None, len(numbers))
    except Exception:  # What a damaged element leads pydicom to; its text may quote the header.
        sound = False
    if not sound:
        raise Fault(f"{keyword} must hold {size or 'finite'} number(s)")
    return numbers


def _unit(orientation):
    """Refuse directions that are not of length 1, or not at right angles."""
    if orientation is None:
        return None
    first, second = orientation[:3], orientation[3:]
    lengths = (math.hypot(*first), math.hypot(*second))
    across = sum(a * b for a, b in zip(first, second, strict=True))
    if abs(across) > 1e-2 or any(abs(length - 1) > 1e-2 for length in lengths):
        raise Fault("ImageOrientationPatient must hold two directions at right angles")
    return orientation


def _positive(spacing):
    if spacing is not None and not min(spacing) > 0:
        raise Fault("PixelSpacing must be above 0")
    return spacing


def _not_zero(slope):
    if slope == 0:
        raise Fault("RescaleSlope must not be 0")
    return slope


def _window(items):
    """The first window of the first item that has one."""
    for item in items:
        centres, widths = (
            numbers_of(item, keyword, None) for keyword in ("WindowCenter", "WindowWidth")
        )
        if centres is None or widths is None:
            continue
        function = str(item.get("VOILUTFunction") or "LINEAR")
        if function not in WINDOW_FUNCTIONS:
            raise Fault(f"VOILUTFunction must be one of {WINDOW_FUNCTIONS}")
        if not widths[0] > 0:
            raise Fault("WindowWidth must be above 0")
        return centres[0], widths[0], function
    return None
