"""The results: metrics with intervals, in all, by class and by patient."""

from sicf.evaluation.report._html import Section, element, join, table

LEVELS = {"samples": "By sample", "patients": "By patient"}


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
    for level, evaluation in levels.items():
        parts.append(_summary(evaluation, LEVELS[level] if len(levels) > 1 else "All classes"))
    for level, evaluation in levels.items():
        parts += [_by_class(evaluation, name, level, len(levels)) for name in evaluation.scores]
    return Section("results", "Results", join(parts))


def intervals_are(evaluation):
    """What the intervals are, in words."""
    method = {"percentile": "percentile", "bca": "BCa"}[evaluation.interval_method]
    said = (
        f"Value and {evaluation.confidence_level:.0%} {method} interval by a bootstrap over "
        f"{evaluation.unit}, {evaluation.n_bootstrap} resamples, all out of fold."
    )
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
    return str(interval) + ("*" if interval.n_defined < n_bootstrap else "")


def _summary(evaluation, heading):
    found = {name: evaluation.metrics(name) for name in evaluation.scores}
    metrics = list(next(iter(found.values())))
    rows = [
        [metric, *[cell(each[metric], evaluation.n_bootstrap) for each in found.values()]]
        for metric in metrics
    ]
    return join([element("h3", heading), table(["metric", *found], rows)])


def _by_class(evaluation, name, level, n_levels):
    found = evaluation.class_metrics(name)
    metrics = list(next(iter(found.values())))
    rows = [
        [metric, *[cell(each[metric], evaluation.n_bootstrap) for each in found.values()]]
        for metric in metrics
    ]
    where = f", {LEVELS[level].lower()}" if n_levels > 1 else ""
    heading = element("h3", f"Each class against the rest: {name}{where}")
    return join([heading, table(["metric", *found], rows)])
