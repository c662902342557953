"""The paper's tables of results, as published, not reproduced."""

import json
from importlib.resources import files


def published_tables():
    """Tables 2 to 6 of the paper, as published, not reproduced.

    Returns
    -------
    dict of int to pandas.DataFrame
        By the table's number, with the paper's own words for rows and columns, its first column as
        index and its units: percent where a column says so, else shares of 1. The cells of Table 4
        are text, since its last row holds deviations too. ``attrs`` of each frame has `title`,
        `note` and, where something is odd, `remark`.

    Notes
    -----
    The data behind these figures are not public. Table 3's first three rows were measured on
    meningioma by others, and several rows of Tables 2, 3 and 6 can come from no single confusion
    matrix; see :func:`confusion_feasible`.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> from sicf.evaluation import published_tables
    >>> table = published_tables()[6]
    >>> float(table.loc["SIFT → RF", "Accuracy (%)"]), table.attrs["note"]
    (84.2, 'as published, not reproduced')
    """
    text = files("sicf.evaluation").joinpath("published_tables.json").read_text(encoding="utf-8")
    content = json.loads(text)
    return {int(number): _frame(table, content) for number, table in content["tables"].items()}


def _frame(table, content):
    import pandas as pd

    frame = pd.DataFrame(table["rows"], columns=table["columns"])
    frame = frame.set_index(table["columns"][0])
    about = {key: table[key] for key in ("title", "remark") if key in table}
    frame.attrs = about | {"note": content["note"], "doi": content["source"]["doi"]}
    return frame
