"""What was chosen in each fold."""

from sicf.evaluation.report._folds import fold_name
from sicf.evaluation.report._html import Section, element, join, table

COUNTED = ("n_selected", "n_features_in_")
INNER_SCORE = "score of the inner search"


def choices_section(evaluation, cohort):
    """Parameters chosen inside each fit, the score they were chosen by, columns selected.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort

    Returns
    -------
    Section
    """
    told = (
        "Chosen on the training part of each fold alone. Choices that differ from fold to fold "
        "say that the data do not settle them."
    )
    tables = [
        part for name in evaluation.scores for part in _of_estimator(evaluation, cohort, name)
    ]
    if not tables:
        told = "No parameter was searched for and no columns were selected inside the folds."
    return Section("choices", "Chosen in each fold", join([element("p", told), *tables]))


def _of_estimator(evaluation, cohort, name):
    rows = fit_rows(evaluation, name)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return []
    folds = [fold_name(evaluation, repeat, number) for repeat, number, _ in cohort.folds()]
    fits = folds if len(folds) == len(rows) else range(1, len(rows) + 1)
    cells = [
        [fit, *[_said(row.get(key, "–")) for key in columns]]
        for fit, row in zip(fits, rows, strict=True)
    ]
    return [element("h3", name), table(["fold", *columns], cells)]


def fit_rows(evaluation, name):
    """For each fit of an estimator what was chosen in it, by name.

    Parameters
    ----------
    evaluation : Evaluation
    name : str

    Returns
    -------
    list of dict of str to object
    """
    chosen, about = evaluation.chosen.get(name, []), evaluation.about.get(name, [])
    rows = [dict(parameters) for parameters in chosen] or [{} for _ in about]
    for row, facts in zip(rows, about, strict=False):
        row |= {
            key: value
            for key, value in facts.items()
            if (key == INNER_SCORE and value is not None) or key.split(".")[-1] == COUNTED[0]
        }
    return rows


def _said(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
