"""Every metric in every resample."""

import numpy as np

from sicf.evaluation.statistics._calibration_line import resampled_lines
from sicf.evaluation.statistics._confusion_metrics import (
    class_metrics,
    confusion_matrices,
    overall_metrics,
)
from sicf.evaluation.statistics._probability_metrics import (
    class_losses,
    overall_losses,
    resampled_means,
)
from sicf.evaluation.statistics._ranking_metrics import resampled_ranking

OF_CONFUSION = (
    "accuracy",
    "balanced accuracy",
    "sensitivity",
    "specificity",
    "PPV",
    "NPV",
    "F1",
)
OF_RANKING = ("AUC", "average precision")
OF_LOSS = ("Brier", "log loss")
OF_LINE = ("calibration slope", "calibration intercept")
METRICS = OF_CONFUSION + OF_RANKING + OF_LOSS + OF_LINE
AREAS = ("score", "label")


def resampled_class_metrics(
    target, predicted, scores, patient, draws, *, is_probability=True, auc="score", which=METRICS
):
    """Metrics of each class against the rest, in every resample.

    Parameters
    ----------
    target, predicted : ndarray of int of shape (n,)
        Numbers of true and predicted classes, 0 to K - 1.
    scores : ndarray of shape (n, K)
        Probabilities, or any scores of which more means likelier.
    patient : ndarray of int of shape (n,)
        Number of each sample's patient.
    draws : ndarray of shape (B, P)
        How often each patient is drawn, as `draw_patients` gives it.
    is_probability : bool, default=True
        Whether there can be a Brier score, a log loss and a calibration; else they are nan.
    auc : {"score", "label"}, default="score"
        "label" takes the predicted class for a score, as some published tables seem to: it is
        there to audit them.
    which : sequence of str, default=METRICS
        Only those that are asked for are computed.

    Returns
    -------
    dict of str to ndarray of shape (B, K)
        nan where a metric is undefined.
    """
    if auc not in AREAS:
        raise ValueError(f"auc must be one of {AREAS}. Got {auc!r} instead.")
    n_classes = scores.shape[1]
    is_class = target[:, np.newaxis] == np.arange(n_classes)
    found = {}
    if _any(OF_CONFUSION, which):
        found |= class_metrics(confusion_matrices(target, predicted, patient, draws, n_classes))
    if _any(OF_RANKING, which):
        said = predicted[:, np.newaxis] == np.arange(n_classes)
        ranked = said.astype(float) if auc == "label" else scores
        found |= resampled_ranking(is_class, ranked, patient, draws)
    if _any(OF_LOSS + OF_LINE, which):
        found |= _of_probability(is_class, scores, patient, draws, is_probability, which)
    return {name: found[name] for name in which}


def resampled_metrics(
    target,
    predicted,
    scores,
    patient,
    draws,
    *,
    positive=None,
    is_probability=True,
    auc="score",
    which=METRICS,
):
    """One number for each metric, in every resample.

    Parameters
    ----------
    target, predicted, scores, patient, draws, is_probability, auc, which
        As `resampled_class_metrics` takes them.
    positive : int, default=None
        The class that the metrics are about. Accuracy and balanced accuracy are those of all
        classes together. None takes the mean over the classes, each against the rest, of every
        metric but those two, the Brier score (a sum over classes, 0 to 2) and the log loss.

    Returns
    -------
    dict of str to ndarray of shape (B,)
    """
    options = {"is_probability": is_probability, "auc": auc, "which": which}
    each = resampled_class_metrics(target, predicted, scores, patient, draws, **options)
    if positive is None:
        found = {name: values.mean(axis=1) for name, values in each.items()}
        if is_probability:
            is_class = target[:, np.newaxis] == np.arange(scores.shape[1])
            losses = overall_losses(is_class, scores)
            found |= {name: resampled_means(losses[name], patient, draws) for name in losses}
    else:
        found = {name: values[:, positive] for name, values in each.items()}
    if _any(("accuracy", "balanced accuracy"), which):
        n_classes = scores.shape[1]
        found |= overall_metrics(confusion_matrices(target, predicted, patient, draws, n_classes))
    return {name: found[name] for name in which}


def _of_probability(is_class, scores, patient, draws, is_probability, which):
    if not is_probability:
        return dict.fromkeys(OF_LOSS + OF_LINE, np.full((len(draws), scores.shape[1]), np.nan))
    losses = class_losses(is_class, scores)
    found = {name: resampled_means(losses[name], patient, draws) for name in losses}
    return found | (
        resampled_lines(is_class, scores, patient, draws) if _any(OF_LINE, which) else {}
    )


def _any(names, which):
    return any(name in which for name in names)
