"""Samples and their variants one after the other, whatever holds them."""

import numpy as np


def n_samples(X):
    """Number of samples of an array, a table or a list."""
    return X.shape[0] if hasattr(X, "shape") else len(X)


def join(X, variants):
    """Put variants after the samples, in the form of X."""
    if hasattr(X, "iloc"):
        import pandas as pd

        return pd.concat([X, variants])
    if isinstance(X, (list, tuple)) or isinstance(variants, list):
        return [*X, *variants]
    return np.concatenate([np.asarray(X), variants])


def repeat(value, source, n):
    """One value for each variant, where there is one for each sample; anything else as it is."""
    is_one_each = hasattr(value, "__len__") and not isinstance(value, (str, bytes, dict))
    return take(value, source) if is_one_each and n_samples(value) == n else value


def take(values, source):
    """Values by their place, of a pandas object or of what NumPy takes."""
    return values.iloc[source] if hasattr(values, "iloc") else np.asarray(values)[source]


def take_samples(X, rows):
    """Samples by their place, in the form of X."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return X[rows] if hasattr(X, "shape") else [X[row] for row in rows]
