"""One fit: chosen inside, fitted to a training part, asked about a test part."""

import re
import time
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from sicf.evaluation._answers import answers
from sicf.evaluation._facts import facts_of, peak_memory, plain
from sicf.evaluation._fold_answer import FoldAnswer
from sicf.evaluation._inner_search import choose
from sicf.evaluation._routing import asked_for, asking_clone, routing_for
from sicf.evaluation._sample_digests import take


class Study(NamedTuple):
    """What all fits share.

    Parameters
    ----------
    X : array, list or data frame
    y : ndarray of shape (n,)
    classes : ndarray of shape (K,)
    metadata : dict of str to ndarray or None
        `groups` and `sample_weight`, one value for each sample.
    scoring : str or callable
        Of the inner searches.
    files : FoldFiles or None
    """

    X: object
    y: np.ndarray
    classes: np.ndarray
    metadata: dict
    scoring: object
    files: object


class Fit(NamedTuple):
    """One fit: an estimator, its grid or None, an outer split and those inside; its file's key."""

    name: str
    estimator: object
    grid: object
    split: object
    inner: list
    key: str | None


def fit_fold(study, fit):
    """Make one fit, or take it from the folder where it is finished.

    Parameters
    ----------
    study : Study
    fit : Fit

    Returns
    -------
    FoldAnswer
    """
    if study.files is None:
        return _fit(study, fit)
    answer = study.files.load(fit.key)
    if answer is None:
        answer = _fit(study, fit)
        study.files.save(fit.key, answer)
    return answer


def _fit(study, fit):
    estimator = asking_clone(fit.estimator, study.metadata["sample_weight"] is not None)
    metadata = asked_for(estimator, study.metadata)
    X, y, train, test = study.X, study.y, fit.split.train, fit.split.test
    start, chosen, about = time.perf_counter(), {}, {}
    with routing_for(metadata):
        if fit.grid is not None:
            with _named(fit.name, "inner search"):
                estimator, chosen, score = choose(
                    estimator, fit.grid, study.scoring, X, y, fit.inner, metadata
                )
            about["score of the inner search"] = score
        with _own_numbers(fit.name, "training", train):
            routed = {name: values[train] for name, values in metadata.items()}
            estimator.fit(take(X, train), y[train], **routed)
    fitted = time.perf_counter()
    with _own_numbers(fit.name, "test", test):
        found = answers(estimator, take(X, test), study.classes)
    seconds = fitted - start, time.perf_counter() - fitted
    about |= _sizes(fit.split, study.metadata["groups"]) | facts_of(estimator)
    chosen = chosen or getattr(estimator, "best_params_", {})
    return FoldAnswer(*found, *seconds, peak_memory(), plain(chosen), about)


def _sizes(split, groups):
    """Numbers of samples and patients of the parts."""
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    sizes = {f"{part} samples": len(rows) for part, rows in parts.items()}
    if groups is not None:
        sizes |= {f"{part} patients": len(set(groups[r].tolist())) for part, r in parts.items()}
    return sizes


@contextmanager
def _named(name, where):
    try:
        yield
    except Exception as exc:
        exc.add_note(f"Raised by {name!r} in the {where} of a fold.")
        raise


@contextmanager
def _own_numbers(name, part, indices):
    """Tell of an error whose samples are numbered within a fold which samples of X they are."""
    try:
        yield
    except Exception as exc:
        named = re.search(r"\b(?:image|sample) (\d+)", str(exc), re.IGNORECASE)
        exc.add_note(f"Raised by {name!r} on the {part} part of a fold.")
        if named and int(named[1]) < len(indices):
            exc.add_note(f"{named[0]} of that part is sample {indices[int(named[1])]} of X.")
        raise
