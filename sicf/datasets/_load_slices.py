"""Volumes with their classes and patients, unrolled into slices."""

import os
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from sicf.datasets._check_source import check_table
from sicf.datasets._classes import number_classes
from sicf.datasets._left_out import check_on_error, read_each, warn_of_left_out
from sicf.datasets._list_volumes import list_volumes
from sicf.datasets._progress import progress
from sicf.images.files._co_registered import read_stack
from sicf.images.files._named_errors import naming_image
from sicf.images.files._notes import notes_of, warn_of
from sicf.images.files._reading import Reading, check_against_sheet, check_reading
from sicf.images.files._sample_sheet import make_sample_sheet
from sicf.images.files._slice_policy import choose_plane, count_labelled
from sicf.images.files._stack_picture import picture_of

SLICES = ("all", "mask")


def load_slices(
    source,
    *,
    plane=None,
    slices="all",
    step=1,
    sequence_columns=None,
    mask_column=None,
    label_column=None,
    group_column=None,
    volume=None,
    mask_labels=None,
    window=None,
    spacing=None,
    resample_to=None,
    on_missing="raise",
    on_error="raise",
    verbose=0,
):
    """Load volumes and unroll them into slices, which stay together by their patient.

    Parameters
    ----------
    source : path or DataFrame
        A table (CSV or TSV in UTF-8, or a pandas data frame) with a row for each scan: columns for
        its sequences, its mask if there is one, label and group. A cell is the path of a file or
        of the folder of a DICOM series; in a data frame also a nibabel or SimpleITK image. Paths
        of a table are relative to the table's own folder.
    plane : {"axial", "sagittal", "coronal"}, default=None
        The plane to cut in. None is for scans of one slice, and for frames that do not say how
        they lie.
    slices : {"all", "mask"}, default="all"
        Every slice, or those in which a label of the mask counts.
    step : int, default=1
        Take every so many of these, those in the middle of each run of so many.
    sequence_columns : str or list of str, default=None
        Columns of the sequences. None takes the first of path, file, filename, image.
    mask_column, label_column, group_column : str, default=None
        None takes mask; the first of label, class, target, diagnosis; and of group, patient_group,
        patient, patient_id, subject. Case, blanks, ``_`` and ``-`` make no difference to these.
    volume : int, default=None
        Which volume of a file that holds several.
    mask_labels : sequence or set of int, default=None
        The labels that count for ``slices="mask"``. None counts all above 0.
    window, spacing, resample_to, on_missing
        As in :class:`sicf.ReadImages`.
    on_error : {"raise", "warn"}, default="raise"
        What to do with a row that cannot be read: an error, or leave it out, list it in `left_out`
        and warn once. A missing library is an error in any case.
    verbose : int, default=0
        Above 0, a progress bar.

    Returns
    -------
    Bunch
        images : ndarray of shape (n, H, W) or (n, H, W, M), or list where sizes or dtypes differ
            As from :class:`sicf.ReadImages`; a mask is the last channel.
        target : ndarray of int of shape (n,)
            The class of each slice, as a position in `target_names`.
        target_names : list of str of length K
            The classes.
        groups : ndarray of shape (n,)
            The patient of each slice; a scan of which none is known is its own.
        filenames : list of str
            The file of each slice's first sequence.
        slice_indices : ndarray of int of shape (n,)
            Which slice of its scan each is, from right to left, front to back or bottom to top.
        rows : ndarray of int of shape (n,)
            Which row of the table each comes from.
        left_out : list of (str, str)
            File and reason of each row that was not read.

    Raises
    ------
    FileNotFoundError
        There is no such table or file.
    TypeError
        The source is neither a path nor a data frame.
    ValueError
        A file cannot be read, its sequences lie on different grids, no slice has a label that
        counts, or the table is not sound, as in :func:`sicf.load_images`.

    Warns
    -----
    UserWarning
        Rows were left out, or what :class:`sicf.ReadImages` and :func:`sicf.load_images` warn of.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> import nibabel
    >>> from sicf import load_slices
    >>> scans = [nibabel.Nifti1Image(np.ones((32, 40, 4), np.int16), np.eye(4)) for _ in "ab"]
    >>> table = pd.DataFrame({"image": scans, "label": ["a", "b"], "patient": ["p1", "p2"]})
    >>> data = load_slices(table, plane="axial", step=2)
    >>> data.images.shape, data.groups.tolist(), data.slice_indices.tolist()
    ((4, 40, 32), ['p1', 'p1', 'p2', 'p2'], [1, 3, 1, 3])
    """
    check_on_error(on_error)
    _check_slices(slices, step)
    check_table(source)
    files, mask, labels, groups = list_volumes(
        source, sequence_columns, mask_column, label_column, group_column
    )
    sheet = make_sample_sheet(files, mask)
    reading = Reading(
        plane=plane,
        volume=volume,
        mask_labels=mask_labels,
        window=window,
        spacing=spacing,
        resample_to=resample_to,
        on_missing=on_missing,
        names=sheet.names,
    )
    _check_choice(reading, sheet, slices)
    number_classes(labels)
    names = [_file_name(sample) for sample in sheet.samples]
    kept, results, left_out = read_each(
        lambda row: _read(row, sheet.samples[row], reading, slices, step),
        progress(names, verbose, "scan"),
        on_error,
    )
    warn_of_left_out(left_out, len(names))
    warn_of([notes for _, notes in results])
    counts = [len(found) for found, _ in results]
    rows = np.repeat(kept, counts)
    target_names, target = number_classes([labels[row] for row in kept])
    return Bunch(
        images=_stacked([picture for found, _ in results for picture in found.values()]),
        target=np.repeat(target, counts),
        target_names=target_names,
        groups=np.asarray(groups)[rows],
        filenames=[names[row] for row in rows],
        slice_indices=np.array([index for found, _ in results for index in found]),
        rows=rows,
        left_out=left_out,
    )


