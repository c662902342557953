"""Cross-validation of one or several estimators on the same folds, groups included."""

from datetime import UTC, datetime

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.utils import check_random_state

from sicf._spread import spread
from sicf.evaluation._checks import (
    check_estimators,
    check_labels,
    check_options,
    check_weights,
    positive_number,
    warn_of_ungrouped_splits,
)
from sicf.evaluation._duplicates import warn_of_duplicates
from sicf.evaluation._evaluation import Evaluation
from sicf.evaluation._facts import versions
from sicf.evaluation._fit_fold import Fit, Study, fit_fold
from sicf.evaluation._fit_key import data_digest, fit_key
from sicf.evaluation._fold_files import FoldFiles
from sicf.evaluation._inner_search import check_grids
from sicf.evaluation._routing import warn_of_unused_weights
from sicf.evaluation._schemes import LARGEST_SEED, Cohort
from sicf.evaluation._sites import warn_of_sites_that_tell
from sicf.evaluation._splits import draw_inner, draw_splits


def evaluate(
    estimators,
    X,
    y,
    *,
    groups=None,
    sites=None,
    sample_weight=None,
    outer=5,
    inner=None,
    param_grids=None,
    scoring="accuracy",
    label_map=None,
    positive_label=None,
    n_bootstrap=1000,
    interval_method="percentile",
    confidence_level=0.95,
    check_duplicates=True,
    checkpoint=None,
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
        The patient of each sample. A patient stands on one side of every split, outer and inner,
        and is the unit of the bootstrap. Estimators that ask for groups get them for their own
        splits; of a `cv` inside one that knows of no groups, such as ``GridSearchCV(cv=3)``, a
        warning tells. None makes every sample its own patient.
    sites : array-like of shape (n,), default=None
        The site of each sample, for ``outer="site"`` and a check.
    sample_weight : array-like of shape (n,), default=None
        Weights for fitting: for every classifier, and for what else asks for them. Neither the
        inner search nor the metrics are weighted.
    outer : int, scheme, "site" or splitter, default=5
        Who is tested by whom. An integer is that many shuffled folds, stratified and, with
        `groups`, grouped. :class:`RepeatedFolds`, :class:`PaperHoldOut` (70/15/15);
        "site" is :class:`LeaveOneSiteOut`. A splitter of scikit-learn's must test every sample
        equally often, or split once.
    inner : int or splitter, default=None
        Splits inside each training part, by which parameters of `param_grids` are chosen. An
        integer is stratified and grouped like `outer`. None is 5.
    param_grids : dict of str to dict or list of dict, default=None
        Grids, as of `GridSearchCV`, by the name of their estimator; of a single estimator, its
        grid. A search inside every training part chooses, and the whole part is fitted with what
        it chose.
    scoring : str or callable, default="accuracy"
        By what the inner search chooses, as in scikit-learn.
    label_map : dict, default=None
        New label of every label of y, such as three classes' into two.
    positive_label : label, default=None
        With two classes: the one that sensitivity, specificity, F1 and AUC are about. None takes
        the second in sorted order.
    n_bootstrap : int, default=1000
        Resamples of the patients.
    interval_method : {"percentile", "bca"}, default="percentile"
        "bca" corrects for bias and skewness, and costs a value for each patient left out.
    confidence_level : float, default=0.95
        Coverage of the intervals.
    check_duplicates : bool, default=True
        Whether to look for the same picture on both sides of a split.
    checkpoint : path-like, default=None
        A folder in which each finished fit keeps one file, named after its data, labels, split,
        parameters and versions. An evaluation that was ended, by whatever, goes on at the last
        finished fit and comes to the same result, given `random_state`.
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
        Before any work: a missing label or group, one class, patients or members of a class too
        few for the folds, a training part that lacks a class, a patient on both sides of a split.
        Later: answers that hold unknown classes or scores that are not finite.

    Warns
    -----
    EvaluationWarning
        The same picture stands on both sides of a split, byte for byte or nearly; a class and a
        site coincide; splits inside an estimator know of no groups; an estimator takes no weights.

    See Also
    --------
    Evaluation : What is given back.
    evaluation_from_scores : The same tables and tests for predictions made elsewhere.
    sklearn.model_selection.cross_validate : One estimator, metrics averaged over folds.

    Notes
    -----
    Metadata routing is switched on for the fits of those estimators that ask for `groups`, such as
    a pipeline with :class:`LyrebirdSelector`, or for `sample_weight`, and for these alone. An
    estimator of one's own asks by ``set_fit_request(groups=True)``; that its `fit` merely takes
    `groups` is not enough.

    Metrics are computed over all out-of-fold answers of a repeat, not averaged over folds, and
    their intervals come from resampling whole patients [1]_: with fifty patients they are wide
    [2]_, and they do not hold the variation from one training set to another.

    Equal samples are found by their bytes, files by theirs; rows of fewer than ten columns are not
    compared, since they coincide by chance. Pictures in arrays are compared by likeness as well,
    which finds recompressed, resized, brightened and noisy copies, not flipped or cropped ones;
    pictures in files are not.

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
    check_scoring(next(iter(named.values())), scoring)
    classes, target, groups, sites = check_labels(X, y, groups, sites, label_map)
    weights = check_weights(sample_weight, X)
    check_options(n_bootstrap, confidence_level, interval_method, positive_label, classes)
    grids = check_grids(param_grids, named, single=not isinstance(estimators, dict))
    rng = check_random_state(random_state)
    cohort = Cohort(target, classes, groups, sites)
    splits = draw_splits(outer, cohort, rng)
    seed = int(rng.randint(LARGEST_SEED))
    inner_splits = draw_inner(inner, splits, cohort, rng) if grids else [[] for _ in splits]
    _warn(named, X, cohort, splits, weights, check_duplicates)
    result = Evaluation(
        classes=classes,
        target=target,
        groups=groups,
        sites=sites,
        fold=np.full((1 + max(split.repeat for split in splits), len(target)), -1),
        n_bootstrap=int(n_bootstrap),
        confidence_level=float(confidence_level),
        interval_method=interval_method,
        positive=positive_number(positive_label, classes),
        seed=seed,
        versions=versions(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    metadata = {"groups": groups, "sample_weight": weights}
    files = None if checkpoint is None else FoldFiles(checkpoint)
    study = Study(X, classes[target], classes, metadata, scoring, files)
    fits = _fits(study, named, grids, splits, inner_splits)
    # Searches and forests inside may use more workers than there are fits.
    done = spread(fit_fold, study, fits, n_jobs=n_jobs, nested=True)
    answers = dict(_progress(done, len(fits), verbose))
    for index, fit in enumerate(fits):
        number = _number_in_repeat(fit.split, splits)
        result.add(fit.name, fit.split, number, answers[index])
    return result


def _warn(named, X, cohort, splits, weights, check_duplicates):
    """Say what may flatter, before any work."""
    warn_of_sites_that_tell(cohort.target, cohort.classes, cohort.sites)
    if cohort.groups is not None:
        warn_of_ungrouped_splits(named)
    if weights is not None:
        warn_of_unused_weights(named)
    if check_duplicates:
        warn_of_duplicates(X, splits)


def _fits(study, named, grids, splits, inner_splits):
    """All fits, each with the name of its file where files are kept."""
    fits = [
        Fit(name, estimator, grids.get(name), split, inner if name in grids else [], None)
        for name, estimator in named.items()
        for split, inner in zip(splits, inner_splits, strict=True)
    ]
    if study.files is None:
        return fits
    data = data_digest(study.X, study.y, *study.metadata.values())
    return [
        fit._replace(
            key=fit_key(data, fit.estimator, fit.split, fit.grid, fit.inner, study.scoring)
        )
        for fit in fits
    ]


def _number_in_repeat(split, splits):
    return [other is split for other in splits if other.repeat == split.repeat].index(True)


def _progress(done, total, verbose):
    if not verbose:
        return done
    from tqdm.auto import tqdm

    return tqdm(done, total=total, desc="Cross-validation", unit="fit")
