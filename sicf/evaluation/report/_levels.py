"""An evaluation by sample and, where patients have several samples, by patient."""


def levels_of(evaluation, cohort):
    """The levels at which results are told.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    levels : dict of str to Evaluation
    why_not : str or None
        Why answers by patient cannot be had though patients have several samples.
    """
    if not cohort.has_several_samples:
        return {"patients" if cohort.has_patients else "samples": evaluation}, None
    try:
        by_patient = evaluation.by_patient()
    except ValueError as exc:
        return {"samples": evaluation}, str(exc)
    return {"samples": evaluation, "patients": by_patient}, None
