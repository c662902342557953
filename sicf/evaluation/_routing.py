"""Groups and sample weights for those parts of an estimator that ask, routing on for the call."""

import warnings
from contextlib import contextmanager

from sklearn import config_context, get_config
from sklearn.base import clone, is_classifier
from sklearn.utils.metadata_routing import MetadataRequest, get_routing_for_object

from sicf.evaluation._evaluation_warning import EvaluationWarning


def asking_clone(estimator, weighted):
    """Clone; with weights, of the parts that did not say classifiers take them, and no others.

    Parameters
    ----------
    estimator : estimator
    weighted : bool

    Returns
    -------
    estimator
    """
    estimator = clone(estimator)
    if weighted:
        with config_context(enable_metadata_routing=True):
            for part in parts_of(estimator).values():
                _ask_for_weights(part)
    return estimator


def asked_for(estimator, metadata):
    """Those of the metadata that the fit of an estimator asks for.

    Parameters
    ----------
    estimator : estimator
    metadata : dict of str to ndarray or None

    Returns
    -------
    dict of str to ndarray
    """
    with config_context(enable_metadata_routing=True):
        asked = get_routing_for_object(estimator).consumes("fit", list(metadata))
    return {name: metadata[name] for name in asked if metadata[name] is not None}


@contextmanager
def routing_for(metadata):
    """Routing switched on where there is something to route, and as it was afterwards."""
    with config_context(
        enable_metadata_routing=bool(metadata) or get_config()["enable_metadata_routing"]
    ):
        yield


def parts_of(estimator):
    """An estimator and all inside it that are parameters, by path."""
    found = {"": estimator} | estimator.get_params(deep=True)
    return {
        path: part
        for path, part in found.items()
        if hasattr(part, "get_params") and not isinstance(part, type)
    }


def warn_of_unused_weights(estimators):
    """Warn of estimators that cannot be weighted.

    Parameters
    ----------
    estimators : dict of str to estimator
    """
    for name, estimator in estimators.items():
        if not asked_for(asking_clone(estimator, True), {"sample_weight": ()}):
            warnings.warn(
                f"{name!r} asks for no sample_weight: it is fitted without.",
                EvaluationWarning,
                stacklevel=4,
            )


def _ask_for_weights(part):
    """Weights go to fits of classifiers, and not to scalers, where nobody said so."""
    own = get_routing_for_object(part)
    if not isinstance(own, MetadataRequest):
        return
    requests = own.fit.requests
    if "sample_weight" in requests and requests["sample_weight"] is None:
        part.set_fit_request(sample_weight=is_classifier(part))
