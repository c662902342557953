"""What every reader gives: pixels, and where they lie in the patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

PICTURE, VOLUME, FRAMES = "picture", "volume", "frames"


@dataclass(frozen=True)
class Scan:
    """One sequence, or one mask, of one sample.

    Parameters
    ----------
    pixels : ndarray
        By layout: a picture (H, W), or (H, W, M) where the file itself holds M channels; a volume
        (x, y, z), along the patient's left, posterior and superior (LPS+); frames (n, H, W), of
        which nobody knows where they lie.
    layout : {"picture", "volume", "frames"}
    name : str
        The file, or what stands for it in errors.
    affine : ndarray of shape (4, 4), default=None
        From indices to millimetres of LPS+: (x, y, z) for a volume, (row, column, across) for a
        picture. None where it is not known.
    spacing : tuple of (float, float), default=None
        Millimetres from row to row and from column to column, of a picture or of frames.
    rescale : frozenset of (float, float)
        Each slope and intercept that a DICOM file applied.
    remarks : mapping of str to int
        What the user should hear of, and how often it was met; see `_remarks`.
    """

    pixels: np.ndarray
    layout: str
    name: str
    affine: np.ndarray | None = None
    spacing: tuple[float, float] | None = None
    rescale: frozenset = frozenset()
    remarks: Mapping[str, int] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """Layout and shape in words, for errors: 'a volume of 256 x 256 x 24 voxels'."""
        sides = " x ".join(map(str, self.pixels.shape))
        unit = "voxels" if self.layout == VOLUME else "pixels"
        kind = "a stack of frames" if self.layout == FRAMES else f"a {self.layout}"
        return f"{kind} of {sides} {unit}"

    def describe(self) -> str:
        """Its form and its name, for errors."""
        return f"{self.form} ({self.name})"


def native(pixels):
    """Give pixels in the machine's own byte order, so that equal dtypes compare as equal."""
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
