"""Metrics of probabilities that are means over the samples: the Brier score and the log loss."""

import numpy as np

from sicf.evaluation.statistics._draws import ratio

# As scikit-learn does, so that a probability of 0 for what came true is very bad, and finite.
LEAST = np.finfo(float).eps


def class_losses(is_class, probability):
    """Both losses of each sample, each class against the rest.

    Parameters
    ----------
    is_class : ndarray of bool of shape (n, K)
    probability : ndarray of shape (n, K)

    Returns
    -------
    dict of str to ndarray of shape (n, K)
    """
    of_truth = np.where(is_class, probability, 1 - probability)
    return {"Brier": (1 - of_truth) ** 2, "log loss": -np.log(np.clip(of_truth, LEAST, 1 - LEAST))}


def overall_losses(is_class, probability):
    """Both losses of each sample over all classes.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        The Brier score is the sum over classes, from 0 to 2, as scikit-learn has it for more than
        two.
    """
    of_truth = probability[is_class]
    return {
        "Brier": ((is_class - probability) ** 2).sum(axis=1),
        "log loss": -np.log(np.clip(of_truth, LEAST, 1 - LEAST)),
    }


def resampled_means(values, patient, draws):
    """Mean over the samples of each resample.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, K)
    patient : ndarray of int of shape (n,)
    draws : ndarray of shape (B, P)

    Returns
    -------
    ndarray of shape (B,) or (B, K)
    """
    sums = np.zeros((draws.shape[1], *values.shape[1:]))
    np.add.at(sums, patient, values)
    count = draws @ np.bincount(patient, minlength=draws.shape[1])
    return ratio(draws @ sums, count.reshape(-1, *[1] * (values.ndim - 1)))
