"""Volumes of a table: a row for each scan, with columns for sequences, mask, label and group."""

import os
from pathlib import Path

import pandas as pd

from sicf.datasets._list_table import (
    PATH_COLUMNS,
    column_name,
    find_columns,
    labels_and_groups,
    read_table,
)
from sicf.images.files._sample_sheet import MASK_COLUMN, is_missing


def list_volumes(source, sequence_columns, mask_column, label_column, group_column):
    """Find sequences, masks, classes and patients.

    Parameters
    ----------
    source : path or DataFrame
    sequence_columns : list of str, str or None
    mask_column, label_column, group_column : str or None

    Returns
    -------
    files : DataFrame
        One column a sequence, and one for the mask if there is one.
    mask : str or None
        The name of the mask's column.
    labels : list of str
    groups : list
    """
    table, folder = read_table(source)
    sequences = _sequence_names(table, sequence_columns)
    mask = _mask_name(table, mask_column)
    labels, groups = labels_and_groups(table, label_column, group_column)
    columns = sequences + ([] if mask is None else [mask])
    files = {
        name: [None if is_missing(cell) else _place(cell, folder) for cell in table[name]]
        for name in columns
    }
    return pd.DataFrame(files, dtype=object), mask, labels, groups


def _sequence_names(table, chosen):
    if chosen is None:
        return [column_name(table, None, PATH_COLUMNS, "sequence_columns")]
    chosen = [chosen] if isinstance(chosen, str) else list(chosen)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ValueError(
            f"sequence_columns must name different columns, 1 or more. Got {chosen} instead."
        )
    return [column_name(table, name, (), "sequence_columns") for name in chosen]


def _mask_name(table, chosen):
    if chosen is None and not find_columns(table.columns, None, (MASK_COLUMN,)):
        return None
    return column_name(table, chosen, (MASK_COLUMN,), "mask_column")


def _place(cell, folder):
    """Paths are relative to the table; images in memory are what they are."""
    if isinstance(cell, str):
        return folder / cell.strip()
    return folder / Path(cell) if isinstance(cell, os.PathLike) else cell
