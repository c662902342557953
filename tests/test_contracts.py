"""Every public estimator is held to a contract: on tables to scikit-learn's, on images to ours."""

import inspect
import runpy
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import randint
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import SkipTestWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import _safe_indexing, check_array, estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import sicf


class Copies(BaseEstimator):
    """An augmenter of tables: the same rows again."""

    def augment(self, X, copies=1):
        X = X if hasattr(X, "iloc") else check_array(X, dtype=None)
        source = np.tile(np.arange(len(X)), copies)
        return _safe_indexing(X, source), source


SEARCH = {"cv": 2, "population_size": 4, "max_iter": 2, "random_state": 0}
# As scikit-learn's own searches are checked: a fit that fails raises its own error.
PARAMETERS = {"cv": 2, "population_size": 2, "max_iter": 1, "random_state": 0}
PARAMETERS |= {"error_score": "raise"}
SMALL_FOREST = RandomForestClassifier(10, max_depth=3, random_state=0)
ON_TABLES = [
    sicf.AugmentedFit(LogisticRegression(), Copies()),
    sicf.AugmentedFit(Ridge(), Copies(), n_copies=2),
    sicf.BorutaSelector(RandomForestClassifier(10, max_depth=3), max_iter=4),
    sicf.LyrebirdSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, **PARAMETERS),
    sicf.LyrebirdSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, **PARAMETERS),
    sicf.LyrebirdSearchCV(SMALL_FOREST, {"max_depth": randint(2, 9)}, **PARAMETERS),
    sicf.LyrebirdSelector(DecisionTreeClassifier(), **SEARCH),
    sicf.LyrebirdSelector(DecisionTreeClassifier(), mode="paper", **SEARCH),
    sicf.DiagonalNCA(5),
    sicf.IterativeMajorityVoting(
        [(f"depth {n}", DecisionTreeClassifier(max_depth=n, random_state=0)) for n in (2, 4, 6)],
        cv=2,
        random_state=0,
    ),
    sicf.RandomColumns(random_state=0),
    sicf.RandomColumns(1),
    sicf.ReliefF(5),
]
# What is no transformer of pictures, or of all pictures, and where its promises are tested.
APART = {
    "CosineRecipe": "is never fitted; tests/features/test_cosine_recipe.py",
    "MRIAugmenter": "refuses transform by design; tests/images/test_mri_augmenter.py",
    "MaskROI": "needs a mask in X; test_image_contracts.py, by a test of its own",
    "PairedPlaneBagger": "takes patients; tests/classification/test_paired_plane_bagger.py",
    "ReadImages": "takes files; tests/images/test_read_images.py",
    "ResNetSTClassifier": "classifies; tests/classification/test_resnet_st_classifier.py",
    "SemanticLoss": "is never fitted; tests/fusion/test_tsjnet.py",
    "TargetLoss": "is never fitted; tests/fusion/test_tsjnet.py",
    "TrainingRecipe": "is never fitted; tests/features/test_fine_tuning.py",
}
REQUIRED = {
    "AugmentedFit": (LogisticRegression(), Copies()),
    "CachedRows": (sicf.ThumbnailFeatures(16),),
    "IterativeMajorityVoting": ([("tree", DecisionTreeClassifier())],),
    "LyrebirdSearchCV": (LogisticRegression(), {"C": [0.1, 1.0]}),
    "PairedPlaneBagger": (sicf.make_thumbnail_forest(),),
    "SICF": ([("thumbnails", sicf.ThumbnailFeatures(16))],),
    "TorchEmbedder": ("squeezenet1_1", "features.2"),
}
# Of scikit-learn's checks those that need no data, so that estimators of images pass them as well.
WITHOUT_DATA = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_set_params",
    "check_valid_tag_types",
]


def estimators():
    """Names of the public classes with parameters."""
    for name in sicf.__all__:
        thing = getattr(sicf, name)
        if inspect.isclass(thing) and issubclass(thing, BaseEstimator):
            yield name


@pytest.fixture(scope="module")
def on_images():
    """Classes that the contract of image estimators is tested on."""
    path = Path(__file__).with_name("test_image_contracts.py")
    contracts, found = runpy.run_path(path), set()
    contracts["FOLDER"].cleanup()
    for estimator, _ in contracts["ALL"].values():
        chained = isinstance(estimator, Pipeline)
        parts = [step for _, step in estimator.steps] if chained else [estimator]
        found |= {type(part).__name__ for part in parts}
    return found


# Any failure is one: no check is named as expected to fail.
@pytest.mark.filterwarnings("ignore:Boruta confirmed:UserWarning")
# Some of scikit-learn's checks draw a class of four.
@pytest.mark.filterwarnings("ignore:Nobody is reserved:UserWarning")
@parametrize_with_checks(ON_TABLES)
def test_scikit_learns_contract(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        # From scikit-learn's own look at a y with inf, before a search begins.
        warnings.filterwarnings("ignore", "invalid value encountered in cast", RuntimeWarning)
        check(estimator)


@pytest.mark.parametrize("name", list(estimators()))
def test_estimator_is_under_a_contract(name, on_images):
    on_tables = {type(estimator).__name__ for estimator in ON_TABLES}
    kind = getattr(sicf, name)
    covered = [parent for parent in inspect.getmro(kind) if parent.__name__ in on_images]
    # A child that brings no fit and no transform of its own is held by what its parent is held by.
    has_own = any(
        getattr(kind, method, None) is not getattr(parent, method, None)
        for parent in covered[:1]
        for method in ("fit", "transform", "fit_transform", "get_feature_names_out")
    )
    places = [name in on_tables, bool(covered) and not has_own, name in APART]
    assert sum(places) == 1, f"{name} is under {sum(places)} contracts, and belongs under one"


def test_nobody_is_set_apart_who_does_not_exist():
    assert set(APART) <= set(estimators())


@pytest.mark.parametrize("check", WITHOUT_DATA)
@pytest.mark.parametrize("name", list(estimators()))
def test_parameters_are_as_scikit_learn_wants_them(name, check):
    estimator = getattr(sicf, name)(*REQUIRED.get(name, ()))
    getattr(estimator_checks, check)(name, estimator)
