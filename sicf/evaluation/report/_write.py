"""The report of an evaluation: one page of HTML that holds everything it shows."""

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template

from sicf.evaluation.report._checklist_facts import facts_for_checklists
from sicf.evaluation.report._checklists import checklists_sections, item_names
from sicf.evaluation.report._choices import choices_section
from sicf.evaluation.report._cohort_counts import Cohort
from sicf.evaluation.report._cohort_flow import cohort_section
from sicf.evaluation.report._comparisons import comparisons_section
from sicf.evaluation.report._figures_section import figures_section
from sicf.evaluation.report._folds import folds_section
from sicf.evaluation.report._html import element, join, link, text
from sicf.evaluation.report._levels import levels_of
from sicf.evaluation.report._limits import limits_section
from sicf.evaluation.report._provenance import provenance_section
from sicf.evaluation.report._question import question_section
from sicf.evaluation.report._results import results_section
from sicf.evaluation.report._worst_cases import worst_cases_section

TITLE = "Evaluation of classifiers of MR images"


def write_report(evaluation, path, *, title=None, images=None, notes=None):
    """Write an evaluation as one self-contained page of HTML.

    Parameters
    ----------
    evaluation : Evaluation
    path : path-like
        A file that is there is replaced once the new one is whole.
    title : str, default=None
    images : array of shape (n, H, W) or (n, H, W, M), or list of n such images, default=None
        Pictures of the worst cases are made of them. They are shown to whoever opens the page.
    notes : str or dict of str to str, default=None
        The authors' words: the question; or, by name, "question" and items of the checklists, such
        as ``{"TRIPOD+AI 17": "Approved by ...", "CLAIM 2024 5": "Retrospective."}``.

    Raises
    ------
    ValueError
        There are not as many images as samples, or a note is about no item.

    Notes
    -----
    The page needs no network and no script. Its figures need matplotlib. Two checklists are filled
    as far as software can: TRIPOD+AI [1]_ and CLAIM 2024 [2]_; the rest is marked for the authors.
    Labels of patients and sites stand in it as they were given.

    References
    ----------
    .. [1] Collins et al. (2024), TRIPOD+AI statement, BMJ 385, e078378.
       :doi:`10.1136/bmj-2023-078378`
    .. [2] Tejani et al. (2024), Checklist for Artificial Intelligence in Medical Imaging (CLAIM):
       2024 update, Radiology: Artificial Intelligence 6, e240300. :doi:`10.1148/ryai.240300`
    """
    notes = _checked_notes(notes)
    if images is not None and len(images) != len(evaluation.target):
        raise ValueError(
            f"images must hold one image for each of {len(evaluation.target)} samples. "
            f"Got {len(images)}."
        )
    cohort = Cohort(evaluation)
    sections = _sections(evaluation, cohort, images, notes)
    _replace(Path(path), _page(evaluation, cohort, title or TITLE, sections))


def _sections(evaluation, cohort, images, notes):
    levels, why_not = levels_of(evaluation, cohort)
    return [
        question_section(evaluation, cohort, notes.get("question")),
        cohort_section(evaluation, cohort),
        folds_section(evaluation, cohort),
        results_section(levels, why_not),
        comparisons_section(levels),
        figures_section(evaluation),
        worst_cases_section(evaluation, cohort, images),
        choices_section(evaluation, cohort),
        provenance_section(evaluation),
        limits_section(evaluation, cohort),
        *checklists_sections(facts_for_checklists(evaluation, cohort), notes),
    ]


def _page(evaluation, cohort, title, sections):
    folder = files("sicf.evaluation.report")
    begun = evaluation.started or "at a time not known"
    contents = [element("li", link(section.anchor, section.heading)) for section in sections]
    bodies = [
        element("section", element("h2", each.heading), each.body, id=each.anchor)
        for each in sections
    ]
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(
        title=text(title),
        style=(folder / "style.css").read_text(encoding="utf-8"),
        subtitle=text(f"{cohort.said(cohort.tested)} tested; begun {begun}"),
        contents=join(contents, between="\n"),
        sections=join(bodies, between="\n"),
    )


def _checked_notes(notes):
    notes = {"question": notes} if isinstance(notes, str) else dict(notes or {})
    unknown = sorted(set(notes) - {"question", *item_names()})
    if unknown:
        raise ValueError(
            'notes must be about "question" or items such as "TRIPOD+AI 3a" and "CLAIM 2024 5". '
            f"Got {unknown[0]!r}."
        )
    return notes


def _replace(path, page):
    """Write beside the file and move into its place, so that no half page is ever there."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
