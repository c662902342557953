"""Labels shuffled between patients: what a pipeline scores when there is nothing to find."""

import numpy as np
from sklearn.utils import check_consistent_length, check_random_state


def permute_by_group(y, groups, *, random_state=None):
    """Shuffle labels between groups, so that all samples of a group still share one label.

    Shuffled sample by sample, labels would differ within a patient, which no classifier can use;
    the control would be too easy to pass.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        One label in each group.
    groups : array-like of shape (n_samples,)
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        A group has several labels.

    Examples
    --------
    >>> from sicf.evaluation import permute_by_group
    >>> permute_by_group(["a", "a", "b", "c"], [7, 7, 8, 9], random_state=0).tolist()
    ['c', 'c', 'b', 'a']
    """
    check_consistent_length(y, groups)
    y = np.asarray(y)
    names, first, number = np.unique(groups, return_index=True, return_inverse=True)
    mixed = np.flatnonzero(y != y[first][number])
    if mixed.size:
        raise ValueError(
            f"Every group must have one label. Group {names[number[mixed[0]]]} has several."
        )
    return check_random_state(random_state).permutation(y[first])[number]
