"""Tables of an evaluation: for programs, for people, for a manuscript."""

SHOWN = ("accuracy", "balanced accuracy", "sensitivity", "specificity", "F1", "AUC")
LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}


def frame(levels):
    """One row for each level, estimator and metric.

    Parameters
    ----------
    levels : dict of str to Evaluation

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd

    rows = [
        {"level": level, "estimator": name, "metric": metric, **interval._asdict()}
        for level, evaluation in levels.items()
        for name in evaluation.scores
        for metric, interval in evaluation.metrics(name).items()
    ]
    return pd.DataFrame(rows)


def markdown(levels, metrics):
    """The table of `frame` for people, and below it what its intervals are.

    Parameters
    ----------
    levels : dict of str to Evaluation
    metrics : sequence of str

    Returns
    -------
    str
    """
    header = _header(levels, metrics)
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    lines += [
        "| " + " | ".join(_for_markdown(cell) for cell in row) + " |"
        for row in _rows(levels, metrics)
    ]
    return "\n".join([*lines, "", _footnote(levels, metrics)])


def latex(levels, metrics):
    """The same for LaTeX with the package booktabs.

    Parameters
    ----------
    levels : dict of str to Evaluation
    metrics : sequence of str

    Returns
    -------
    str
    """
    header, n_words = _header(levels, metrics), 2 if len(levels) > 1 else 1
    columns = "l" * n_words + "c" * len(metrics) + "r"
    rows = [header, *_rows(levels, metrics)]
    top, *body = [" & ".join(_for_latex(cell) for cell in row) + r" \\" for row in rows]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            top,
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
            rf"\footnotesize {_for_latex(_footnote(levels, metrics))}",
        ]
    )


def _header(levels, metrics):
    return ["estimator", *(["rows"] if len(levels) > 1 else []), *metrics, "fit, s"]


def _rows(levels, metrics):
    for level, evaluation in levels.items():
        for name in evaluation.scores:
            found = evaluation.metrics(name)
            cells = [_cell(found[metric], evaluation.n_bootstrap) for metric in metrics]
            seconds = f"{sum(evaluation.fit_seconds[name]):.0f}"
            yield [name, *([level] if len(levels) > 1 else []), *cells, seconds]


def _cell(interval, n_bootstrap):
    if interval.value != interval.value:
        return "–"
    return str(interval) + ("*" if interval.n_defined < n_bootstrap else "")


def _footnote(levels, metrics):
    evaluation = next(iter(levels.values()))
    method = "BCa" if evaluation.interval_method == "bca" else evaluation.interval_method
    note = (
        f"[{evaluation.confidence_level:.0%} {method} interval, {evaluation.n_bootstrap} resamples "
        f"of {evaluation.n_patients} {evaluation.unit}]"
    )
    defined = [
        interval.n_defined
        for each in levels.values()
        for name in each.scores
        for metric in metrics
        if (interval := each.metrics(name)[metric]).value == interval.value
    ]
    fewest = min(defined, default=evaluation.n_bootstrap)
    if fewest < evaluation.n_bootstrap:
        note += f" * only the resamples that hold every class, {fewest} or more"
    return note


def _for_markdown(cell):
    return " ".join(str(cell).split()).replace("|", "\\|")


def _for_latex(cell):
    return "".join(LATEX.get(letter, letter) for letter in " ".join(str(cell).split()))
