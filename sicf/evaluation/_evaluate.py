"""Cross-validation of one or several estimators on the same folds, groups included."""

import re
import time
from contextlib import contextmanager

import numpy as np
from sklearn import config_context, get_config
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.parallel import Parallel, delayed

from sicf.evaluation._answers import answers
from sicf.evaluation._checks import (
    check_estimators,
    check_labels,
    check_options,
    draw_folds,
    warn_of_ungrouped_splits,
)
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
        Classifiers, whole pipelines included, with `predict_proba` or else `decision_function`.
        All are fitted on the same folds.
    X : array, list or data frame of n samples
        Images, rows or whatever the estimators take.
    y : array-like of shape (n,)
        Labels, numbers or text.
    groups : array-like of shape (n,), default=None
        The patient of each sample. A patient stands on one side of every outer split, and is the
        unit of the bootstrap. Estimators that ask for groups get them for their own splits; of a
        `cv` inside one that knows of no groups, such as ``GridSearchCV(cv=3)``, a warning tells.
        None makes every sample its own patient.
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
    TypeError
        Before any work: something that is no classifier, or gives no scores.
    ValueError
        Before any work: a missing label or group, one class, a class or groups too few for the
        folds, a training fold that lacks a class, a group on both sides of a split. Later: answers
        that hold unknown classes or scores that are not finite.

    See Also
    --------
    Evaluation : What is given back.
    sklearn.model_selection.cross_validate : One estimator, metrics averaged over folds.

    Notes
    -----
    Metadata routing is switched on for the fits of those estimators that ask for `groups`, such as
    a pipeline with :class:`LyrebirdSelector`, and for these alone. An estimator of one's own asks
    by ``set_fit_request(groups=True)``; that its `fit` merely takes `groups` is not enough.

    Metrics are computed once over all out-of-fold answers, not averaged over folds, and their
    intervals come from resampling whole patients [1]_: with fifty patients they are wide [2]_, and
    they do not hold the variation from one training set to another.

    References
    ----------
    .. [1] Field and Welsh (2007), Bootstrapping clustered data, J. R. Stat. Soc. B 69, 369-390.
       :doi:`10.1111/j.1467-9868.2007.00593.x`
    .. [2] Varoquaux (2018), Cross-validation failure: small sample sizes lead to large error bars,
       NeuroImage 180, 68-77. :doi:`10.1016/j.neuroimage.2017.06.061`

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
    named = check_estimators(estimators)
    classes, target, groups = check_labels(X, y, groups)
    check_options(n_bootstrap, confidence_level, positive_label, classes)
    rng = check_random_state(random_state)
    folds = draw_folds(outer, target, groups, classes, rng)
    if groups is not None:
        warn_of_ungrouped_splits(named)
    jobs = [(name, fold) for name in named for fold in range(len(folds))]
    y = classes[target]
    done = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit_and_predict)(name, named[name], X, y, groups, *folds[fold], classes)
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


def _fit_and_predict(name, estimator, X, y, groups, train, test, classes):
    """Fit on one training fold; give scores, predicted classes and seconds of the test fold."""
    estimator = clone(estimator)
    asks = groups is not None and _asks_for_groups(estimator)
    routed = {"groups": groups[train]} if asks else {}
    start = time.perf_counter()
    with (
        config_context(enable_metadata_routing=asks or get_config()["enable_metadata_routing"]),
        _own_numbers(name, "training", train),
    ):
        estimator.fit(take(X, train), y[train], **routed)
    seconds = time.perf_counter() - start
    with _own_numbers(name, "test", test):
        return *answers(estimator, take(X, test), classes), seconds


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


def _asks_for_groups(estimator):
    with config_context(enable_metadata_routing=True):
        return bool(get_routing_for_object(estimator).consumes("fit", ["groups"]))


def take(X, indices):
    """Samples of an array, a data frame or a list."""
    if hasattr(X, "iloc"):
        return X.iloc[indices]
    if hasattr(X, "shape"):
        return X[indices]
    return [X[index] for index in indices]


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
