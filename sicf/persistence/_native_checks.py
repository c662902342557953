"""What compiled code follows without a look: trees, neighbours, clusters, support vectors.

skops sees the types in a file and not the numbers. A child that is its own parent is a prediction
that never ends, and a column beyond the last one is read from memory that is none of the tree's. So
each is held here to what scikit-learn itself makes.
"""

from sklearn.cluster import HDBSCAN, Birch, BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.neighbors import BallTree, KDTree
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree

from sicf.persistence._bin_checks import check_bins, check_hashes
from sicf.persistence._boosting_checks import BOOSTING, check_stages, check_starts
from sicf.persistence._cluster_checks import check_centres, check_linkage, check_norms
from sicf.persistence._method_checks import check_methods
from sicf.persistence._neighbour_checks import check_labels, check_points, rebuild_tree
from sicf.persistence._object_walk import walk
from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._support_checks import check_support
from sicf.persistence._tree_checks import check_forest, check_isolation, check_tree

FORESTS = (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
MACHINES = (SVC, SVR, NuSVC, NuSVR, OneClassSVM)
# By the attribute that makes such a thing be followed.
CHECKS = (
    (BaseDecisionTree, "tree_", check_tree),
    (FORESTS, "estimators_", check_forest),
    (BOOSTING, "estimators_", check_stages),
    (IsolationForest, "estimators_", check_isolation),
    (MACHINES, "support_vectors_", check_support),
    ((KMeans, MiniBatchKMeans, BisectingKMeans), "cluster_centers_", check_centres),
    (Birch, "subcluster_centers_", check_norms),
    (HDBSCAN, "_single_linkage_tree_", check_linkage),
    (_BinMapper, "bin_thresholds_", check_bins),
    ((FeatureHasher, HashingVectorizer), "n_features", check_hashes),
    (object, "_fit_X", check_points),
    (object, "_fit_X", check_labels),
    (object, "_fit_X", rebuild_tree),
)


def check_native(estimator):
    """Check what compiled code follows; trees of neighbours are built anew from their points.

    Parameters
    ----------
    estimator : estimator

    Raises
    ------
    PersistenceError
    """
    parts = list(walk(estimator))
    for part in parts:
        check_methods(part)
    _check_owners(parts)
    for part in parts:
        for kinds, attribute, check in CHECKS:
            if isinstance(part, kinds) and _has(part, attribute):
                check(part)
    # A model is asked something here, and so the last.
    check_starts(parts)


def _check_owners(parts):
    """What is held by anything else, such as a density of kernels, is followed just as blindly."""
    owned = {id(vars(part).get("tree_")) for part in parts if isinstance(part, BaseDecisionTree)}
    owned |= {id(part.__dict__.get("_tree")) for part in parts if _has(part, "_fit_X")}
    for part in parts:
        if isinstance(part, Tree) and id(part) not in owned:
            raise PersistenceError("A tree must belong to a decision tree.")
        if isinstance(part, BallTree | KDTree) and id(part) not in owned:
            raise PersistenceError("A tree of neighbours must belong to a model of neighbours.")


def _has(part, attribute):
    return attribute in getattr(part, "__dict__", ())
