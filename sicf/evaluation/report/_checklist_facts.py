"""What an evaluation knows of the items of reporting checklists."""

from sicf.evaluation.report._folds import partition
from sicf.evaluation.report._html import join, link
from sicf.evaluation.report._limits import tests_unseen_sites
from sicf.evaluation.report._question import listed
from sicf.evaluation.report._results import intervals_are

LINKS = {
    "choices": ("choices", "Chosen in each fold"),
    "failures": ("worst-cases", "Worst cases"),
    "folds": ("folds", "Folds"),
    "limits": ("limits", "Limits"),
    "performance": ("results", "Results"),
    "provenance": ("provenance", "Versions, seeds, weights, time and memory"),
    "training": ("provenance", "Versions, seeds, weights, time and memory"),
}
# What only folds can show, and predictions that were made elsewhere have none.
OF_FITS = (
    "aim", "choices", "disjoint", "folds", "internal", "left_out_sites", "partition",
    "predictions", "same_source", "training", "updating",
)  # fmt: skip
OTHER_SITES = "Every site was tested by models fitted to the others."


def facts_for_checklists(evaluation, cohort):
    """Answers to the items that software can fill.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    dict of str to Markup or None
        By the `fact` that the lists name; None where this evaluation does not know it.
    """
    linked = {fact: join(["See ", link(*where), "."]) for fact, where in LINKS.items()}
    of_samples = _of_data(evaluation, cohort) | _of_scheme(evaluation, cohort)
    facts = linked | of_samples | _of_measures(evaluation)
    if cohort.made_elsewhere:
        facts |= dict.fromkeys(OF_FITS)
    return facts


def _of_data(evaluation, cohort):
    sites = evaluation.sites
    n_sites = None if sites is None else len(set(sites.tolist()))
    tested = cohort.said(cohort.tested)
    by_class = ", ".join(
        f"{label}: {cohort.said(evaluation.target == k)}"
        for k, label in enumerate(evaluation.classes)
    )
    return {
        "characteristics": _see("By class and site: ", "cohort", "Cohort flow"),
        "classes": _see(f"The labels are {listed(evaluation.classes)}. ", "question", "Question"),
        "flow": _see(f"{cohort.said()}; tested: {tested}. ", "cohort", "Cohort flow"),
        "missing": "Missing labels and groups and scores that are not finite are refused.",
        "sites": None if n_sites is None else _see(f"{n_sites} site(s). ", "cohort", "Cohort flow"),
        "size": f"{cohort.said()}; {by_class}.",
    }  # fmt: skip


def _of_scheme(evaluation, cohort):
    n_folds, n_repeats = len(list(cohort.folds())), len(evaluation.fold)
    held_out = not cohort.tested.all()
    how = "One part held out" if held_out else f"{n_folds} fold(s), in {n_repeats} repeat(s)"
    unseen = tests_unseen_sites(evaluation)
    return {
        "aim": "Development, and evaluation on samples of the same data that no fit had seen.",
        "disjoint": partition(cohort),
        "internal": _see(f"{how}; every answer is out of fold. ", "results", "Results"),
        "left_out_sites": OTHER_SITES if unseen else None,
        "partition": _see(f"{how}. {partition(cohort)} ", "folds", "Folds"),
        "predictions": "By each fold's own estimator, for samples that it was not fitted to.",
        "same_source": None if unseen else "Both are parts of the same data.",
        "updating": "The evaluation updates no model.",
    }  # fmt: skip


def _of_measures(evaluation):
    probable = all(evaluation.is_probability.values())
    metrics = listed(evaluation.metrics(next(iter(evaluation.scores))))
    told = "Probabilities" if probable else "Scores, of some estimators no probabilities"
    versions = evaluation.versions
    return {
        "measures": _see(f"{metrics}; curves. ", "figures", "Figures"),
        "output": f"{told}, one for each class, and the class that the estimator predicts.",
        "seeds": _seeds(evaluation),
        "software": _see(f"sicf {versions['sicf']} and others. ", "provenance", "Versions")
        if "sicf" in versions
        else None,
        "uncertainty": _see(f"{intervals_are(evaluation)} ", "comparisons", "Comparisons"),
    }


def _seeds(evaluation):
    """Only where the fitted estimators tell of a seed or of weights."""
    told = {key for fits in evaluation.about.values() for facts in fits for key in facts}
    if not any("random_state" in key or "weights" in key for key in told):
        return None
    return _see("Seeds and weights of every estimator. ", "provenance", "Versions, seeds, weights")


def _see(words, anchor, name):
    return join([words, "See ", link(anchor, name), "."])
