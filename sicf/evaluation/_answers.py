"""What a fitted classifier says of samples it has not seen, checked before it is believed."""

import numpy as np


def answers(fitted, X, classes):
    """Scores and predicted classes.

    Parameters
    ----------
    fitted : classifier
    X : array, list or data frame of n samples
    classes : ndarray of shape (K,)
        Labels in sorted order.

    Returns
    -------
    scores : ndarray of shape (n, K)
        Probabilities, or else the decision function.
    predicted : ndarray of int of shape (n,)
        Numbers of the predicted classes.
    is_probability : bool
        Whether the scores are probabilities.

    Raises
    ------
    ValueError
        The classifier knows other classes, or its scores are not one finite number a class.
    """
    known = getattr(fitted, "classes_", classes)
    if not np.array_equal(known, classes):
        raise ValueError(
            f"classes_ must be the labels of y, {classes.tolist()}. Got {list(known)} instead."
        )
    scores = _scores(fitted, X, len(classes))
    return scores, _predicted(fitted, X, classes), hasattr(fitted, "predict_proba")


def _scores(fitted, X, n_classes):
    scores = _raw_scores(fitted, X, n_classes)
    if scores.shape != (len(scores), n_classes):
        raise ValueError(
            f"Scores must have one column for each of {n_classes} classes. Got shape "
            f"{scores.shape} instead."
        )
    bad = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if bad.size:
        raise ValueError(
            f"Scores must be finite. Sample {bad[0]} of the test fold has "
            f"{scores[bad[0]].tolist()}."
        )
    return scores


def _raw_scores(fitted, X, n_classes):
    if hasattr(fitted, "predict_proba"):
        return np.asarray(fitted.predict_proba(X))
    if n_classes > 2 and _is_one_vs_one(fitted):
        raise ValueError(
            'Scores must be one for each class. decision_function_shape="ovo" gives one for each '
            'pair of classes; set it to "ovr".'
        )
    scores = np.asarray(fitted.decision_function(X))
    return scores if scores.ndim == 2 else np.column_stack([-scores, scores])


def _is_one_vs_one(fitted):
    """With three classes there are three pairs, so the number of columns does not tell."""
    return any(
        name.split("__")[-1] == "decision_function_shape" and value == "ovo"
        for name, value in fitted.get_params().items()
    )


def _predicted(fitted, X, classes):
    labels = np.asarray(fitted.predict(X))
    unknown = np.setdiff1d(labels, classes)
    if unknown.size:
        raise ValueError(f"Predicted labels must be of {classes.tolist()}. Got {unknown.tolist()}.")
    return np.searchsorted(classes, labels)
