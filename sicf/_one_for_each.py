"""Labels and groups: one value for each sample, and none missing."""

import numpy as np
import pandas as pd


def one_for_each(values, name):
    """Make an array of one value for each sample; missing ones are met before any is made text.

    Parameters
    ----------
    values : array-like of shape (n,)
    name : str
        What the values are called in errors.

    Returns
    -------
    ndarray of shape (n,)
    """
    if len(np.shape(values)) != 1:
        raise ValueError(
            f"{name} must hold one value for each sample. Got shape {np.shape(values)} instead."
        )
    plain = values.tolist() if hasattr(values, "tolist") else list(values)
    missing = np.flatnonzero(pd.Series(plain, dtype=object).isna())
    if missing.size:
        raise ValueError(
            f"{name} must hold a value for every sample. Sample {missing[0]} has "
            f"{plain[missing[0]]!r}{f', and {missing.size - 1} more' if missing.size > 1 else ''}."
        )
    return np.asarray(values)
