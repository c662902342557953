"""The results: metrics with intervals, in all, by class and by patient."""

from sicf.evaluation._held_out import shows_held_out
from sicf.evaluation.report._html import Section, element, join, table

LEVELS = {"samples": "by sample", "patients": "by patient"}


def results_section(levels, why_not):
    """Tables of all metrics.

    Parameters
    ----------
    levels : dict of str to Evaluation
        "samples", or "patients", or both.
    why_not : str or None
        Why there are no answers by patient, where somebody may look for them.

    Returns
    -------
    Section
    """
    parts = [element("p", intervals_are(next(iter(levels.values()))))]
    if "patients" in levels and len(levels) > 1:
        told = "By patient: the mean of the scores for a patient's samples, whose highest decides."
        parts.append(element("p", told))
    if why_not:
        parts.append(element("p", f"No answers by patient. {why_not}", class_="warning"))
    whole = {level: _of_all(evaluation) for level, evaluation in levels.items()}
    parts += [element("h3", "All classes"), _metrics_table(whole, levels)]
    for name in next(iter(levels.values())).scores:
        each = {level: evaluation.class_metrics(name) for level, evaluation in levels.items()}
        heading = element("h3", f"Each class against the rest: {name}")
        parts += [heading, _metrics_table(each, levels)]
    return Section("results", "Results", join(parts))


def intervals_are(evaluation):
    """What the intervals are, in words."""
    method = {"percentile": "percentile", "bca": "BCa"}[evaluation.interval_method]
    said = (
        f"Value and {evaluation.confidence_level:.0%} {method} interval by a bootstrap over "
        f"{evaluation.unit}, {evaluation.n_bootstrap} resamples"
    )
    said += ", all out of fold." if shows_held_out(evaluation.fold) else ", of answers as given."
    if len(evaluation.fold) > 1:
        said += f" A value is the mean over {len(evaluation.fold)} repeats."
    if len(evaluation.classes) > 2:
        said += (
            " Sensitivity, specificity, PPV, NPV, F1, AUC, average precision and calibration are "
            "means over the classes, each against the rest."
        )
    return said + " An asterisk: only those resamples count in which the metric is defined."


def cell(interval, n_bootstrap):
    """An interval as text; a dash where the metric is undefined."""
    if interval.value != interval.value:
        return "–"
    text = f"{interval.value:z.2f} [{interval.low:z.2f}, {interval.high:z.2f}]"
    return text + ("*" if interval.n_defined < n_bootstrap else "")


def _of_all(evaluation):
    return {name: evaluation.metrics(name) for name in evaluation.scores}


def _metrics_table(found, levels):
    """Metrics in rows, level beside level; in columns the estimators or the classes."""
    names = next(iter(found.values()))
    rows = []
    for metric in next(iter(names.values())):
        for level, each in found.items():
            n_bootstrap = levels[level].n_bootstrap
            cells = [cell(each[name][metric], n_bootstrap) for name in names]
            rows.append([metric, *([LEVELS[level]] if len(levels) > 1 else []), *cells])
    return table(["metric", *(["rows"] if len(levels) > 1 else []), *names], rows)
