"""What users hear of once all samples are read: one warning of a kind, which counts."""

import warnings
from dataclasses import dataclass, field

from sicf.images.files._co_registered import Stack

REMARKS = {
    "gaps": (
        "{n} series skip slices, or repeat some, in {total} place(s): the steps between slices "
        "differ. {name} is one."
    ),
    "by instance": (
        "{n} series do not say where their slices lie, so that these are in the order of their "
        "instance numbers. {name} is one."
    ),
    "mosaic": (
        "{n} picture(s) are mosaics: the slices of a volume as tiles, which are read as one "
        "picture. {name} is one; a converter such as dcm2niix makes volumes of them."
    ),
    "no orientation": (
        "{n} NIfTI file(s) do not say how they lie (both codes are 0), so that left and right, and "
        "the planes, are a guess. {name} is one."
    ),
}


@dataclass(frozen=True)
class Notes:
    """What users should hear of after all samples are read.

    Parameters
    ----------
    remarks : list of (str, str, int)
        What, of which file, how often.
    rescale : list of frozenset
        Slopes and intercepts of each sequence.
    n_filled : int
        Sequences that were filled by the others' mean.
    """

    remarks: list = field(default_factory=list)
    rescale: list = field(default_factory=list)
    n_filled: int = 0


def notes_of(stack: Stack) -> Notes:
    """Collect what users should hear of a sample's scans."""
    remarks = [
        (code, scan.name, number) for scan in stack.scans for code, number in scan.remarks.items()
    ]
    rescale = [frozenset() if scan is None else scan.rescale for scan in stack.sequences]
    return Notes(remarks, rescale, sum(scan is None for scan in stack.sequences))


def warn_of(notes, *, stacklevel=3):
    """Warn once of each kind of thing that was met.

    Parameters
    ----------
    notes : list of Notes
        One a sample.
    stacklevel : int, default=3
    """
    texts = [*_remark_texts(notes), *_slope_texts(notes), *_filled_texts(notes)]
    for text in texts:
        warnings.warn(text, UserWarning, stacklevel=stacklevel)


def _remark_texts(notes):
    found = {}
    for note in notes:
        for code, name, number in note.remarks:
            found.setdefault(code, []).append((name, number))
    for code, cases in found.items():
        total = sum(number for _, number in cases)
        yield REMARKS[code].format(n=len(cases), total=total, name=cases[0][0])


def _slope_texts(notes):
    for at, scales in enumerate(zip(*(note.rescale for note in notes), strict=True)):
        different = frozenset().union(*scales)
        if len(different) > 1:
            slopes = sorted({slope for slope, _ in different})
            yield (
                f"DICOM files of sequence {at} are rescaled in {len(different)} different ways "
                f"(slopes {slopes[0]:.4g} to {slopes[-1]:.4g}), so that grey levels may not mean "
                "the same in all images; equalise them, or bring them to one scale."
            )


def _filled_texts(notes):
    filled = [note.n_filled for note in notes if note.n_filled]
    if filled:
        yield (
            f"{len(filled)} of {len(notes)} image(s) lack a sequence; {sum(filled)} in all were "
            "filled by the mean of the others."
        )
