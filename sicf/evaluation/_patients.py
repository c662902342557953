"""One answer for a patient from the answers for its samples."""

import numpy as np

WAYS = ("mean", "majority")


def one_label_each(target, patient):
    """Number of the first patient whose samples have several labels, or None."""
    lowest = np.full(patient.max() + 1, np.iinfo(int).max)
    highest = np.full(patient.max() + 1, -1)
    np.minimum.at(lowest, patient, target)
    np.maximum.at(highest, patient, target)
    mixed = np.flatnonzero((lowest != highest) & (highest >= 0))
    return int(mixed[0]) if mixed.size else None


def patient_answers(scores, predicted, fold, patient, how):
    """Scores and classes of patients, for every repeat.

    Parameters
    ----------
    scores : ndarray of shape (R, n, K)
    predicted, fold : ndarray of int of shape (R, n)
    patient : ndarray of int of shape (n,)
    how : {"mean", "majority"}

    Returns
    -------
    scores : ndarray of shape (R, P, K)
        Mean scores, or shares of votes.
    predicted : ndarray of int of shape (R, P)
        The class of the highest score; among equal votes, of the highest mean score.
    """
    n_repeats, _, n_classes = scores.shape
    n_patients = int(patient.max()) + 1
    means = np.full((n_repeats, n_patients, n_classes), np.nan)
    votes = means.copy()
    for repeat in range(n_repeats):
        tested = np.flatnonzero(fold[repeat] >= 0)
        rows = patient[tested]
        count = np.bincount(rows, minlength=n_patients)
        held = count > 0
        for found, values in (
            (means, scores[repeat, tested]),
            (votes, np.eye(n_classes)[predicted[repeat, tested]]),
        ):
            total = np.zeros((n_patients, n_classes))
            np.add.at(total, rows, values)
            found[repeat, held] = total[held] / count[held, np.newaxis]
    leading = means if how == "mean" else votes
    best = leading == leading.max(axis=2, keepdims=True)
    chosen = np.where(best, means, -np.inf).argmax(axis=2)
    return leading, np.where(np.isnan(leading[:, :, 0]), -1, chosen)


def one_for_each_patient(values, patient):
    """The value of each patient, or None where a patient has several."""
    if values is None:
        return None
    _, first = np.unique(patient, return_index=True)
    return values[first] if (values == values[first][patient]).all() else None
