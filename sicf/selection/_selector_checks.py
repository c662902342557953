"""What a LyrebirdSelector is given: an error before any work."""

import numbers

from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    column_or_1d,
    has_fit_parameter,
)

from sicf._number_checks import check_number, check_whole_number
from sicf._one_for_each import one_for_each
from sicf.selection._fold_score import ENGINES
from sicf.selection._mask_coding import TRANSFERS

MODES = ("robust", "paper")
WORDS = {"mode": MODES, "transfer": TRANSFERS, "engine": ENGINES}
LEAST = {"population_size": 1, "max_iter": 0, "min_features": 1}
LEAST_OR_NONE = {"max_features": 1, "max_evals": 3, "n_iter_no_change": 1}


def check_parameters(selector, n_columns):
    """Raise where a parameter is of the wrong kind or out of its range.

    Parameters
    ----------
    selector : LyrebirdSelector
    n_columns : int
    """
    for name, known in WORDS.items():
        value = getattr(selector, name)
        if value not in known:
            raise ValueError(f"{name} must be one of {known}. Got {value!r} instead.")
    for name, least in LEAST.items():
        check_whole_number(name, getattr(selector, name), least)
    for name, least in LEAST_OR_NONE.items():
        if getattr(selector, name) is not None:
            check_whole_number(name, getattr(selector, name), least)
    if selector.max_time is not None:
        check_number("max_time", selector.max_time, above=0)
    _check_range("alpha", selector.alpha, 0, 1)
    if selector.reserve is not None:
        _check_range("reserve", selector.reserve, 0, 0.5)
    if selector.callback is not None and not callable(selector.callback):
        raise TypeError(f"callback must be callable. Got {selector.callback!r} instead.")
    _check_sizes(selector, n_columns)
    _check_out_of_bag(selector)


def check_metadata(X, groups, fit_params, estimator, cv):
    """Check what comes beside X and y; give groups and weights as arrays, or None.

    Parameters
    ----------
    X : ndarray of shape (n, p)
    groups : array-like of shape (n,) or None
    fit_params : dict
        `sample_weight` at most.
    estimator : estimator
    cv : int, splitter, "oob" or None
    """
    unknown = sorted(set(fit_params) - {"sample_weight"})
    if unknown:
        raise TypeError(f"fit takes groups and sample_weight. Got {unknown} instead.")
    if groups is not None:
        if isinstance(cv, str):
            raise ValueError("cv='oob' knows no groups, whose rows would be drawn and tested both.")
        groups = one_for_each(groups, "groups")
        check_consistent_length(X, groups)
    sample_weight = fit_params.get("sample_weight")
    if sample_weight is None:
        return groups, None
    if not has_fit_parameter(estimator, "sample_weight"):
        name = type(estimator).__name__
        raise TypeError(
            f"sample_weight needs an estimator that takes it. {name} does not; where metadata "
            "routing hands it on, selector.set_fit_request(sample_weight=False) does without."
        )
    sample_weight = column_or_1d(check_array(sample_weight, ensure_2d=False), dtype=float)
    check_consistent_length(X, sample_weight)
    return groups, sample_weight


def _check_range(name, value, lowest, highest):
    check_number(name, value)
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must lie in {lowest} to {highest}. Got {value!r} instead.")


def _check_sizes(selector, n_columns):
    lowest = selector.min_features
    highest = n_columns if selector.max_features is None else selector.max_features
    if not lowest <= highest <= n_columns:
        raise ValueError(
            "min_features must not exceed max_features, nor that the number of columns. "
            f"Got min_features={lowest}, max_features={highest}, {n_columns} column(s)."
        )


def _check_out_of_bag(selector):
    if isinstance(selector.cv, str) and selector.cv != "oob":
        raise ValueError(
            f"cv must be a number of folds, a splitter or 'oob'. Got {selector.cv!r} instead."
        )
    if isinstance(selector.cv, numbers.Integral) and selector.cv < 2:
        raise ValueError(f"cv must be at least 2 folds. Got {selector.cv} instead.")
