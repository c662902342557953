"""calibrate: probabilities that mean what they say, with each patient on one side."""

import numpy as np
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.validation import check_consistent_length

METHODS = ("sigmoid", "isotonic", "temperature")


def calibrate(pipeline, X, y, *, groups=None, method="sigmoid", cv=5, random_state=None):
    """Fit a pipeline in folds of patients, and calibrate each fit on those left out of it.

    Parameters
    ----------
    pipeline : Pipeline
        From images to a classifier; it is cloned.
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        Or what its first step reads.
    y : array-like of shape (n,)
    groups : array-like of shape (n,), default=None
        The patient of each image. All images of a patient lie on one side of every split, those
        inside the pipeline's selector included.
    method : {"sigmoid", "isotonic", "temperature"}, default="sigmoid"
        As in scikit-learn. "isotonic" wants a thousand samples; "temperature" needs
        scikit-learn 1.8.
    cv : int or splitter, default=5
        An integer is shuffled and stratified, with `groups` a `StratifiedGroupKFold`.
    random_state : int, RandomState instance or None, default=None
        Shuffles the folds.

    Returns
    -------
    CalibratedClassifierCV
        Fitted; its `predict_proba` is the mean over the folds' calibrated pipelines. These are
        ``calibrated_classifiers_[k].estimator``, which :func:`explain` takes.

    Raises
    ------
    ValueError
        `groups` are not one for each image, or a class has fewer patients than there are folds.

    See Also
    --------
    sicf.evaluate : Hand it what this returns, unfitted by `clone`, to see what it is worth.

    Notes
    -----
    A forest's share of votes is no probability: it shrinks towards the middle, and where images of
    one patient lie on both sides of a split, calibration learns from answers that the forest knew.
    ``docs/calibration.md`` has abstention by MAPIE's conformal sets on top of this.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sicf import SIFTBoVW, calibrate, make_spine_phantoms
    >>> data = make_spine_phantoms(9, n_slices=2, sequences=("T2",), random_state=0)
    >>> pipeline = make_pipeline(
    ...     SIFTBoVW(16, random_state=0), RandomForestClassifier(10, random_state=0)
    ... )
    >>> calibrated = calibrate(pipeline, data.images, data.target, groups=data.groups, cv=2)
    >>> calibrated.predict_proba(data.images[:4]).shape
    (4, 3)
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}. Got {method!r} instead.")
    y = np.asarray(y)
    check_consistent_length(X, y, groups)
    if isinstance(cv, (int, np.integer)):
        _check_patients(y, groups, cv)
        folds = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = folds(cv, shuffle=True, random_state=random_state)
    calibrated = CalibratedClassifierCV(clone(pipeline), method=method, cv=cv)
    # Routing takes the groups to the splitter, and on to the folds inside the pipeline's selector.
    with config_context(enable_metadata_routing=True):
        return calibrated.fit(X, y, **({} if groups is None else {"groups": np.asarray(groups)}))


def _check_patients(y, groups, n_folds):
    """Every fold has to hold every class, or its calibration knows nothing of one."""
    what = "images" if groups is None else "patients"
    for label in np.unique(y).tolist():
        own = y == label
        count = own.sum() if groups is None else len(np.unique(np.asarray(groups)[own]))
        if count < n_folds:
            raise ValueError(
                f"Each class must have as many {what} as there are folds, {n_folds}. "
                f"Class {label!r} has {count}."
            )
