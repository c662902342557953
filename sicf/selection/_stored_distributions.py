"""Frozen distributions as their names and arguments, where a search over them is stored."""

from collections.abc import Mapping

from scipy import stats

NAME = "scipy.stats"


def named(param_distributions):
    """Turn the distributions into dicts of a name and arguments.

    Parameters
    ----------
    param_distributions : dict, or list of dict

    Returns
    -------
    dict, or list of dict
        With all else as it is, a distribution that is not one of `scipy.stats` included.
    """
    return _mapped(_named, param_distributions)


def frozen(param_distributions):
    """Turn such dicts into distributions again.

    Parameters
    ----------
    param_distributions : dict, or list of dict

    Returns
    -------
    dict, or list of dict
    """
    return _mapped(_frozen, param_distributions)


def _mapped(function, dicts):
    if isinstance(dicts, Mapping):
        return {name: function(values) for name, values in dicts.items()}
    if isinstance(dicts, list | tuple):
        return [_mapped(function, choices) for choices in dicts]
    return dicts


def _named(values):
    distribution = getattr(values, "dist", None)
    name = getattr(distribution, "name", None)
    if name is None or type(getattr(stats, name, None)) is not type(distribution):
        return values
    return {NAME: name, "args": values.args, "kwds": values.kwds}


def _frozen(values):
    if not isinstance(values, Mapping) or NAME not in values:
        return values
    distribution = getattr(stats, values[NAME], None)
    if not isinstance(distribution, stats.rv_continuous | stats.rv_discrete):
        raise ValueError(f"scipy.stats must have the distribution. Got {values[NAME]!r} instead.")
    return distribution(*values["args"], **values["kwds"])
