"""A user's own pictures, from a folder or from a table, ready for cross-validation."""

from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from sicf.datasets._check_source import is_folder
from sicf.datasets._classes import number_classes
from sicf.datasets._left_out import check_on_error, read_each, warn_of_left_out
from sicf.datasets._list_folder import list_folder
from sicf.datasets._list_table import list_table
from sicf.datasets._progress import progress
from sicf.images._resize import check_size, resize_plane
from sicf.images.files._co_registered import Stack
from sicf.images.files._notes import notes_of, warn_of
from sicf.images.files._open_scan import open_scan
from sicf.images.files._scan import PICTURE
from sicf.images.files._slice_policy import choose_plane, take_picture


def load_images(
    source,
    *,
    path_column=None,
    label_column=None,
    group_column=None,
    group_pattern=None,
    image_size=None,
    on_error="raise",
    verbose=0,
):
    """Load pictures with their classes and patients.

    Parameters
    ----------
    source : path or DataFrame
        A folder with one sub-folder for each class, or a table (CSV or TSV in UTF-8, or a pandas
        data frame) with columns for path, label and group. In a folder, pictures that lie one
        folder deeper belong to the patient that folder names, in whichever classes it occurs.
        Paths of a table are relative to the table's own folder, and its cells are text; paths of
        a data frame are relative to the working directory.
    path_column, label_column, group_column : str, default=None
        Columns of the table. None takes the first of path, file, filename, image; of label, class,
        target, diagnosis; and of group, patient_group, patient, patient_id, subject. Case, blanks,
        ``_`` and ``-`` make no difference to these: PatientID is patient_id.
    group_pattern : str, default=None
        A regular expression whose first parenthesis picks the patient out of the file's name, as
        in ``r"^(patient\\d+)_"``. For folders.
    image_size : int or (int, int), default=None
        Rows and columns to which every picture is resized. None keeps each as it is.
    on_error : {"raise", "warn"}, default="raise"
        What to do with a file that cannot be read: an error, or leave it out, list it in
        `left_out` and warn once. A missing library is an error in any case.
    verbose : int, default=0
        Above 0, a progress bar.

    Returns
    -------
    Bunch
        images : ndarray of shape (n, H, W) or (n, H, W, M), or list where sizes or dtypes differ
            Grey, at each file's own depth; see Notes.
        target : ndarray of int of shape (n,)
            The class of each picture, as a position in `target_names`.
        target_names : list of str of length K
            The classes.
        groups : ndarray of shape (n,)
            The patient of each picture; a picture of which none is known is its own.
        filenames : list of str
            The file of each picture.
        left_out : list of (str, str)
            File and reason of each that was not read.

    Raises
    ------
    FileNotFoundError
        There is no such folder, table or picture.
    TypeError
        The source is neither a path nor a data frame.
    ValueError
        A file is not one picture or is damaged, a column is missing or there twice, a label or path
        is missing, a table is not in UTF-8, a class has no pictures, there are fewer than two
        classes.

    Warns
    -----
    UserWarning
        Nothing names the patients, so that each picture counts as its own; a patient's folder
        occurs in several classes; a patient is called NA, or by another word for a missing value;
        files were left out; DICOM files are rescaled in different ways.

    See Also
    --------
    load_slices : Volumes, unrolled into slices.
    ReadImages : The same readers as a step of a pipeline, for several sequences and masks.

    Notes
    -----
    PNG, JPEG, TIFF, BMP and NPY are read, and DICOM and NIfTI of one slice, with the extras that
    :class:`sicf.ReadImages` names. Colour becomes grey, alpha is dropped, 16 bits stay 16 bits;
    colour of 16 bits is an error. Files are taken in sorted order, links to folders are followed.
    Hidden files and folders are passed over; any other file of a
    class that is not a picture is an error, so that nobody is left out unnoticed.

    A table's header tells whether commas, semicolons or tabs part its columns. Blanks round names
    and cells are dropped. An empty label is missing, and so is one that :func:`pandas.read_csv`
    takes for missing, such as NA, nan, null and None; a missing label is an error.

    Examples
    --------
    >>> import cv2, numpy as np, tempfile
    >>> from pathlib import Path
    >>> from sicf import load_images
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for path in ("glioma/p1/a.png", "glioma/p1/b.png", "meningioma/p2/a.png"):
    ...         (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
    ...         _ = cv2.imwrite(str(Path(folder) / path), np.zeros((64, 48), np.uint8))
    ...     data = load_images(folder)
    >>> data.images.shape, data.target.tolist(), data.groups.tolist()
    ((3, 64, 48), [0, 0, 1], ['p1', 'p1', 'p2'])
    """
    columns = {
        "path_column": path_column,
        "label_column": label_column,
        "group_column": group_column,
    }
    check_on_error(on_error)
    size = None if image_size is None else check_size(image_size, "image_size")
    if is_folder(source):
        _refuse("is for tables", **columns)
        paths, labels, groups = list_folder(Path(source), group_pattern)
    else:
        _refuse("is for folders", group_pattern=group_pattern)
        paths, labels, groups = list_table(source, **columns)
    number_classes(labels)
    kept, results, left_out = read_each(
        lambda index: _read(paths[index], size), progress(paths, verbose, "picture"), on_error
    )
    warn_of_left_out(left_out, len(paths))
    warn_of([notes for _, notes in results])
    images = [image for image, _ in results]
    target_names, target = number_classes([labels[index] for index in kept])
    alike = len({(image.shape, image.dtype) for image in images}) == 1
    return Bunch(
        images=np.stack(images) if alike else images,
        target=target,
        target_names=target_names,
        groups=np.asarray(groups)[kept],
        filenames=[str(paths[index]) for index in kept],
        left_out=left_out,
    )


def _refuse(reason, **options):
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise ValueError(f"{given[0]} {reason}. Got {options[given[0]]!r}.")


def _read(path, size):
    scan = open_scan(path)
    single = scan.layout == PICTURE or min(scan.pixels.shape) == 1
    if not single:
        raise ValueError(
            f"A picture must be a single slice. Got {scan.describe()}; sicf.load_slices unrolls "
            "volumes, and sicf.ReadImages takes one slice of each."
        )
    image = take_picture(scan, choose_plane(scan, None)[0], 0).pixels
    return _resized(image, size), notes_of(Stack([scan]))


def _resized(image, size):
    if size is None:
        return image
    if image.ndim == 2:
        return resize_plane(image, size)
    return np.stack([resize_plane(image[:, :, m], size) for m in range(image.shape[2])], axis=2)
