"""What made the figures: versions, seeds, weights, time and memory."""

from sicf.evaluation.report._html import Section, element, join, table

MANY = 5
MEBIBYTE = 2**20
# These stand in the tables of folds and choices.
ELSEWHERE = (" samples", " patients", "n_selected", "score of the inner search")


def provenance_section(evaluation):
    """Versions, seeds, facts of the fitted estimators, time and memory.

    Parameters
    ----------
    evaluation : Evaluation

    Returns
    -------
    Section
    """
    parts = [
        table(["package", "version"], evaluation.versions.items(), "Versions"),
        table(["", "value"], _settings(evaluation), "Seeds and settings"),
        table(
            ["estimator", "fits", "fitting, s", "longest fit, s", "scoring, s", "peak memory, MiB"],
            [_cost(evaluation, name) for name in evaluation.scores],
            "Time and memory. Memory is the highest resident memory that a process which fitted "
            "had had, with the data and whatever it did before.",
        ),
    ]
    for name in evaluation.scores:
        rows = [[fact, values] for fact, values in facts_of(evaluation, name).items()]
        if rows:
            caption = "As the fitted estimators tell it, over all fits"
            parts += [element("h3", name), table(["fact", "value"], rows, caption, long=(1,))]
    return Section("provenance", "Versions, seeds, weights, time and memory", join(parts))


def facts_of(evaluation, name):
    """Facts of an estimator's fits: each value once, or the range of many numbers.

    Parameters
    ----------
    evaluation : Evaluation
    name : str

    Returns
    -------
    dict of str to str
    """
    found = {}
    for facts in evaluation.about.get(name, []):
        for key, value in facts.items():
            if value is not None and not key.endswith(ELSEWHERE):
                found.setdefault(key, []).append(value)
    return {key: _together(values) for key, values in found.items()}


def _together(values):
    different = list(dict.fromkeys(str(value) for value in values))
    numeric = all(isinstance(value, int | float) for value in values)
    if len(different) > MANY and numeric:
        return f"{min(values):.6g} to {max(values):.6g}"
    return ", ".join(different)


def _settings(evaluation):
    return [
        ["started", evaluation.started or "not known"],
        ["seed of the bootstrap", evaluation.seed],
        ["resamples", f"{evaluation.n_bootstrap} of {evaluation.unit}"],
        ["interval", f"{evaluation.interval_method}, {evaluation.confidence_level:.0%}"],
        ["repeats", len(evaluation.fold)],
    ]


def _cost(evaluation, name):
    fit, score = evaluation.fit_seconds.get(name, []), evaluation.score_seconds.get(name, [])
    memory = [size for size in evaluation.peak_memory.get(name, []) if size >= 0]
    if not fit:
        return [name, "not known", *["–"] * 4]
    peak = f"{max(memory) / MEBIBYTE:.0f}" if memory else "–"
    return [name, len(fit), f"{sum(fit):.1f}", f"{max(fit):.1f}", f"{sum(score):.1f}", peak]
