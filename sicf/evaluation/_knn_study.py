"""Nearest neighbours by their number: the study of the paper's Table 2."""

from dataclasses import dataclass
from typing import Any

from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sicf._number_checks import check_whole_number
from sicf.evaluation._evaluate import evaluate

COLUMNS = ("accuracy", "sensitivity", "specificity", "AUC")


@dataclass(frozen=True)
class KNNStudy:
    """How well k nearest neighbours do, for several k.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each k, the index; columns `accuracy`, `sensitivity`, `specificity`, `AUC`.
    best_k : int
        Of the highest accuracy; the smallest where several have it.
    evaluation : Evaluation
        What the table is made of, with estimators ``k=1`` and so on: its `metrics` have intervals.
    """

    table: Any
    best_k: int
    evaluation: Any


def knn_study(
    X,
    y,
    *,
    k_range=range(1, 9),
    features=None,
    groups=None,
    n_splits=5,
    n_bootstrap=1000,
    random_state=None,
    n_jobs=None,
):
    """Cross-validate k nearest neighbours for several k, as in the paper's Table 2.

    Features are standardised on each training fold, distances are Euclidean, and a neighbour's
    vote counts by the inverse of its distance.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Rows; or, with `features`, whatever that takes.
    y : array-like of shape (n_samples,)
        Labels.
    k_range : iterable of int, default=range(1, 9)
        Numbers of neighbours, each at least 1.
    features : transformer, default=None
        Fitted on each training fold before anything else, for each k anew: selection of columns
        belongs here, not before the study.
    groups : array-like of shape (n_samples,), default=None
        The patient of each sample, who stands on one side of every split.
    n_splits : int or splitter, default=5
        As `outer` of :func:`evaluate`.
    n_bootstrap : int, default=1000
        Resamples for the intervals of `evaluation`.
    random_state : int, RandomState instance or None, default=None
        Draws folds and resamples.
    n_jobs : int, default=None
        Workers over folds and k. The result does not depend on it.

    Returns
    -------
    KNNStudy

    Raises
    ------
    ValueError
        `k_range` is empty or holds a number below 1 or one twice, or as :func:`evaluate` does. A
        k above the size of a training fold is scikit-learn's own error.

    Notes
    -----
    With k = 1 the score of a class is 1 or 0, so that its ROC curve has one corner and its AUC is
    the mean of sensitivity and specificity: it is not to be compared with the AUC of other k.

    The best k is the best on the very folds of the table, so its accuracy is optimistic; choose k
    inside each training fold, as by a grid search, to report how well it does.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sicf.evaluation import knn_study
    >>> study = knn_study(*load_iris(return_X_y=True), n_bootstrap=100, random_state=0)
    >>> list(study.table.index), list(study.table)
    ([1, 2, 3, 4, 5, 6, 7, 8], ['accuracy', 'sensitivity', 'specificity', 'AUC'])
    """
    sizes = _check_sizes(k_range)
    result = evaluate(
        {f"k={k}": _neighbours(k, features) for k in sizes},
        X,
        y,
        groups=groups,
        outer=n_splits,
        n_bootstrap=n_bootstrap,
        random_state=random_state,
        n_jobs=n_jobs,
    )
    table = _table(result, sizes)
    return KNNStudy(table, int(table["accuracy"].sort_index().idxmax()), result)


def _neighbours(k, features):
    # Minkowski's distance of order 2 is Euclid's, and the fastest of scikit-learn's names for it.
    model = KNeighborsClassifier(k, metric="minkowski", p=2, weights="distance")
    steps = [] if features is None else [("features", features)]
    return Pipeline([*steps, ("scale", StandardScaler()), ("knn", model)])


def _table(result, sizes):
    import pandas as pd

    rows = [[result.metrics(f"k={k}")[name].value for name in COLUMNS] for k in sizes]
    return pd.DataFrame(rows, index=pd.Index(sizes, name="k"), columns=list(COLUMNS))


def _check_sizes(k_range):
    sizes = list(k_range)
    if not sizes:
        raise ValueError("k_range must hold at least 1 number. Got none.")
    for k in sizes:
        check_whole_number("k_range", k)
    if len(set(sizes)) < len(sizes):
        raise ValueError(f"k_range must hold each number once. Got {sizes} instead.")
    return [int(k) for k in sizes]
