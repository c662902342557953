"""What compiled code follows without a look: trees, neighbours, support vectors.

skops sees the types in a file and not the numbers. A child that is its own parent is a prediction
that never ends, and a column beyond the last one is read from memory that is none of the tree's. So
each is held here to what scikit-learn itself makes.
"""

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
from sklearn.neighbors import BallTree, KDTree
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import BaseDecisionTree

from sicf.persistence._neighbour_checks import check_labels, rebuild_tree
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
CHECKS = (
    (BaseDecisionTree, "tree_", check_tree),
    (FORESTS, "estimators_", check_forest),
    (IsolationForest, "estimators_", check_isolation),
    (MACHINES, "support_vectors_", check_support),
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
        for kinds, attribute, check in CHECKS:
            if isinstance(part, kinds) and attribute in vars(part):
                check(part)
    known = set()
    for part in parts:
        if "_fit_X" in getattr(part, "__dict__", ()):
            check_labels(part)
            known.add(id(part._tree))
            rebuild_tree(part)
    # What holds one by itself, such as a density of kernels, follows it just as blindly.
    if any(isinstance(part, BallTree | KDTree) and id(part) not in known for part in parts):
        raise PersistenceError("A tree of neighbours must belong to a model of neighbours.")