def _check_choice(reading, sheet, slices):
    check_reading(reading)
    check_against_sheet(reading, sheet)
    if slices == "mask" and not sheet.has_mask:
        raise ValueError("slices='mask' needs a column of masks, named by mask_column=. Got none.")


def _read(row, sample, reading, slices, step):
    with naming_image(row):
        stack = read_stack(sample, reading)
        return _slices(stack, reading, slices, step), notes_of(stack)


def _stacked(pictures):
    alike = len({(picture.shape, picture.dtype) for picture in pictures}) == 1
    return np.stack(pictures) if alike else pictures


def _slices(stack, reading, slices, step):
    """Slices of one scan by their numbers."""
    first = stack.scans[0]
    plane, depth = choose_plane(first, reading.plane)
    numbers = np.arange(depth)
    if slices == "mask":
        numbers = np.flatnonzero(count_labelled(stack.mask, plane, reading.mask_labels))
        if not numbers.size:
            raise ValueError(f"A mask must hold a label that counts. {stack.mask.name} holds none.")
    taken = numbers[min(step // 2, len(numbers) - 1) :: step].tolist()
    return {index: picture_of(stack, plane, index, reading) for index in taken}


def _check_slices(slices, step):
    if slices not in SLICES:
        raise ValueError(
            f"slices must be one of {SLICES}. Got {slices!r} instead; sicf.ReadImages takes one "
            "slice of each scan."
        )
    if not isinstance(step, (int, np.integer)) or isinstance(step, bool) or step < 1:
        raise ValueError(f"step must be a whole number from 1. Got {step!r} instead.")


def _file_name(sample):
    source = next(source for source in sample.sequences if source is not None)
    is_path = isinstance(source, (str, os.PathLike))
    return str(Path(source)) if is_path else f"a {type(source).__name__} in memory"
