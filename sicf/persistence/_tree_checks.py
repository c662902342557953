"""Decision trees, each node of which must lead onwards, by a column that is there."""

import numpy as np
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree

from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._width import width_of

LEAF = -1
# Times the samples of a batch, it is still a number of 64 bits.
DEEPEST = 2**31


def check_tree(model):
    """Check a fitted decision tree.

    Parameters
    ----------
    model : BaseDecisionTree
    """
    tree, width = model.tree_, width_of(model)
    # First of all: more nodes than there is memory for would be read by asking for them.
    if not 0 < tree.node_count == tree.capacity or tree.n_features != width:
        raise PersistenceError(
            f"A tree must have the nodes and the {width} columns it was given. It claims "
            f"{tree.node_count} of {tree.capacity} nodes and {tree.n_features} columns."
        )
    nodes = tree.__getstate__()["nodes"]
    inner = (nodes["left_child"] != LEAF).nonzero()[0]
    children = np.stack([nodes["left_child"][inner], nodes["right_child"][inner]])
    columns = nodes["feature"][inner]
    # scikit-learn numbers a node before its children, whichever way the tree grows.
    onwards = ((inner < children) & (children < tree.node_count)).all()
    if not onwards or not ((columns >= 0) & (columns < width)).all():
        raise PersistenceError(
            "Each node of a tree must lead to a later one, by one of its columns."
        )
    if len(np.unique(children)) != children.size:
        raise PersistenceError("No two nodes of a tree must lead to the same one.")
    _check_depth(tree, nodes)


def _check_depth(tree, nodes):
    """A path is given room for as many nodes as the tree claims to be deep."""
    level, depth = np.zeros(1, np.intp), -1
    while len(level):
        level = level[nodes["left_child"][level] != LEAF]
        level = np.concatenate([nodes["left_child"][level], nodes["right_child"][level]])
        depth += 1
    if not depth <= tree.max_depth <= DEEPEST:
        raise PersistenceError(
            f"A tree must be as deep as it claims. It is {depth} deep, and claims {tree.max_depth}."
        )


def check_forest(forest):
    """Check that all trees take the columns that the forest checks X for.

    Parameters
    ----------
    forest : estimator
        Its trees are in `estimators_`, a list or an array.
    """
    trees, width = forest.estimators_, width_of(forest)
    for tree in trees if isinstance(trees, list) else trees.ravel().tolist():
        _check_width(tree, width)


def check_isolation(forest):
    """Check that each tree takes the columns that are handed to it.

    Parameters
    ----------
    forest : IsolationForest
    """
    for tree, columns in zip(forest.estimators_, forest.estimators_features_, strict=True):
        _check_width(tree, len(columns))
        _check_width(tree, forest._max_features)


def _check_width(tree, width):
    # What is no tree of scikit-learn's has not been followed to its leaves.
    if not isinstance(tree, BaseDecisionTree) or not isinstance(vars(tree).get("tree_"), Tree):
        raise PersistenceError(f"A forest must hold fitted trees. One is {type(tree).__name__}.")
    if tree.n_features_in_ != width:
        raise PersistenceError(
            f"A tree of a forest must take {width} columns. One takes {tree.n_features_in_}."
        )
