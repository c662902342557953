"""The list of trusted types: complete, and without a name that is gone or of another package."""

from importlib import import_module

import pytest
from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer, get_scorer_names

import sicf
from sicf.persistence._trusted_types import OWN


def full_name(thing):
    return f"{thing.__module__}.{thing.__qualname__}"


def test_every_public_estimator_is_in_it():
    public = [getattr(sicf, name) for name in sicf.__all__]
    estimators = [
        thing for thing in public if isinstance(thing, type) and issubclass(thing, BaseEstimator)
    ]
    assert len(estimators) > 20
    assert {full_name(thing) for thing in estimators} == set(OWN)
    assert set(OWN) < set(sicf.trusted_types())


def test_every_metric_of_a_search_is_in_it():
    functions = {full_name(get_scorer(name)._score_func) for name in get_scorer_names()}
    assert functions <= set(sicf.trusted_types())


@pytest.mark.parametrize("name", sicf.trusted_types())
def test_every_name_is_a_class_or_a_function_of_scikit_learn_or_ours(name):
    module, _, name = name.rpartition(".")
    assert module.split(".")[0] in {"sicf", "sklearn"}
    thing = getattr(import_module(module), name)
    assert callable(thing)


def test_the_list_is_sorted_and_has_each_name_once():
    names = sicf.trusted_types()
    assert names == sorted(set(names))
    names.clear()
    assert sicf.trusted_types()
