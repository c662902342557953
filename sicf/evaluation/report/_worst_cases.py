"""The worst cases: those that an estimator got wrong and was surest of."""

from typing import NamedTuple

import numpy as np

from sicf.evaluation.report._folds import fold_name
from sicf.evaluation.report._html import BREAK, Markup, Section, element, join
from sicf.evaluation.report._png import data_uri
from sicf.evaluation.report._thumbnail import thumbnail

N_CASES = 6


class Case(NamedTuple):
    """One wrong answer.

    Parameters
    ----------
    repeat, sample : int
    margin : float
        The score of the class that was said, less that of the true class.
    """

    repeat: int
    sample: int
    margin: float


def worst_cases(evaluation, cohort, name, n_cases=N_CASES):
    """Wrong answers by margin, one for each patient.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort
    name : str
    n_cases : int, default=6

    Returns
    -------
    list of Case
        The surest first.
    """
    predicted, scores = evaluation.predicted[name], evaluation.scores[name]
    repeat, sample = np.nonzero((evaluation.fold >= 0) & (predicted != evaluation.target))
    said = scores[repeat, sample, predicted[repeat, sample]]
    margin = said - scores[repeat, sample, evaluation.target[sample]]
    cases, met = [], set()
    for at in np.argsort(-margin, kind="stable"):
        patient = cohort.patient[sample[at]]
        if len(cases) < n_cases and patient not in met:
            met.add(patient)
            cases.append(Case(int(repeat[at]), int(sample[at]), float(margin[at])))
    return cases


def worst_cases_section(evaluation, cohort, images):
    """The worst cases of every estimator, with pictures where there are images.

    Parameters
    ----------
    evaluation : Evaluation
    cohort : Cohort
    images : array or list of n images, or None

    Returns
    -------
    Section
    """
    told = (
        f"Wrong answers with the widest margin between what was said and what was true, at most "
        f"{N_CASES} an estimator and one a patient."
    )
    if images is None:
        told += " No images were given, so that none are shown."
    parts = [element("p", told)]
    for name in evaluation.scores:
        cases = worst_cases(evaluation, cohort, name)
        shown = [_shown(evaluation, name, case, images) for case in cases]
        body = element("div", *shown, class_="cases") if shown else element("p", "None was wrong.")
        parts += [element("h3", name), body]
    return Section("worst-cases", "Worst cases", join(parts))


def _shown(evaluation, name, case, images):
    sample = case.sample
    lines = [element("strong", f"Sample {sample}")]
    for word, labels in (("patient", evaluation.groups), ("site", evaluation.sites)):
        if labels is not None:
            lines.append(f"{word} {labels[sample]}")
    number = evaluation.fold[case.repeat, sample]
    lines.append(f"fold {fold_name(evaluation, case.repeat, number)}")
    for word, k in (
        ("said", evaluation.predicted[name][case.repeat, sample]),
        ("true", evaluation.target[sample]),
    ):
        score = evaluation.scores[name][case.repeat, sample, k]
        lines.append(f"{word} {evaluation.classes[k]} ({score:z.2f})")
    caption = element("figcaption", join(lines, between=BREAK))
    picture = () if images is None else (_picture(images[sample], sample),)
    return element("figure", *picture, caption)


def _picture(image, sample):
    source = data_uri(thumbnail(image, sample))
    return Markup(f'<img src="{source}" alt="Image of sample {sample}">')
