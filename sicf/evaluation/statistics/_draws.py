"""How often each patient occurs in a resample: a patient comes with all slices, or not at all."""

import numpy as np

# Small enough for a processor's cache, which is what the time goes by.
VALUES_AT_ONCE = 200_000


def draw_patients(n_patients, n_bootstrap, rng):
    """How often each patient is drawn in each bootstrap resample.

    Parameters
    ----------
    n_patients, n_bootstrap : int
    rng : Generator

    Returns
    -------
    ndarray of int of shape (n_bootstrap, n_patients)
        Rows sum to `n_patients`.
    """
    return rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_bootstrap)


def jackknife_draws(n_patients):
    """Each patient left out once.

    Returns
    -------
    ndarray of int of shape (n_patients, n_patients)
    """
    return 1 - np.eye(n_patients, dtype=int)


def in_chunks(draws, n_samples):
    """Draws a few at a time, so that weights of every sample stay small in memory."""
    at_once = max(1, VALUES_AT_ONCE // max(1, n_samples))
    for start in range(0, len(draws), at_once):
        yield draws[start : start + at_once]


def ratio(part, whole):
    """Divide; nan where there is nothing to divide by."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
