"""The folds: who was tested where, by how many trained on."""

from sicf.evaluation.report._html import Section, element, join, table

PARTS = ("training", "validation")


def folds_section(evaluation, cohort):
    """A row for each fold.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    Section
    """
    folds = list(cohort.folds())
    about = _facts_of_folds(evaluation, len(folds))
    told = [
        f"{part} {unit}"
        for part in PARTS
        for unit in ("patients", "samples")
        if any(facts.get(f"{part} {unit}") for facts in about)
    ]
    classes = [str(label) for label in evaluation.classes]
    header = [
        "fold", *told, *cohort.headers("tested "), *[f"tested of {label}" for label in classes]
    ]  # fmt: skip
    rows = []
    for (repeat, number, tested), facts in zip(folds, about, strict=True):
        counts = [int((evaluation.target[tested] == k).sum()) for k in range(len(classes))]
        known = [facts.get(name, "–") for name in told]
        rows.append([fold_name(evaluation, repeat, number), *known, *cohort.cells(tested), *counts])
    return Section("folds", "Folds", join([element("p", partition(cohort)), table(header, rows)]))


def partition(cohort):
    """How the folds keep the parts apart, as far as they show it."""
    if cohort.made_elsewhere:
        return "The answers were made elsewhere: whether anybody was held out is not known."
    if not cohort.has_patients:
        return "No groups were given: samples of one patient may stand on both sides of a fold."
    for repeat in cohort.evaluation.fold:
        for number in range(int(repeat.max()) + 1):
            tested = repeat == number
            shared = set(cohort.patient[tested]) & set(cohort.patient[~tested])
            if shared:
                return (
                    f"{len(shared)} patient(s) have samples both inside and outside a test fold: "
                    "the parts are not disjoint by patient."
                )
    return "No patient has samples both inside and outside a test fold."


def fold_name(evaluation, repeat, number):
    """A fold's name, from 1; the repeat where there are several."""
    return f"{repeat + 1}.{number + 1}" if len(evaluation.fold) > 1 else str(number + 1)


def _facts_of_folds(evaluation, n_folds):
    """Facts that the first estimator's fits tell; empty where there are none for each fold."""
    about = next(iter(evaluation.about.values()), [])
    return about if len(about) == n_folds else [{}] * n_folds
