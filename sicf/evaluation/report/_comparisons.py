"""Tests of the first estimator against the others."""

from sicf.evaluation.report._html import Section, element, join, table

METRICS = ("accuracy", "balanced accuracy", "AUC", "Brier")


def comparisons_section(levels):
    """Differences of the first estimator from its rivals.

    Parameters
    ----------
    levels : dict of str to Evaluation

    Returns
    -------
    Section
    """
    names = list(next(iter(levels.values())).scores)
    if len(names) == 1:
        body = element("p", f"{names[0]} is the only estimator: there is nothing to compare.")
        return Section("comparisons", "Comparisons", body)
    told = (
        f"{names[0]}, which was given first, against each other estimator, on the same "
        "resamples of the same patients. p (Holm) is corrected for the number of rivals, not for "
        "the number of metrics: the one that counts is to be named before the results are seen. "
        "All metrics can be had from Evaluation.compare."
    )
    parts = [element("p", told)]
    parts += [_tests(level, evaluation, names[0]) for level, evaluation in levels.items()]
    return Section("comparisons", "Comparisons", join(parts))


def p_value(p):
    """A p value as text: no more digits than a bootstrap or a test of this kind can carry."""
    if p != p:
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _tests(level, evaluation, first):
    rows = []
    for row in evaluation.compare(first).to_dict("records"):
        # DeLong's test of several classes names the class behind the metric.
        if row["metric"] in METRICS or row["metric"].startswith("AUC of "):
            ps = p_value(row["p"]), p_value(row["p_holm"])
            rows.append([row["b"], row["metric"], row["test"], _difference(row), *ps])
    header = ["rival", "metric", "test", f"{first} less rival", "p", "p (Holm)"]
    return table(header, rows, f"By {level[:-1]}")


def _difference(row):
    if row["difference"] != row["difference"]:
        return "–"
    difference = f"{row['difference']:+.2f}"
    if row["low"] != row["low"]:
        return difference
    return f"{difference} [{row['low']:+.2f}, {row['high']:+.2f}]"
