"""Metrics of one or many confusion matrices, each class against the rest."""

import numpy as np

from sicf.evaluation.statistics._draws import ratio


def confusion_matrices(target, predicted, patient, draws, n_classes):
    """The confusion matrix of each resample.

    Parameters
    ----------
    target, predicted : ndarray of int of shape (n,)
        Numbers of true and predicted classes.
    patient : ndarray of int of shape (n,)
    draws : ndarray of shape (B, P)
    n_classes : int

    Returns
    -------
    ndarray of shape (B, K, K)
        Rows are true classes, columns predicted ones.
    """
    each = np.zeros((draws.shape[1], n_classes, n_classes))
    np.add.at(each, (patient, target, predicted), 1)
    return (draws @ each.reshape(len(each), -1)).reshape(-1, n_classes, n_classes)


def class_counts(confusion):
    """Hits, all of the class, all predicted as it, and all there are.

    Returns
    -------
    hit, actual, predicted : ndarray of shape (..., K)
    total : ndarray of shape (..., 1)
    """
    hit = np.diagonal(confusion, axis1=-2, axis2=-1)
    total = confusion.sum(axis=(-2, -1))[..., np.newaxis]
    return hit, confusion.sum(axis=-1), confusion.sum(axis=-2), total


def class_metrics(confusion):
    """Metrics of each class against the rest.

    Parameters
    ----------
    confusion : ndarray of shape (..., K, K)

    Returns
    -------
    dict of str to ndarray of shape (..., K)
        nan where a metric is undefined, as when a class does not occur. A class that neither occurs
        nor is predicted has no F1; one that is never predicted has 0, and no PPV.
    """
    hit, actual, predicted, total = class_counts(confusion)
    true_rest = total - actual - predicted + hit
    sensitivity, specificity = ratio(hit, actual), ratio(true_rest, total - actual)
    return {
        "accuracy": ratio(hit + true_rest, total),
        "balanced accuracy": (sensitivity + specificity) / 2,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "PPV": ratio(hit, predicted),
        "NPV": ratio(true_rest, total - predicted),
        "F1": ratio(2 * hit, actual + predicted),
    }


def overall_metrics(confusion):
    """Accuracy and balanced accuracy of all classes together: arrays of shape (...,)."""
    hit, actual, _, total = class_counts(confusion)
    return {
        "accuracy": ratio(hit.sum(axis=-1), total[..., 0]),
        "balanced accuracy": ratio(hit, actual).mean(axis=-1),
    }
