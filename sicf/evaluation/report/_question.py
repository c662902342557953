"""What was asked: the question and its classes."""

from sicf.evaluation.report._html import Section, element, items, join


def question_section(evaluation, cohort, question):
    """What is told apart, by what, and what the authors say of it.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort
    question : str or None
        The authors' own words.

    Returns
    -------
    Section
    """
    said = [element("p", part) for part in (question or "").split("\n\n") if part.strip()]
    if not said:
        said = [element("p", "The clinical question is for the authors to state.", class_="open")]
    points = [f"{len(evaluation.classes)} classes: {listed(evaluation.classes)}."]
    if evaluation.positive is not None:
        positive = evaluation.classes[evaluation.positive]
        points.append(
            f"The positive class is {positive}: sensitivity, specificity, predictive values, F1, "
            "the areas and calibration are about it."
        )
    points.append(f"Estimators, all on the same folds: {listed(evaluation.scores)}.")
    points.append(f"Evaluated: {cohort.said(cohort.tested)}.")
    return Section("question", "Question and classes", join([*said, items(points)]))


def listed(names):
    """Names in one line."""
    return "; ".join(str(name) for name in names)
