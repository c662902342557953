"""What the figures cannot tell."""

import numpy as np

from sicf.evaluation.report._html import Section, items

FEW = 100


def limits_section(evaluation, cohort):
    """Limits that follow from the data and the scheme, in words.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    Section
    """
    return Section("limits", "Limits", items(limits_of(evaluation, cohort)))


def limits_of(evaluation, cohort):
    """The limits, one sentence or two each.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    list of str
    """
    limits = ["Research software; no output is a diagnosis."]
    if cohort.made_elsewhere:
        limits.append(
            "The answers were made elsewhere: if the models had seen these samples, every figure "
            "flatters."
        )
    limits += _of_size(evaluation, cohort)
    limits += _of_data(evaluation, cohort)
    undefined = fewest_defined(evaluation)
    if undefined < evaluation.n_bootstrap:
        limits.append(
            f"Some metrics are defined in {undefined} of {evaluation.n_bootstrap} resamples only; "
            "their intervals leave the others out."
        )
    limits.append(
        "Whatever was decided with these data before the evaluation (estimators, regions, "
        "exclusions) is not corrected for."
    )
    return limits


def fewest_defined(evaluation):
    """The least number of resamples in which a metric that has a value is defined."""
    return min(
        interval.n_defined
        for name in evaluation.scores
        for interval in evaluation.metrics(name).values()
        if interval.value == interval.value
    )


def _of_size(evaluation, cohort):
    unit = "patients" if cohort.has_patients else "samples"
    counts = [
        cohort.n_patients(cohort.tested & (evaluation.target == k))
        for k in range(len(evaluation.classes))
    ]
    rarest = int(np.argmin(counts))
    if counts[rarest] < FEW:
        yield (
            f"The rarest class tested, {evaluation.classes[rarest]}, has {counts[rarest]} {unit}: "
            "its metrics, its curves and its calibration are uncertain as the intervals say."
        )
    if not cohort.tested.all():
        yield (
            f"One part was held out: {cohort.said(cohort.tested)} tested. Another part may give "
            "other figures."
        )
    elif len(list(cohort.folds())) > 1:
        yield (
            "Each fold has a model of its own; figures are about the way of making a model, not "
            "about one model."
        )
    if len(evaluation.fold) > 1:
        yield f"{len(evaluation.fold)} repeats average the luck of the folds; they add no patients."


def _of_data(evaluation, cohort):
    if not cohort.has_patients:
        yield (
            "No groups were given. If some samples are of one patient, the figures flatter and the "
            "intervals are too narrow."
        )
    elif cohort.has_several_samples:
        yield (
            "Samples of one patient are alike; figures by sample weigh patients by how many "
            "samples they have."
        )
    if evaluation.sites is None:
        yield "Sites were not given: whether answers carry over to another site is not known."
    elif not tests_unseen_sites(evaluation):
        yield "Every site was trained on: whether answers carry over to a new one is not known."
    for name, told in evaluation.is_probability.items():
        if not told:
            yield f"Scores of {name} are no probabilities: nothing is known of its calibration."


def tests_unseen_sites(evaluation):
    """Whether the samples of every site are tested in a fold that trains on none of them."""
    if evaluation.sites is None or len(np.unique(evaluation.sites)) < 2:
        return False
    site = np.unique(evaluation.sites, return_inverse=True)[1]
    for fold in evaluation.fold:
        if (fold < 0).any():
            return False
        # As many pairs as sites: none is tested in two folds, so no fold trains on a tested site.
        pairs = np.unique(np.stack([site, fold]), axis=1)
        if pairs.shape[1] != site.max() + 1:
            return False
    return bool(evaluation.fold.max() > 0)
