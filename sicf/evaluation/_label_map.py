"""Labels renamed before anything else: three classes into two."""

import numpy as np


def map_labels(y, label_map):
    """Rename labels.

    Parameters
    ----------
    y : ndarray of shape (n,)
    label_map : dict or None
        New label of every old one.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    ValueError
        A label of y is not in the map, or a new label is missing or of another kind than the rest.
    """
    if label_map is None:
        return y
    if not isinstance(label_map, dict):
        raise TypeError(f"label_map must be a dict of labels to labels. Got {label_map!r} instead.")
    unknown = [label for label in np.unique(y).tolist() if label not in label_map]
    if unknown:
        raise ValueError(
            f"label_map must name every label of y. It lacks {unknown}; it has {list(label_map)}."
        )
    kinds = {type(new).__name__ for new in label_map.values()}
    if len(kinds) > 1 or None in label_map.values():
        raise ValueError(
            f"label_map must give labels of one type, none of them None. Got {sorted(kinds)}."
        )
    return np.asarray([label_map[label] for label in y.tolist()])
