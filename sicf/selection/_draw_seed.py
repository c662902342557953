"""The seed of a search, from the random_state of a user."""

import numpy as np
from sklearn.utils import check_random_state

LARGEST = np.iinfo(np.int32).max


def draw_seed(random_state):
    """Draw a seed; for None not from NumPy's global generator, which `check_random_state` takes.

    Parameters
    ----------
    random_state : int, RandomState instance or None

    Returns
    -------
    int
    """
    if random_state is None:
        return int(np.random.default_rng().integers(LARGEST))
    return int(check_random_state(random_state).randint(LARGEST))
