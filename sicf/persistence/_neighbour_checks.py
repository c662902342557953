"""Models of nearest neighbours: points and labels that agree, and a tree that fits the points."""

import numpy as np

from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._width import width_of


def check_points(model):
    """Check that the points are as many as is said, and as wide as what they are compared with.

    Parameters
    ----------
    model : estimator
        Fitted, with points `_fit_X`.
    """
    points, width = model._fit_X, width_of(model)
    n_points = vars(model).get("n_samples_fit_", len(points))
    # Compiled code divides by the number of points.
    if not len(points) or points.shape != (n_points, width):
        raise PersistenceError(
            f"A model of neighbours must have {n_points} points of {width} columns, and one at "
            f"least. Got {points.shape}."
        )


def check_labels(model):
    """Check that each point's label is one of the classes.

    Parameters
    ----------
    model : estimator
        Fitted, with points `_fit_X`.
    """
    classes, labels = vars(model).get("classes_"), vars(model).get("_y")
    # Several outputs have lists of classes, and no compiled code.
    if classes is None or labels is None or vars(model).get("outputs_2d_") is True:
        return
    if not isinstance(classes, np.ndarray) or labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise PersistenceError("A model of neighbours must have classes, and labels by number.")
    if labels.shape != model._fit_X.shape[:1]:
        raise PersistenceError("A model of neighbours must have one label for each of its points.")
    if labels.size and not (labels.min() >= 0 and labels.max() < len(classes)):
        raise PersistenceError(f"Labels must be below the number of classes, {len(classes)}.")


def rebuild_tree(model):
    """Build the tree from the points, as `fit` did, where there is one.

    Parameters
    ----------
    model : estimator
        Fitted, with points `_fit_X`.
    """
    if vars(model).get("_tree") is not None:
        model._tree = type(model._tree)(
            model._fit_X,
            model.leaf_size,
            metric=model.effective_metric_,
            **model.effective_metric_params_,
        )
