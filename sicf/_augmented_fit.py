"""AugmentedFit: an estimator that is fitted on pictures and their variants, and leaks none."""

import numpy as np
from sklearn import config_context, get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sicf._joined_samples import join, n_samples, repeat, take
from sicf._number_checks import check_whole_number
from sicf._one_for_each import one_for_each
from sicf._parted_copies import warn_of_parted_copies
from sicf.images import MRIAugmenter

DELEGATED = (
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "score",
    "transform",
)


def _estimator_has(name):
    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return check


class AugmentedFit(MetaEstimatorMixin, BaseEstimator):
    """Fit an estimator on X and on variants of X; predict on X as it is.

    The variants of a picture, and the picture, are one group: `fit` hands the number of its source
    to every part that asks for `groups`, such as :class:`LyrebirdSelector`, a fine-tuned
    :class:`VGG16Embedder` or a grid search by ``StratifiedGroupKFold``, so that no split inside has
    variants of one picture on both sides. Where `groups` are given, such as patients, it hands on
    those.

    Parameters
    ----------
    estimator : estimator
        Often a whole pipeline. It is cloned.
    augmenter : object, default=None
        Has ``augment(X, copies)``, which returns the variants and, for each, the row of X that it
        is a variant of. It is cloned. None is ``MRIAugmenter()``, which draws anew in each `fit`.
    n_copies : int, default=1
        Variants of each sample, beside the sample itself. 0 makes none.

    Attributes
    ----------
    estimator_ : estimator
        The fitted clone.
    source_ : ndarray of int of shape (n_samples * (1 + n_copies),)
        For each row that the estimator was fitted on, the row of X: first X itself, then the
        variants.
    classes_, n_features_in_, feature_names_in_
        Those of `estimator_`, where it has them.

    See Also
    --------
    MRIAugmenter : Variants of MR images.

    Notes
    -----
    Metadata routing is switched on while the estimator is fitted if it asks for `groups`. What else
    `fit` is given, such as `sample_weight`, goes the way that scikit-learn's routing prescribes,
    with one value for each variant.

    An inner split that cannot be handed groups is warned of. Splits that have no `cv` parameter are
    not seen: `early_stopping=True` of scikit-learn's own estimators parts variants of one picture,
    and so do out-of-bag scores.

    Everything is in memory at once: `n_copies` variants of n pictures take `n_copies` times what n
    pictures take. A first step that reads files comes before: ``make_pipeline(ReadImages(),
    AugmentedFit(...))``.

    Examples
    --------
    >>> from sicf import AugmentedFit, MRIAugmenter, SIFTBoVW, make_spine_phantoms
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> data = make_spine_phantoms(3, n_slices=2, sequences=("T2",), random_state=0)
    >>> pipeline = make_pipeline(SIFTBoVW(8, random_state=0), RandomForestClassifier())
    >>> model = AugmentedFit(pipeline, MRIAugmenter(random_state=0))
    >>> model.fit(data.images, data.target).source_.tolist()
    [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]
    """

    # Asked for by itself, so that groups arrive here when routing is switched on around.
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(self, estimator, augmenter=None, n_copies=1):
        self.estimator = estimator
        self.augmenter = augmenter
        self.n_copies = n_copies

    def fit(self, X, y=None, *, groups=None, **fit_params):
        """Make variants of X, and fit the estimator on all.

        Parameters
        ----------
        X : array, DataFrame or list, of n samples
            What the augmenter takes.
        y : array-like of shape (n,) or (n, n_outputs), default=None
        groups : array-like of shape (n,), default=None
            Such as the patient of each picture. None is the picture itself.
        **fit_params : dict
            For the estimator's `fit`; what has n values gets one for each variant as well.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            X, y and groups differ in length, or `n_copies` is below 0.
        """
        check_whole_number("n_copies", self.n_copies, least=0)
        check_consistent_length(X, y, groups)
        if groups is not None:
            groups = one_for_each(groups, "groups")
        warn_of_parted_copies(self.estimator)
        X, source = self._augmented(X)
        n = len(source) // (1 + self.n_copies)
        groups = source if groups is None else groups[source]
        fit_params = {name: repeat(value, source, n) for name, value in fit_params.items()}
        y = None if y is None else take(y, source)
        self.estimator_ = self._fit_estimator(X, y, groups, fit_params)
        self.source_ = source
        return self

    @available_if(_estimator_has("predict"))
    def predict(self, X, **params):
        """Predict by the fitted estimator.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        **params : dict
            Handed on.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self._delegate("predict", X, **params)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X, **params):
        """Probabilities of the classes, by the fitted estimator.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        **params : dict
            Handed on.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        return self._delegate("predict_proba", X, **params)

    @available_if(_estimator_has("predict_log_proba"))
    def predict_log_proba(self, X, **params):
        """Their logarithms.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        **params : dict
            Handed on.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        return self._delegate("predict_log_proba", X, **params)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X, **params):
        """Scores of the classes, by the fitted estimator.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        **params : dict
            Handed on.

        Returns
        -------
        ndarray of shape (n,) or (n, n_classes)
        """
        return self._delegate("decision_function", X, **params)

    @available_if(_estimator_has("transform"))
    def transform(self, X, **params):
        """Transform by the fitted estimator.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        **params : dict
            Handed on.

        Returns
        -------
        ndarray of shape (n, n_columns)
        """
        return self._delegate("transform", X, **params)

    @available_if(_estimator_has("score"))
    def score(self, X, y=None, **params):
        """Score of the fitted estimator.

        Parameters
        ----------
        X : array, DataFrame or list
            Nothing is augmented.
        y : array-like of shape (n,), default=None
        **params : dict
            Such as `sample_weight`.

        Returns
        -------
        float
        """
        return self._delegate("score", X, y, **params)

    @available_if(_estimator_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features=None):
        """Names of the estimator's columns.

        Parameters
        ----------
        input_features : array-like of str or None

        Returns
        -------
        ndarray of str objects
        """
        check_is_fitted(self)
        return self.estimator_.get_feature_names_out(input_features)

    @property
    def classes_(self):
        """Classes of the estimator."""
        return self.estimator_.classes_

    @property
    def n_features_in_(self):
        """Number of columns seen in `fit`, where X is a table."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the columns seen in `fit`, where they have names."""
        return self.estimator_.feature_names_in_

    def get_metadata_routing(self):
        """Say who asks for what: this estimator for `groups` in `fit`, the inner one for its own.

        Returns
        -------
        MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        for name in DELEGATED:
            mapping.add(caller=name, callee=name)
        router = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        return router.add(estimator=self.estimator, method_mapping=mapping)

    def _augmented(self, X):
        if self.n_copies == 0:
            return X, np.arange(n_samples(X))
        augmenter = MRIAugmenter() if self.augmenter is None else self.augmenter
        if not hasattr(augmenter, "augment"):
            raise TypeError(
                "augmenter must have a method augment(X, copies), as MRIAugmenter has. "
                f"Got {augmenter!r} instead."
            )
        variants, source = clone(augmenter, safe=False).augment(X, self.n_copies)
        n = len(source) // self.n_copies
        return join(X, variants), np.concatenate([np.arange(n), source])

    def _fit_estimator(self, X, y, groups, fit_params):
        asks = get_routing_for_object(self.estimator).consumes("fit", ["groups"])
        routes = bool(asks) or get_config()["enable_metadata_routing"]
        with config_context(enable_metadata_routing=routes):
            if routes:
                routed = process_routing(self, "fit", groups=groups, **fit_params)
                fit_params = routed["estimator"]["fit"]
            return clone(self.estimator).fit(X, y, **fit_params)

    def _delegate(self, name, X, *args, **params):
        check_is_fitted(self)
        if params and get_config()["enable_metadata_routing"]:
            params = process_routing(self, name, **params)["estimator"][name]
        return getattr(self.estimator_, name)(X, *args, **params)

    def __sklearn_tags__(self):
        tags = get_tags(self.estimator)
        tags.requires_fit = True
        tags.input_tags.sparse = False
        return tags
