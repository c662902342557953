"""Models of nearest neighbours: labels that are classes, and a tree that fits the points."""

import numpy as np

from sicf.persistence._persistence_error import PersistenceError


def check_labels(model):
    """Check that each point's label is one of the classes.

    Parameters
    ----------
    model : estimator
        Fitted, of nearest neighbours.
    """
    classes, labels = vars(model).get("classes_"), vars(model).get("_y")
    # Several outputs have lists of classes, and no compiled code.
    if not isinstance(classes, np.ndarray) or labels is None:
        return
    if labels.shape[:1] != model._fit_X.shape[:1] or labels.dtype.kind not in "iu":
        raise PersistenceError("A model of neighbours must have one label for each of its points.")
    if labels.size and not (labels.min() >= 0 and labels.max() < len(classes)):
        raise PersistenceError(f"Labels must be below the number of classes, {len(classes)}.")


def rebuild_tree(model):
    """Build the tree from the points, as `fit` did, where there is one.

    Parameters
    ----------
    model : estimator
        Fitted, of nearest neighbours.
    """
    if model._tree is not None:
        model._tree = type(model._tree)(
            model._fit_X,
            model.leaf_size,
            metric=model.effective_metric_,
            **model.effective_metric_params_,
        )
