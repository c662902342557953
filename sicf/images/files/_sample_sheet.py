"""Whatever a user's X is, a list of samples: the sources of their sequences, and of their mask."""

import numbers
import os
from dataclasses import dataclass

import numpy as np

from sicf.images.files._nifti_file import is_nibabel
from sicf.images.files._simpleitk_image import is_simpleitk

MASK_COLUMN = "mask"


@dataclass(frozen=True)
class Sample:
    """One patient, or one picture: a source for each sequence, None where it is missing.

    Parameters
    ----------
    sequences : tuple
    mask : object, default=None
    """

    sequences: tuple
    mask: object = None


@dataclass(frozen=True)
class SampleSheet:
    """All samples, which agree in their number of sequences.

    Parameters
    ----------
    samples : list of Sample
    names : tuple of str or None
        The sequences' names, where a table's columns give them.
    has_mask : bool
    """

    samples: list
    names: tuple | None
    has_mask: bool

    @property
    def n_sequences(self) -> int:
        return len(self.samples[0].sequences)


def make_sample_sheet(X, mask=None):
    """Turn X into a list of samples.

    Parameters
    ----------
    X : list, array, Series or DataFrame
        One entry a sample: a source, or a tuple or list of sources, one a sequence; of a data
        frame, one column a sequence.
    mask : int, str or None, default=None
        Which entry is the mask: its position, or the name of a column. For a data frame None takes
        a column called "mask", if there is one.

    Returns
    -------
    SampleSheet
    """
    rows, names = _rows(X)
    if not rows:
        raise ValueError("X must hold at least 1 image. Found array with 0 sample(s).")
    width = len(rows[0])
    for index, row in enumerate(rows):
        if len(row) != width or not width:
            raise ValueError(
                "Every image must have as many sequences as the first, None for one that is "
                f"missing. Image {index} has {len(row)}, image 0 has {width}."
            )
    place = _mask_place(mask, names, width)
    kept = [at for at in range(width) if at != place]
    samples = [_sample(index, row, kept, place) for index, row in enumerate(rows)]
    return SampleSheet(samples, names and tuple(names[at] for at in kept), place is not None)


def _rows(X):
    if isinstance(X, (str, os.PathLike)) or is_nibabel(X) or is_simpleitk(X):
        raise TypeError(
            "X must hold one entry for each image, such as [path]. "
            f"Got a single {type(X).__name__} instead."
        )
    if hasattr(X, "iloc"):
        if hasattr(X, "columns"):
            columns = [X.iloc[:, at].tolist() for at in range(X.shape[1])]
            rows = list(zip(*columns, strict=True))
            return rows, [str(name) for name in X.columns]
        X = X.tolist()
    if isinstance(X, np.ndarray):
        return _rows_of_array(X), None
    if not isinstance(X, (list, tuple)):
        raise TypeError(
            "X must be a list of files, of tuples of files, one a sequence, or of images; or a "
            f"table of files. Got {type(X).__name__} instead."
        )
    return [tuple(row) if isinstance(row, (list, tuple)) else (row,) for row in X], None


def _rows_of_array(X):
    if X.dtype.kind in "OUT" and X.ndim == 2:
        return [tuple(row) for row in X.tolist()]
    if X.dtype.kind in "OUT" and X.ndim == 1:
        return _rows(X.tolist())[0]
    if X.ndim in (3, 4):
        return [(image,) for image in X]
    raise ValueError(
        "An array must hold the names of files, of shape (n,) or (n, sequences), or pictures, of "
        f"shape (n, H, W) or (n, H, W, M). Got shape {X.shape}, {X.dtype}. Reshape flattened "
        "pictures, in their 2-D shape, by X.reshape(-1, H, W)."
    )


def _mask_place(mask, names, width):
    if mask is None:
        return names.index(MASK_COLUMN) if names and MASK_COLUMN in names else None
    if isinstance(mask, str):
        if not names or mask not in names:
            raise ValueError(
                f"mask must be one of the columns {names or '(X has none)'}, or the position of an "
                f"entry. Got {mask!r} instead."
            )
        place = names.index(mask)
    else:
        if not isinstance(mask, numbers.Integral) or isinstance(mask, bool):
            raise TypeError(
                f"mask must be None, a position or the name of a column. Got {mask!r} instead."
            )
        if not -width <= mask < width:
            raise ValueError(
                f"mask must name one of the {width} entries of an image, 0 to {width - 1}. "
                f"Got {mask} instead."
            )
        place = int(mask) % width
    if width == 1:
        raise ValueError(f"mask={mask!r} leaves no sequence: an image of X has 1 entry.")
    return place


def _sample(index, row, kept, place):
    sources = tuple(None if is_missing(cell) else cell for cell in row)
    sequences = tuple(sources[at] for at in kept)
    if place is not None and sources[place] is None:
        raise ValueError(f"Every image must have its mask. That of image {index} is missing.")
    if all(source is None for source in sequences):
        raise ValueError(f"An image must have a sequence. Image {index} has none.")
    return Sample(sequences, None if place is None else sources[place])


def is_missing(cell):
    """Whether a cell stands for no file: None, NaN, pandas' NA, or blanks."""
    if isinstance(cell, str):
        return not cell.strip()
    if isinstance(cell, numbers.Real):
        return bool(cell != cell)
    return cell is None or type(cell).__name__ in ("NAType", "NaTType")
