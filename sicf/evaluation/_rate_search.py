"""Which prevalences let four published rates come from one confusion matrix of any size.

In shares of all cases, with the prevalence p, the true positives t and the true negatives u, each
figure lies within an interval just where linear inequalities in (p, t, u) hold: for sensitivity
``low * p <= t <= high * p``, for F1 ``low * (t + 1 - u) <= 2 * t`` and so on. So the prevalences
are an interval, and two linear programs find its ends.
"""

import numpy as np
from scipy.optimize import linprog

TOLERANCE = 1e-10
# t <= p and u <= 1 - p, whatever is published.
TRUE_AT_MOST_ALL = [np.array((-1, 1, 0, 0)), np.array((1, 0, 1, -1))]


def prevalence_range(figures, distance, prevalence=None):
    """Lowest and highest prevalence at which every figure is as near as `distance`.

    Parameters
    ----------
    figures : dict of str to float
        In percent; any of sensitivity, specificity, accuracy and F1.
    distance : float
        In points.
    prevalence : float, default=None
        Where it is known.

    Returns
    -------
    tuple of float or None
        None where there is no such prevalence.
    """
    ends = [_end(sign, figures, distance, prevalence) for sign in (1, -1)]
    return None if None in ends else tuple(ends)


def nearest_distance(figures, prevalence=None):
    """The smallest distance within which some prevalence keeps every figure.

    Parameters
    ----------
    figures : dict of str to float
    prevalence : float, default=None

    Returns
    -------
    float
        In points, to a millionth.
    """
    near, far = 0.0, 100.0
    while far - near > 1e-6:
        middle = (near + far) / 2
        if _end(1, figures, middle, prevalence) is None:
            near = middle
        else:
            far = middle
    return far


def _end(sign, figures, distance, prevalence):
    """The lowest prevalence, or for sign -1 the highest; None where there is none."""
    held = [row for name, value in figures.items() for row in _rows(name, value, distance)]
    rows = np.array([*TRUE_AT_MOST_ALL, *held])
    found = linprog(
        [sign, 0, 0],
        A_ub=rows[:, :3],
        b_ub=-rows[:, 3],
        bounds=[(0, 1) if prevalence is None else (prevalence, prevalence), (0, 1), (0, 1)],
        options={"primal_feasibility_tolerance": TOLERANCE},
    )
    return float(found.x[0]) if found.status == 0 else None


def _rows(name, value, distance):
    """Inequalities ``a p + b t + c u + d <= 0`` that hold a figure within its interval."""
    low, high = max(0, value - distance) / 100, min(100, value + distance) / 100
    above, below = _figure(name, low), _figure(name, high)
    return [-above, below]


def _figure(name, level):
    """Coefficients of (p, t, u, 1) in a sum that is positive where the figure is above a level."""
    return np.array(
        {
            "sensitivity": (-level, 1, 0, 0),
            "specificity": (level, 0, 1, -level),
            "accuracy": (0, 1, 1, -level),
            "F1": (0, 2 - level, level, -level),
        }[name]
    )
