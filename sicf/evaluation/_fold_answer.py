"""What one fit on one fold came to."""

from typing import NamedTuple

import numpy as np


class FoldAnswer(NamedTuple):
    """Answers of an estimator fitted to one training part, on its test part.

    Parameters
    ----------
    scores : ndarray of shape (n_test, K)
    predicted : ndarray of int of shape (n_test,)
    is_probability : bool
        False where the scores are those of a decision function.
    fit_seconds, score_seconds : float
    peak_memory : int
        Bytes; -1 where unknown.
    chosen : dict
        Parameters chosen inside.
    about : dict
        Plain facts.
    """

    scores: np.ndarray
    predicted: np.ndarray
    is_probability: bool
    fit_seconds: float
    score_seconds: float
    peak_memory: int
    chosen: dict
    about: dict
