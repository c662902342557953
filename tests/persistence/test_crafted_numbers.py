"""Numbers that compiled code takes on trust: where a file has others, nothing follows them."""

import os
from functools import partial

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN, Birch, BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics.pairwise import linear_kernel
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, SVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

import sicf
from sicf import PersistenceError
from sicf.persistence._native_checks import check_native

few_stages = partial(GradientBoostingClassifier, n_estimators=2, max_depth=2, random_state=0)


def refused(estimator, message):
    """By what `load` does once the estimator is made; not all that is here can be saved."""
    with pytest.raises(PersistenceError, match=message):
        check_native(make_pipeline(estimator))


def test_a_crafted_estimator_is_refused_by_save_and_load_alike(iris, tmp_path):
    model = KMeans(2, n_init=1).fit(*iris)
    model.cluster_centers_ = model.cluster_centers_[:, :1].copy()
    with pytest.raises(PersistenceError, match="must have 4 columns"):
        sicf.save(model, tmp_path / "crafted.sicf")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("init", [None, "zero", LogisticRegression(max_iter=500), few_stages()])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_boosting_that_was_fitted_is_taken(init, n_classes, iris):
    X, y = iris
    check_native(few_stages(init=init).fit(X, y % n_classes))
    check_native(GradientBoostingRegressor(n_estimators=2).fit(X, y))


@pytest.mark.parametrize("init", [None, "zero"])
@pytest.mark.parametrize(("n_classes", "n_columns"), [(2, 2), (3, 9), (3, 2)])
def test_boosting_has_a_column_of_trees_for_each_score(init, n_classes, n_columns, iris):
    X, y = iris
    model = few_stages(init=init).fit(X, y % n_classes)
    model.estimators_ = np.repeat(model.estimators_[:, :1], n_columns, axis=1)
    model.n_trees_per_iteration_ = n_columns
    refused(model, r"must have trees of shape \(2, [13]\), by its stages and classes. Got \(2, ")
    model = GradientBoostingRegressor(n_estimators=2).fit(X, y)
    model.estimators_ = np.repeat(model.estimators_, n_columns, axis=1)
    refused(model, r"must have trees of shape \(2, 1\)")


def test_boosting_has_no_claims_beside_its_classes(iris):
    model = few_stages(init="zero").fit(*iris)
    model.n_trees_per_iteration_ = 1
    refused(model, r"must have 3 tree\(s\) in a stage. It claims 1")
    model = few_stages().fit(*iris)
    model.estimators_ = model.estimators_[:1]
    refused(model, "must have trees of shape")


def test_boosting_begins_with_as_many_scores_as_it_has_trees(iris):
    X, y = iris
    model = few_stages().fit(X, y)
    model.init_ = DummyClassifier(strategy="prior").fit(X, y % 2)
    refused(model, r"must begin with 3 score\(s\) of each sample. Its init_ gives \(2, 2\) for 2")
    outer = few_stages(init=few_stages()).fit(X, y)
    outer.init_.init_ = model.init_
    refused(outer, r"must begin with 3 score\(s\)")
    regression = GradientBoostingRegressor(n_estimators=2).fit(X, y)
    regression.init_ = LinearRegression().fit(X, np.column_stack([y, y]))
    refused(regression, r"must begin with 1 score\(s\)")


def test_forests_hold_trees_that_were_followed(iris):
    for model in (few_stages().fit(*iris), RandomForestClassifier(2).fit(*iris)):
        tree = LinearRegression().fit(*iris)
        tree.tree_ = None
        if isinstance(model.estimators_, list):
            model.estimators_[0] = tree
        else:
            model.estimators_[0, 0] = tree
        refused(model, "A forest must hold fitted trees. One is LinearRegression")
    tree.tree_ = DecisionTreeClassifier().fit(*iris).tree_
    refused(tree, "A tree must belong to a decision tree")


@pytest.mark.parametrize("depth", [0, 1, -1, 2**62])
def test_trees_are_as_deep_as_they_claim(depth, iris):
    model = DecisionTreeClassifier(max_depth=3).fit(*iris)
    model.tree_.__setstate__(model.tree_.__getstate__() | {"max_depth": depth})
    refused(model, f"It is 3 deep, and claims {depth}")


def test_no_two_nodes_of_a_tree_lead_to_the_same_one(iris):
    model = DecisionTreeClassifier(max_depth=3).fit(*iris)
    state = model.tree_.__getstate__()
    state["nodes"]["left_child"][0] = state["nodes"]["right_child"][0]
    model.tree_.__setstate__(state)
    refused(model, "No two nodes of a tree")


@pytest.mark.parametrize("width", [np.array([]), 4.0, None, "4"])
def test_a_width_is_a_whole_number(width, iris):
    for kind in (DecisionTreeClassifier, SVC, KNeighborsClassifier, KMeans):
        model = kind().fit(*iris)
        model.n_features_in_ = width
        refused(model, "n_features_in_ must be a whole number")


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly", "sigmoid"])
@pytest.mark.parametrize("kind", [SVC, SVR, OneClassSVM])
def test_support_vectors_are_there_but_for_a_kernel_of_numbers(kind, kernel, iris):
    machine = kind(kernel=kernel).fit(*iris)
    check_native(machine)
    machine.support_vectors_ = np.zeros((0, 0))
    refused(machine, "must agree. They do not: support_vectors_")


def test_kernels_of_numbers_have_no_support_vectors(iris):
    X, y = iris
    for machine in (SVC(kernel="precomputed").fit(X @ X.T, y), SVC(kernel=linear_kernel).fit(X, y)):
        assert machine.support_vectors_.shape == (0, 0)
        check_native(machine)
        machine.support_vectors_ = np.zeros((len(machine.support_), 4))
        refused(machine, "must agree. They do not: support_vectors_")


