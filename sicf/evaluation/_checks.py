"""What is checked before any work: labels, groups, estimators and options."""

import numbers
import warnings

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

from sicf._one_for_each import one_for_each
from sicf.evaluation._evaluation_warning import EvaluationWarning
from sicf.evaluation._kept_file import plain_array
from sicf.evaluation._label_map import map_labels
from sicf.evaluation._routing import parts_of

METHODS = ("percentile", "bca")


def check_labels(X, y, groups, sites=None, label_map=None):
    """Check lengths and labels.

    Returns
    -------
    classes : ndarray of shape (K,)
    target : ndarray of int of shape (n,)
        Numbers of the classes.
    groups, sites : ndarray of shape (n,) or None
    """
    check_consistent_length(X, y, groups, sites)
    y = map_labels(plain_array(one_for_each(y, "y"), "y"), label_map)
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError(f"y must hold labels. Sample {np.isinf(y).argmax()} has inf.")
    classes, target = np.unique(y, return_inverse=True)
    if classes.size < 2:
        raise ValueError(f"y must hold at least 2 classes. Got 1 class: {classes.tolist()[0]!r}.")
    return classes, target, _labels_or_none(groups, "groups"), _labels_or_none(sites, "sites")


def check_weights(sample_weight, X):
    """Check weights of samples: one each, finite, none negative, not all zero.

    Returns
    -------
    ndarray of float of shape (n,) or None
    """
    if sample_weight is None:
        return None
    check_consistent_length(X, sample_weight)
    weights = one_for_each(sample_weight, "sample_weight").astype(float)
    wrong = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if wrong.size or not weights.any():
        told = f"Sample {wrong[0]} has {weights[wrong[0]]}." if wrong.size else "All are 0."
        raise ValueError(f"sample_weight must be finite and at least 0, and not all 0. {told}")
    return weights


def check_estimators(estimators):
    """Check that there is something to fit, and that it gives scores.

    Returns
    -------
    dict of str to estimator
    """
    if not isinstance(estimators, dict):
        estimators = {type(estimators).__name__: estimators}
    if not estimators:
        raise ValueError("estimators must hold at least 1 estimator. Got an empty dict.")
    for name, estimator in estimators.items():
        if not hasattr(estimator, "fit") or not hasattr(estimator, "get_params"):
            raise TypeError(
                "estimators must be a classifier, or a dict of names to classifiers. "
                f"Got {name!r}: {estimator!r}."
            )
        if not any(hasattr(estimator, way) for way in ("predict_proba", "decision_function")):
            raise TypeError(
                "An estimator must have predict_proba or decision_function, since AUC comes from "
                f"scores. {name!r} has neither."
            )
    return estimators


def warn_of_ungrouped_splits(estimators):
    """Warn of splits inside an estimator that may part the samples of a group."""
    for name, estimator in estimators.items():
        for path, part in parts_of(estimator).items():
            if _parts_groups(part):
                warnings.warn(
                    f"{type(part).__name__} of {name!r} splits by cv={part.cv!r}, which knows of "
                    "no groups: a patient can stand on both sides of its splits. Give it a "
                    f"splitter such as StratifiedGroupKFold{f' ({path}__cv)' if path else ''}.",
                    EvaluationWarning,
                    stacklevel=3,
                )


def _parts_groups(part):
    """Whether an estimator has a cv that ignores groups, and does not see to them by itself."""
    if "cv" not in part.get_params(deep=False) or part.cv == "prefit":
        return False
    if hasattr(part.cv, "split"):
        return not get_routing_for_object(part.cv).consumes("split", ["groups"])
    own = get_routing_for_object(part)
    return not (isinstance(own, MetadataRequest) and own.consumes("fit", ["groups"]))


def check_options(n_bootstrap, confidence_level, interval_method, positive_label, classes):
    """Check the options of the intervals, and the class that they are about."""
    if not isinstance(n_bootstrap, numbers.Integral) or n_bootstrap < 1:
        raise ValueError(f"n_bootstrap must be an integer of at least 1. Got {n_bootstrap!r}.")
    if not isinstance(confidence_level, numbers.Real) or not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level must lie between 0 and 1. Got {confidence_level!r}.")
    if interval_method not in METHODS:
        raise ValueError(
            f"interval_method must be one of {list(METHODS)}. Got {interval_method!r} instead."
        )
    if positive_label is None:
        return
    if len(classes) != 2:
        raise ValueError(f"positive_label needs 2 classes. Got {len(classes)}: {classes.tolist()}.")
    if positive_label not in classes.tolist():
        raise ValueError(
            f"positive_label must be one of {classes.tolist()}. Got {positive_label!r} instead."
        )


def positive_number(positive_label, classes):
    """Number of the positive class of two; None where there are more."""
    if len(classes) > 2:
        return None
    return 1 if positive_label is None else classes.tolist().index(positive_label)


def _labels_or_none(values, name):
    return None if values is None else plain_array(one_for_each(values, name), name)
