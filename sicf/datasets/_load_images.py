"""A user's own pictures, from a folder or from a table, ready for cross-validation."""

import re
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from sicf.images._read_image import read_image
from sicf.images._resize import check_size, resize_plane

PATH_COLUMNS = ("path", "file", "filename", "image")
LABEL_COLUMNS = ("label", "class", "target", "diagnosis")
GROUP_COLUMNS = ("group", "patient_group", "patient", "patient_id", "subject")
IGNORED = ("thumbs.db", "desktop.ini")


def load_images(
    source,
    *,
    path_column=None,
    label_column=None,
    group_column=None,
    group_pattern=None,
    image_size=None,
    verbose=0,
):
    """Load pictures with their classes and patients.

    Parameters
    ----------
    source : path or DataFrame
        A folder with one sub-folder for each class, or a table (CSV or TSV, or a data frame) with
        columns for path, label and group. In a folder, pictures that lie one folder deeper belong
        to the patient that folder names. Paths of a table are relative to the table's own folder;
        those of a data frame, to the working directory.
    path_column, label_column, group_column : str, default=None
        Columns of the table. None takes the first of path, file, filename, image; of label, class,
        target, diagnosis; and of group, patient_group, patient, patient_id, subject.
    group_pattern : str, default=None
        A regular expression whose first parenthesis picks the patient out of the file's name, as
        in ``r"^(patient\\d+)_"``. For folders.
    image_size : int or (int, int), default=None
        Rows and columns to which every picture is resized. None keeps each as it is.
    verbose : int, default=0
        Above 0, a progress bar.

    Returns
    -------
    Bunch
        images : ndarray of shape (n, H, W) or (n, H, W, M), or list where sizes differ
            Grey, at each file's own depth; see Notes.
        target : ndarray of int of shape (n,)
        target_names : list of str of length K
        groups : ndarray of shape (n,)
            The patient of each picture; a picture of which none is known is its own.
        filenames : list of str

    Raises
    ------
    FileNotFoundError
        There is no such folder, table or picture.
    ValueError
        A file is not a picture or is damaged, a column is missing, a label or path is missing,
        there are fewer than two classes.

    Notes
    -----
    PNG, JPEG, TIFF, BMP and NPY are read. Colour becomes grey, alpha is dropped, 16 bits stay 16
    bits. Files are taken in sorted order. Hidden files are passed over; any other file that is not
    a picture is an error, so that nobody is left out unnoticed.

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
    ((3, 64, 48), [0, 0, 1], ['glioma/p1', 'glioma/p1', 'meningioma/p2'])
    """
    if _is_folder(source):
        paths, labels, groups = _list_folder(Path(source), group_pattern)
    else:
        paths, labels, groups = _list_table(source, path_column, label_column, group_column)
    target_names, target = np.unique(labels, return_inverse=True)
    if target_names.size < 2:
        raise ValueError(f"There must be at least 2 classes. Got {target_names.tolist()}.")
    images = [_read(path, image_size) for path in _progress(paths, verbose)]
    same = len({image.shape for image in images}) == 1
    return Bunch(
        images=np.stack(images) if same else images,
        target=target,
        target_names=target_names.tolist(),
        groups=np.asarray(groups),
        filenames=[str(path) for path in paths],
    )


def _is_folder(source):
    if hasattr(source, "columns"):
        return False
    if not Path(source).exists():
        raise FileNotFoundError(f"There is no folder or table {source}.")
    return Path(source).is_dir()


def _list_folder(folder, group_pattern):
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not _hidden(path))
    if not classes:
        raise ValueError(
            f"A folder must hold one sub-folder for each class. {folder} holds none; for other "
            "layouts give a table with columns for path, label and group."
        )
    paths, labels, groups = [], [], []
    for kind in classes:
        for path in sorted(p for p in kind.rglob("*") if p.is_file() and not _hidden(p)):
            paths.append(path)
            labels.append(kind.name)
            groups.append(_group_of(path, kind, group_pattern))
    if not paths:
        raise ValueError(f"There must be pictures in the classes' folders. {folder} holds none.")
    return paths, labels, groups


def _group_of(path, kind, pattern):
    inside = path.relative_to(kind)
    if pattern is not None:
        found = re.search(pattern, path.name)
        if not found or not found.groups():
            raise ValueError(
                f"group_pattern must pick a patient out of every name. {pattern!r} finds none in "
                f"{path.name!r}."
            )
        return found.group(1)
    patient = inside.parts[0] if len(inside.parts) > 1 else inside.name
    return f"{kind.name}/{patient}"


def _list_table(source, path_column, label_column, group_column):
    table, folder = _read_table(source)
    paths = _column(table, path_column, PATH_COLUMNS, "path_column")
    labels = _column(table, label_column, LABEL_COLUMNS, "label_column")
    if group_column is None and not set(GROUP_COLUMNS) & set(table.columns):
        groups = list(range(len(table)))
    else:
        groups = _column(table, group_column, GROUP_COLUMNS, "group_column")
    return [folder / path for path in paths], [str(label) for label in labels], groups


def _read_table(source):
    if hasattr(source, "columns"):
        return source, Path()
    import pandas as pd

    path = Path(source)
    separator = "\t" if path.suffix.lower() in (".tsv", ".tab") else ","
    try:
        return pd.read_csv(path, sep=separator), path.parent
    except (ValueError, UnicodeDecodeError) as exc:
        raise ValueError(f"{path} cannot be read as a table: {exc}") from exc


def _column(table, chosen, usual, parameter):
    name = chosen or next((column for column in usual if column in table.columns), None)
    if name not in table.columns:
        raise ValueError(
            f"{parameter} must be one of the table's columns {list(table.columns)}. "
            f"Got {chosen!r} instead" + ("." if chosen else f", and none is among {list(usual)}.")
        )
    missing = np.flatnonzero(table[name].isna())
    if missing.size:
        raise ValueError(
            f"Column {name!r} must hold a value in every row. Row {missing[0]} has none"
            f"{f', and {missing.size - 1} more' if missing.size > 1 else ''}."
        )
    return table[name].tolist()


def _read(path, image_size):
    image = read_image(path)
    if image_size is None:
        return image
    size = check_size(image_size, "image_size")
    if image.ndim == 2:
        return resize_plane(image, size)
    return np.stack([resize_plane(image[:, :, m], size) for m in range(image.shape[2])], axis=2)


def _hidden(path):
    return path.name.startswith(".") or path.name.lower() in IGNORED


def _progress(paths, verbose):
    if not verbose:
        return paths
    from tqdm.auto import tqdm

    return tqdm(paths, desc="Reading", unit="picture", leave=False)
