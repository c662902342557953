"""Pictures of a table: one row each, with columns for path, label and group."""

import csv
import io
import warnings
from pathlib import Path

PATH_COLUMNS = ("path", "file", "filename", "image")
LABEL_COLUMNS = ("label", "class", "target", "diagnosis")
GROUP_COLUMNS = ("group", "patient_group", "patient", "patient_id", "subject")
SEPARATORS = (",", ";", "\t")
# What pandas.read_csv takes for missing; its own list is private, so a test compares the two.
# fmt: off
MISSING = frozenset((
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
    "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
))
# fmt: on


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
    table, folder = read_table(source)
    paths = column_of(table, path_column, PATH_COLUMNS, "path_column")
    for row, path in enumerate(paths):
        if not isinstance(path, (str, Path)):
            raise TypeError(f"Paths must be text. Row {row} has {path!r} instead.")
    labels, groups = labels_and_groups(table, label_column, group_column)
    return [folder / path for path in paths], labels, groups


def labels_and_groups(table, label_column=None, group_column=None):
    """Find the class and the patient of each row.

    Parameters
    ----------
    table : DataFrame
    label_column, group_column : str, default=None

    Returns
    -------
    labels : list of str
    groups : list
        The row's number where no column names patients.
    """
    labels = column_of(table, label_column, LABEL_COLUMNS, "label_column", missing=MISSING)
    if find_columns(table.columns, group_column, GROUP_COLUMNS) or group_column is not None:
        groups = column_of(table, group_column, GROUP_COLUMNS, "group_column")
        _warn_of_patients_without_a_name(groups)
    else:
        groups = list(range(len(table)))
        _warn_of_unknown_patients(table.columns)
    return [str(label) for label in labels], groups


def read_table(source):
    """The table and its folder. Every cell of a file is text: patient 007 is not patient 7."""
    if hasattr(source, "columns"):
        return source.rename(columns=_stripped), Path()
    import pandas as pd

    path = Path(source)
    text = _read_text(path)
    try:
        separator, header = _split_header(text, path.suffix.lower() in (".tsv", ".tab"))
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            skipinitialspace=True,
            index_col=False,
        )
        # pandas calls a second "label" "label.1", and nobody would learn that there are two.
        table.columns = [_stripped(name) for name in header]
    except (ValueError, csv.Error) as exc:
        raise ValueError(f"{path} cannot be read as a table: {exc}") from exc
    return table, path.parent


def _read_text(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ValueError(_not_utf_8(path, exc)) from exc
    if "\0" in text:  # UTF-16 without a mark at its start decodes, to every second letter.
        raise ValueError(_not_utf_8(path, "it holds NUL characters"))
    return text.lstrip("\r\n")


def _not_utf_8(path, reason):
    return (
        "A table must be text (CSV or TSV) in UTF-8; save it as UTF-8, which spreadsheets call "
        f"'CSV UTF-8'. Got {path}: {reason}."
    )


def _split_header(text, tabs_first):
    """The separator that splits the header into most columns, and those columns.

    The header decides, since names hold separators less often than cells do. csv.Sniffer, which
    pandas asks, may take a letter for the separator.
    """
    order = sorted(SEPARATORS, key=lambda separator: (separator == "\t") != tabs_first)
    headers = {
        separator: next(
            csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True), []
        )
        for separator in order
    }
    return max(headers.items(), key=lambda item: len(item[1]))


def column_of(table, chosen, usual, parameter, missing=frozenset()):
    """Give the cells of one column, of which none may be missing.

    Parameters
    ----------
    table : DataFrame
    chosen : str or None
    usual : tuple of str
        Names that are tried where none is chosen.
    parameter : str
        What the choice is called in errors.
    missing : set of str
        Words that stand for a missing cell.

    Returns
    -------
    list
    """
    name = column_name(table, chosen, usual, parameter)
    cells = [_stripped(cell) for cell in table[name]]
    absent = [
        (na or (isinstance(cell, str) and (not cell or cell in missing)))
        for cell, na in zip(cells, table[name].isna(), strict=True)
    ]
    if any(absent):
        raise ValueError(_missing_cells(name, cells, absent, missing))
    return cells


def column_name(table, chosen, usual, parameter):
    """Find the one column that is meant; see `column_of`."""
    found = find_columns(table.columns, chosen, usual)
    if not found:
        raise ValueError(
            f"{parameter} must be one of the table's columns {list(table.columns)}. Got {chosen!r} "
            "instead" + (f", and none is among {list(usual)}." if chosen is None else ".")
        )
    if len(found) > 1:
        raise ValueError(
            f"There must be one column for {parameter}. Got {found}; give them different names, "
            f"and the name of the one that is meant as {parameter}."
        )
    return found[0]


def find_columns(columns, chosen, usual):
    """Every column that has the chosen name, or else the first of the usual names."""
    if chosen is not None:
        return [column for column in columns if column == _stripped(chosen)]
    by_key = {}
    for column in columns:
        by_key.setdefault(_key(column), []).append(column)
    return next((by_key[_key(name)] for name in usual if _key(name) in by_key), [])


def _key(column):
    """PatientID, Patient ID and patient-id are patient_id."""
    return str(column).lower().translate(str.maketrans("", "", "_ -"))


def _stripped(cell):
    return cell.strip() if isinstance(cell, str) else cell


def _missing_cells(name, cells, absent, missing):
    row = absent.index(True)
    text = f"{cells[row]!r}, which stands for none" if cells[row] in missing else "none"
    more = f", and {sum(absent) - 1} more" if sum(absent) > 1 else ""
    hint = " A class of such a name needs another name." if cells[row] in missing else ""
    return f"Column {name!r} must hold a value in every row. Row {row} has {text}{more}.{hint}"


def _warn_of_patients_without_a_name(groups):
    # Not refused, as labels are: Nora Adams may be patient NA.
    nameless = [group for group in groups if isinstance(group, str) and group in MISSING]
    if nameless:
        warnings.warn(
            f"{len(nameless)} picture(s) have a word for a missing value as their patient, "
            f"{nameless[0]!r} among them, and those with the same word count as one patient. "
            "Where they are different people, give them different names.",
            UserWarning,
            stacklevel=5,
        )


def _warn_of_unknown_patients(columns):
    warnings.warn(
        "No column of the table names the patients, so each picture counts as its own patient. "
        "Where a patient has several pictures, scores come out too high; name the patients' "
        f"column by group_column=. The columns are {list(columns)}.",
        UserWarning,
        stacklevel=5,
    )
