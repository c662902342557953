"""Who came in, who was tested, and of which class and site they are."""

import numpy as np

from sicf.evaluation.report._html import BREAK, Section, element, items, join, table


def cohort_section(evaluation, cohort):
    """The flow of patients and samples, and tables by class and by site.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    Section
    """
    parts = [_flow(evaluation, cohort), _by_class(evaluation, cohort)]
    if evaluation.sites is not None:
        parts.append(_by_site(evaluation, cohort))
    note = (
        "Who was left out before the evaluation, and why, software cannot know: that is for the "
        "authors."
    )
    if not cohort.has_patients:
        note += " No groups were given: each sample is taken for a patient of its own."
    return Section("cohort", "Cohort flow", join([*parts, element("p", note, class_="soft")]))


def _flow(evaluation, cohort):
    untested = ~cohort.tested
    tested = "Tested, as given" if cohort.made_elsewhere else "Tested out of fold"
    boxes = [("Given", slice(None)), (tested, cohort.tested)]
    steps = [join([element("strong", name), BREAK, cohort.said(some)]) for name, some in boxes]
    if untested.any():
        words = element("strong", "Never tested (trained on, or held for choices)")
        steps.insert(1, join([words, BREAK, cohort.said(untested)]))
    n_repeats, n_folds = len(evaluation.fold), len(list(cohort.folds()))
    folds = f"{n_folds} fold{'' if n_folds == 1 else 's'}"
    if n_repeats > 1:
        folds += f" in {n_repeats} repeats"
    steps.append(join([element("strong", folds), BREAK, _sites(evaluation)]))
    return items(steps, class_="flow")


def _sites(evaluation):
    if evaluation.sites is None:
        return "sites not given"
    n_sites = len(np.unique(evaluation.sites))
    return f"{n_sites} site{'' if n_sites == 1 else 's'}"


def _by_class(evaluation, cohort):
    header = ["class", *cohort.headers(), *cohort.headers("tested "), "share of tested samples"]
    n_tested = cohort.tested.sum()
    rows = []
    for k, label in enumerate(evaluation.classes):
        of_class = evaluation.target == k
        tested = of_class & cohort.tested
        share = f"{tested.sum() / n_tested:.1%}"
        rows.append([label, *cohort.cells(of_class), *cohort.cells(tested), share])
    everyone = [*cohort.cells(slice(None)), *cohort.cells(cohort.tested), "100.0%"]
    return table(header, [*rows, ["all", *everyone]], "By class", long=())


def _by_site(evaluation, cohort):
    classes = [str(label) for label in evaluation.classes]
    rows = []
    for site in np.unique(evaluation.sites):
        at_site = evaluation.sites == site
        counts = [int((at_site & (evaluation.target == k)).sum()) for k in range(len(classes))]
        rows.append([site, *cohort.cells(at_site), *counts])
    header = ["site", *cohort.headers(), *[f"samples of {label}" for label in classes]]
    return table(header, rows, "By site")