def test_a_machine_with_a_kernel_of_ones_own_is_saved(iris, tmp_path):
    machine = SVC(kernel=linear_kernel).fit(*iris)
    sicf.save(machine, tmp_path / "machine.sicf", trusted=[linear_kernel])
    back = sicf.load(tmp_path / "machine.sicf", trusted=[linear_kernel])
    # Not to the bit: a function's own product may round by how its argument lies in memory.
    np.testing.assert_allclose(
        back.decision_function(iris[0]), machine.decision_function(iris[0]), rtol=1e-9
    )


def test_a_machine_is_of_the_kind_that_its_class_says(iris):
    machine = SVR().fit(*iris)
    machine._impl = "c_svc"
    refused(machine, "must agree")
    for counts in (np.ones(1, np.int32), np.ones(3, np.int32)):
        machine = SVR().fit(*iris)
        n_classes, n_vectors = len(counts), len(machine.support_)
        n_pairs = n_classes * (n_classes - 1) // 2
        machine._n_support = counts
        machine._dual_coef_ = np.zeros((n_classes - 1, n_vectors))
        machine._intercept_ = np.zeros(n_pairs)
        refused(machine, "must agree")


NEIGHBOURS = [
    KNeighborsClassifier(algorithm="brute"),
    KNeighborsRegressor(algorithm="brute"),
    KNeighborsTransformer(algorithm="brute"),
    RadiusNeighborsClassifier(algorithm="brute"),
    NearestNeighbors(algorithm="brute"),
    LocalOutlierFactor(algorithm="brute", novelty=True),
    KNeighborsClassifier(),
]


@pytest.mark.parametrize("model", NEIGHBOURS, ids=lambda model: type(model).__name__)
def test_points_are_as_wide_and_as_many_as_is_said(model, iris):
    model.fit(*iris)
    check_native(model)
    points = model._fit_X
    for wrong in (points[:, :3], np.hstack([points, points]), points[:9], points[:0], points[0]):
        model._fit_X = np.ascontiguousarray(wrong)
        refused(model, r"must have 150 points of 4 columns, and one at least. Got \(")
    model._fit_X, model.n_samples_fit_ = points[:0], 0
    refused(model, "one at least")


def test_labels_are_those_of_one_output(iris):
    model = KNeighborsClassifier(algorithm="brute").fit(*iris)
    model._y = model._y + 99
    model.classes_ = [model.classes_]
    refused(model, "must have classes, and labels by number")
    several = KNeighborsClassifier().fit(iris[0], np.column_stack([iris[1], iris[1]]))
    check_native(several)


def test_an_imputer_of_neighbours_has_no_tree(iris, tmp_path):
    imputer = KNNImputer().fit(iris[0])
    sicf.save(imputer, tmp_path / "imputer.sicf")
    assert sicf.load(tmp_path / "imputer.sicf").n_features_in_ == 4


@pytest.mark.parametrize("kind", [KMeans, MiniBatchKMeans, BisectingKMeans])
def test_centres_are_as_wide_as_samples(kind, iris):
    model = kind(3, n_init=1, random_state=0).fit(iris[0])
    check_native(model)
    centres = model.cluster_centers_
    for wrong in (centres[:, :1], np.hstack([centres, centres]), centres[:0], centres[0]):
        model.cluster_centers_ = np.ascontiguousarray(wrong)
        refused(model, r"Centres of clusters must have 4 columns. Got \(")


def test_clusters_have_counts_and_norms(iris):
    model = MiniBatchKMeans(3, n_init=1, random_state=0).fit(iris[0])
    model._counts = model._counts[:1]
    refused(model, r"Each of 3 clusters must have a count. Got \(1,\)")
    model = Birch(n_clusters=None).fit(iris[0])
    check_native(model)
    model._subcluster_norms = model._subcluster_norms[:1]
    refused(model, "subclusters must have a norm")


def test_there_are_no_more_threads_than_this_machine_has(iris, tmp_path):
    model = KMeans(3, n_init=1, random_state=0).fit(iris[0])
    model._n_threads = 10**6
    sicf.save(model, tmp_path / "clusters.sicf")
    assert model._n_threads == 10**6
    back = sicf.load(tmp_path / "clusters.sicf")
    assert 1 <= back._n_threads <= os.cpu_count()
    np.testing.assert_array_equal(back.predict(iris[0]), model.labels_)


@pytest.mark.parametrize("side", ["left_node", "right_node"])
@pytest.mark.parametrize("value", [-1, 150, 10**9])
def test_a_hierarchy_joins_what_was_there(side, value, iris):
    model = HDBSCAN(copy=True).fit(iris[0])
    check_native(model)
    model._single_linkage_tree_ = model._single_linkage_tree_.copy()
    model._single_linkage_tree_[side][0] = value
    refused(model, "Each node of a hierarchy must join two earlier ones")


def test_bins_are_those_of_the_columns(iris):
    mapper = _BinMapper(random_state=0).fit(iris[0])
    check_native(mapper)
    mapper.is_categorical_ = mapper.is_categorical_[:1]
    refused(mapper, "Bins must be given for 4 columns each time")


@pytest.mark.parametrize("kind", [FeatureHasher, HashingVectorizer])
def test_hashes_are_not_divided_by_nothing(kind):
    check_native(kind())
    refused(kind(n_features=0), "must go to 1 column at least. Got 0")


@pytest.mark.parametrize("name", ["predict", "predict_proba", "decision_function", "_raw_predict"])
def test_no_attribute_stands_for_a_method(name, iris):
    model = few_stages().fit(*iris)
    setattr(model, name, np.add)
    refused(model, f"must not stand for a method. GradientBoostingClassifier has '{name}'")
