"""What a source of images may be: a folder, a table's file, or a data frame."""

import os
from pathlib import Path

from sicf.images.files._guarded import explain_backslash


def is_folder(source):
    """Whether a source is a folder; raise where it is neither that nor a table.

    Parameters
    ----------
    source : object

    Returns
    -------
    bool
    """
    if not isinstance(source, (str, os.PathLike)):
        _check_data_frame(source)
        return False
    if not Path(source).exists():
        raise FileNotFoundError(f"There is no folder or table {source}.{explain_backslash(source)}")
    return Path(source).is_dir()


def check_table(source):
    """Raise where a source is no table."""
    if is_folder(source):
        raise ValueError(
            "Volumes are listed in a table, with columns for path, label and group. "
            f"Got the folder {source}."
        )


def _check_data_frame(source):
    import pandas as pd

    if not isinstance(source, pd.DataFrame):
        raise TypeError(
            "source must be the path of a folder, the path of a table (CSV or TSV), or a pandas "
            "DataFrame with columns for path, label and group, which a list of paths goes into. "
            f"Got {type(source).__name__} instead."
        )
