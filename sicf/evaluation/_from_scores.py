"""An evaluation of predictions that were made elsewhere."""

import numpy as np
from sklearn.utils import check_consistent_length

from sicf._one_for_each import one_for_each
from sicf.evaluation._checks import check_labels, check_options, positive_number
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._facts import versions

FACTS = ("fit_seconds", "score_seconds", "peak_memory", "chosen", "about")


def evaluation_from_scores(
    y,
    scores,
    *,
    predicted=None,
    groups=None,
    sites=None,
    positive_label=None,
    is_probability=True,
    n_bootstrap=1000,
    interval_method="percentile",
    confidence_level=0.95,
    random_state=0,
):
    """Make an evaluation of somebody else's predictions.

    Parameters
    ----------
    y : array-like of shape (n,)
        Labels.
    scores : array-like of shape (n, K) or, with two classes, (n,), or dict of str to such
        One column for each label in sorted order; a single one is the second label's. Whether the
        samples were held out when they were predicted, nobody can check here.
    predicted : array-like of shape (n,), or dict of str to such, default=None
        Labels. None takes the highest score.
    groups, sites : array-like of shape (n,), default=None
        The patient and the site of each sample.
    positive_label : label, default=None
        As in :func:`evaluate`.
    is_probability : bool, default=True
        Whether the scores are probabilities, which lie in [0, 1] and sum to 1.
    n_bootstrap, interval_method, confidence_level
        As in :func:`evaluate`.
    random_state : int, default=0
        Draws the resamples.

    Returns
    -------
    Evaluation
        With one fold.

    Raises
    ------
    ValueError
        Lengths differ, a score is not finite, or a probability is none.

    Examples
    --------
    >>> from sicf.evaluation import evaluation_from_scores
    >>> result = evaluation_from_scores([0, 0, 1, 1], [0.2, 0.6, 0.4, 0.9])
    >>> result.metrics()["accuracy"].value
    0.5
    """
    classes, target, groups, sites = check_labels(y, y, groups, sites)
    check_options(n_bootstrap, confidence_level, interval_method, positive_label, classes)
    named = scores if isinstance(scores, dict) else {"given": scores}
    said = predicted if isinstance(predicted, dict) else dict.fromkeys(named, predicted)
    found = {
        name: _scores(name, given, classes, target, is_probability) for name, given in named.items()
    }
    return Evaluation(
        classes=classes,
        target=target,
        groups=groups,
        sites=sites,
        fold=np.zeros((1, len(target)), dtype=int),
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
        interval_method=interval_method,
        positive=positive_number(positive_label, classes),
        seed=int(random_state),
        scores={name: each[np.newaxis] for name, each in found.items()},
        predicted={
            name: _predicted(said.get(name), each, classes)[np.newaxis]
            for name, each in found.items()
        },
        is_probability=dict.fromkeys(named, bool(is_probability)),
        **{fact: {name: [] for name in named} for fact in FACTS},
        versions=versions(),
    )


def _scores(name, given, classes, target, is_probability):
    scores = np.array(given, dtype=float)
    if scores.ndim == 1 and len(classes) == 2:
        scores = np.column_stack([1 - scores if is_probability else -scores, scores])
    if scores.shape != (len(target), len(classes)):
        raise ValueError(
            f"Scores of {name!r} must have shape {(len(target), len(classes))}. Got {scores.shape}."
        )
    if not np.isfinite(scores).all():
        sample = np.flatnonzero(~np.isfinite(scores).all(axis=1))[0]
        raise ValueError(
            f"Scores must be finite. Sample {sample} of {name!r} has {scores[sample]}."
        )
    if is_probability:
        wrong = (scores < 0).any(axis=1) | (np.abs(scores.sum(axis=1) - 1) > 1e-4)
        if wrong.any():
            sample = np.flatnonzero(wrong)[0]
            raise ValueError(
                "Probabilities must lie in [0, 1] and sum to 1; say is_probability=False of other "
                f"scores. Sample {sample} of {name!r} has {scores[sample].tolist()}."
            )
    return scores


def _predicted(labels, scores, classes):
    if labels is None:
        return scores.argmax(axis=1)
    check_consistent_length(labels, scores)
    labels = one_for_each(labels, "predicted")
    unknown = np.setdiff1d(labels, classes)
    if unknown.size:
        raise ValueError(f"Predicted labels must be of {classes.tolist()}. Got {unknown.tolist()}.")
    return np.searchsorted(classes, labels)
