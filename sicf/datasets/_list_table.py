"""Pictures of a table: one row each, with columns for path, label and group."""

from pathlib import Path

import numpy as np

PATH_COLUMNS = ("path", "file", "filename", "image")
LABEL_COLUMNS = ("label", "class", "target", "diagnosis")
GROUP_COLUMNS = ("group", "patient_group", "patient", "patient_id", "subject")


def list_table(source, path_column=None, label_column=None, group_column=None):
    """Find pictures, classes and patients.

    Parameters
    ----------
    source : path or DataFrame
    path_column, label_column, group_column : str, default=None

    Returns
    -------
    paths : list of Path
    labels : list of str
    groups : list
    """
    table, folder = _read_table(source)
    paths = _column(table, path_column, PATH_COLUMNS, "path_column")
    labels = _column(table, label_column, LABEL_COLUMNS, "label_column")
    if group_column is None and not set(GROUP_COLUMNS) & set(table.columns):
        groups = list(range(len(table)))
    else:
        groups = _column(table, group_column, GROUP_COLUMNS, "group_column")
    for row, path in enumerate(paths):
        if not isinstance(path, (str, Path)):
            raise TypeError(f"Paths must be text. Row {row} has {path!r} instead.")
    return [folder / path for path in paths], [str(label) for label in labels], groups


def _read_table(source):
    """The table and its folder. Every cell of a file is text: patient 007 is not patient 7."""
    if hasattr(source, "columns"):
        return source, Path()
    import pandas as pd

    path = Path(source)
    try:
        table = pd.read_csv(
            path,
            sep="\t" if path.suffix.lower() in (".tsv", ".tab") else ",",
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=True,
            index_col=False,
            encoding="utf-8-sig",
        )
    except ValueError as exc:
        raise ValueError(f"{path} cannot be read as a table: {exc}") from exc
    return table, path.parent


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
