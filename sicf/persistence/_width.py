"""How many columns a model takes."""

import numpy as np

from sicf.persistence._persistence_error import PersistenceError


def width_of(model):
    """Columns that a model checks X for; what is no number would agree with every X.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    int
    """
    width = model.n_features_in_
    if not isinstance(width, int | np.integer):
        raise PersistenceError(f"n_features_in_ must be a whole number. Got {width!r:.80}.")
    return width
