"""The sequences and the mask of one sample, on one grid."""

from dataclasses import dataclass

import numpy as np

from sicf.images.files._grids import check_one_grid, resample
from sicf.images.files._open_scan import open_scan
from sicf.images.files._reading import Reading
from sicf.images.files._sample_sheet import Sample
from sicf.images.files._scan import PICTURE, Scan


@dataclass(frozen=True)
class Stack:
    """Scans of one sample that lie on one grid; None stands for a missing sequence."""

    sequences: list
    mask: Scan | None = None

    @property
    def scans(self) -> list:
        """All that is there, the first sequence first."""
        return [scan for scan in [*self.sequences, self.mask] if scan is not None]


def read_stack(sample: Sample, reading: Reading) -> Stack:
    """Read what a sample has, and compare or resample the grids.

    Parameters
    ----------
    sample : Sample
    reading : Reading

    Returns
    -------
    Stack
    """
    _check_missing(sample, reading)
    options = {"volume": reading.volume, "window": reading.window}
    sequences = [
        None if source is None else open_scan(source, name=_name(at, reading.names), **options)
        for at, source in enumerate(sample.sequences)
    ]
    mask = None
    if sample.mask is not None:
        mask = open_scan(sample.mask, name="its mask", is_mask=True, volume=reading.volume)
        _check_labels(mask)
    return _on_one_grid(Stack(sequences, mask), reading)


def _name(at, names):
    return f"its sequence {names[at] if names else at}"


def _check_missing(sample, reading):
    missing = [at for at, source in enumerate(sample.sequences) if source is None]
    if missing and reading.on_missing == "raise":
        raise ValueError(
            f"{_name(missing[0], reading.names)} is missing; on_missing='mean_of_others' fills it "
            "from the others."
        )


def _check_labels(mask):
    pixels = mask.pixels
    if pixels.ndim != (2 if mask.layout == PICTURE else 3):
        raise ValueError(f"A mask must have one channel. Got {mask.describe()}.")
    if pixels.dtype.kind != "f":
        return
    broken = pixels[(pixels != np.rint(pixels)) | ~np.isfinite(pixels)]
    if broken.size:
        raise ValueError(
            f"Labels of a mask must be whole numbers. {mask.name} holds {broken[0]}; make labels "
            "of a soft mask first, as by mask > 0.5."
        )


def _on_one_grid(stack, reading):
    if reading.resample_to is None:
        first, *others = stack.scans
        for other in others:
            check_one_grid(first, other)
        return stack
    onto = _target(stack, reading)
    moved = [
        scan if scan is None or scan is onto else resample(scan, onto) for scan in stack.sequences
    ]
    mask = stack.mask
    return Stack(moved, mask and resample(mask, onto, nearest=True))


def _target(stack, reading):
    onto = reading.resample_to
    if onto == "first":
        return next(scan for scan in stack.sequences if scan is not None)
    if isinstance(onto, str):
        onto = reading.names.index(onto)
    if stack.sequences[onto] is None:
        raise ValueError(
            f"{_name(onto, reading.names)} is missing, and resample_to= names it; "
            "resample_to='first' takes the first that is there."
        )
    return stack.sequences[onto]
