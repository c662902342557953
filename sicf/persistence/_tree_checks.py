"""Decision trees, each node of which must lead onwards, by a column that is there."""

from sicf.persistence._persistence_error import PersistenceError

LEAF = -1


def check_tree(model):
    """Check a fitted decision tree.

    Parameters
    ----------
    model : BaseDecisionTree
    """
    tree, width = model.tree_, model.n_features_in_
    # First of all: more nodes than there is memory for would be read by asking for them.
    if not 0 < tree.node_count == tree.capacity or tree.n_features != width:
        raise PersistenceError(
            f"A tree must have the nodes and the {width} columns it was given. It claims "
            f"{tree.node_count} of {tree.capacity} nodes and {tree.n_features} columns."
        )
    nodes = tree.__getstate__()["nodes"]
    is_leaf = nodes["left_child"] == LEAF
    # scikit-learn numbers a node before its children, whichever way the tree grows.
    first, last = (~is_leaf).nonzero()[0], tree.node_count - 1
    inner = nodes[~is_leaf]
    onwards = all(
        ((first < inner[side]) & (inner[side] <= last)).all()
        for side in ("left_child", "right_child")
    )
    columns = ((inner["feature"] >= 0) & (inner["feature"] < width)).all()
    if not onwards or not columns:
        raise PersistenceError(
            "Each node of a tree must lead to a later one, by one of its columns."
        )


def check_forest(forest):
    """Check that all trees take the columns that the forest checks X for.

    Parameters
    ----------
    forest : estimator
        Its trees are in `estimators_`, a list or an array.
    """
    trees = forest.estimators_
    for tree in trees if isinstance(trees, list) else trees.ravel().tolist():
        _check_width(tree, forest.n_features_in_)


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
    if tree.n_features_in_ != width:
        raise PersistenceError(
            f"A tree of a forest must take {width} columns. One takes {tree.n_features_in_}."
        )
