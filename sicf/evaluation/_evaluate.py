"""Cross-validation of one or several estimators on the same folds, groups included."""

import time

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.parallel import Parallel, delayed

from sicf.evaluation._checks import check_labels, draw_folds
from sicf.evaluation._evaluation import Evaluation


def evaluate(
    estimators,
    X,
    y,
    *,
    groups=None,
    outer=5,
    n_bootstrap=1000,
    confidence_level=0.95,
    positive_label=None,
    random_state=None,
    n_jobs=None,
    verbose=0,
):
    """Cross-validate estimators and keep what they said of every sample they had not seen.

    Parameters
    ----------
    estimators : estimator, or dict of str to estimator
        Classifiers, whole pipelines included. All are fitted on the same folds.
    X : array, list or data frame of n samples
        Images, rows or whatever the estimators take.
    y : array-like of shape (n,)
        Labels, numbers or text.
    groups : array-like of shape (n,), default=None
        The patient of each sample. A patient stands on one side of every split, the splits inside
        an estimator included if it asks for groups, and is the unit of the bootstrap. None makes
        every sample its own patient.
    outer : int or splitter, default=5
        Folds. An integer is shuffled, stratified and, with `groups`, grouped.
    n_bootstrap : int, default=1000
        Resamples of the patients.
    confidence_level : float, default=0.95
        Coverage of the intervals.
    positive_label : label, default=None
        With two classes: the one that sensitivity, specificity, F1 and AUC are about. None takes
        the second in sorted order.
    random_state : int, RandomState instance or None, default=None
        Draws folds and resamples.
    n_jobs : int, default=None
        Workers over folds and estimators. The result does not depend on it.
    verbose : int, default=0
        Above 0, a progress bar over the fits.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        Before any work: a missing label, one class, a class or groups too few for the folds, a
        training fold that lacks a class, a group on both sides of a split.

    Notes
    -----
    Metadata routing is switched on for the fits alone, so that `groups` reach whatever inside a
    pipeline asks for them, such as :class:`LyrebirdSelector`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sicf import evaluate
    >>> X, y = load_iris(return_X_y=True)
    >>> result = evaluate(LogisticRegression(max_iter=500), X, y, random_state=0)
    >>> print(result.metrics()["AUC"])
    1.00 [0.99, 1.00]
    """
    named = _named(estimators)
    classes, target, groups = check_labels(X, y, groups)
    _check_options(n_bootstrap, confidence_level, positive_label, classes)
    rng = check_random_state(random_state)
    folds = draw_folds(outer, target, groups, classes, rng)
    jobs = [(name, fold) for name in named for fold in range(len(folds))]
    y = np.asarray(y)
    done = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit_and_predict)(named[name], X, y, groups, *folds[fold], classes)
        for name, fold in jobs
    )
    result = Evaluation(
        classes=classes,
        target=target,
        groups=groups,
        fold=_fold_of_each(folds, len(y)),
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
        positive=_positive(positive_label, classes),
        seed=int(rng.randint(np.iinfo(np.int32).max)),
    )
    for (name, fold), parts in zip(jobs, _progress(done, len(jobs), verbose), strict=True):
        result.add(name, folds[fold][1], *parts)
    return result


def _fit_and_predict(estimator, X, y, groups, train, test, classes):
    """Fit on one training fold; give scores, predicted classes and seconds of the test fold."""
    with config_context(enable_metadata_routing=True):
        params = {}
        if groups is not None and get_routing_for_object(estimator).consumes("fit", ["groups"]):
            params["groups"] = groups[train]
        start = time.perf_counter()
        fitted = clone(estimator).fit(take(X, train), y[train], **params)
        seconds = time.perf_counter() - start
        unseen = take(X, test)
        predicted = np.searchsorted(classes, fitted.predict(unseen))
        return _scores(fitted, unseen), predicted, seconds


def _scores(fitted, X):
    """One score for each class: probabilities, or else the decision function."""
    if hasattr(fitted, "predict_proba"):
        return fitted.predict_proba(X)
    scores = fitted.decision_function(X)
    return scores if scores.ndim == 2 else np.column_stack([-scores, scores])


def take(X, indices):
    """Samples of an array, a data frame or a list."""
    if hasattr(X, "iloc"):
        return X.iloc[indices]
    if hasattr(X, "shape"):
        return X[indices]
    return [X[index] for index in indices]


def _named(estimators):
    if isinstance(estimators, dict):
        if not estimators:
            raise ValueError("estimators must hold at least 1 estimator. Got an empty dict.")
        return estimators
    return {type(estimators).__name__: estimators}


def _check_options(n_bootstrap, confidence_level, positive_label, classes):
    if n_bootstrap < 1:
        raise ValueError(f"n_bootstrap must be at least 1. Got {n_bootstrap} instead.")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level must lie between 0 and 1. Got {confidence_level}.")
    if positive_label is None:
        return
    if len(classes) != 2:
        raise ValueError(f"positive_label needs 2 classes. Got {len(classes)}: {classes.tolist()}.")
    if positive_label not in classes.tolist():
        raise ValueError(
            f"positive_label must be one of {classes.tolist()}. Got {positive_label!r} instead."
        )


def _positive(positive_label, classes):
    if len(classes) > 2:
        return None
    return 1 if positive_label is None else classes.tolist().index(positive_label)


def _fold_of_each(folds, n_samples):
    fold = np.empty(n_samples, dtype=int)
    for number, (_, test) in enumerate(folds):
        fold[test] = number
    return fold


def _progress(done, total, verbose):
    if not verbose:
        return done
    from tqdm.auto import tqdm

    return tqdm(done, total=total, desc="Cross-validation", unit="fit")
