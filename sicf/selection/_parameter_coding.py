"""Parameter settings as positions in the unit cube."""

from collections.abc import Mapping, Sequence

import numpy as np

# A distribution's quantiles 0 and 1 may be infinite, and a discrete one's quantile 0 lies below its
# support, while clipped members stand exactly there: an edge is one draw in a million.
EDGE = 1e-6


class ParameterCoding:
    """One coordinate for each parameter, and one that chooses the dict where there are several.

    Parameters
    ----------
    param_distributions : dict, or list of dict
        Lists of values and frozen distributions, by the name of the parameter. A name that stands
        in several dicts keeps its coordinate.

    Attributes
    ----------
    n_coordinates : int

    Raises
    ------
    TypeError, ValueError
        A parameter with neither values nor a distribution.
    """

    def __init__(self, param_distributions):
        dicts = param_distributions
        if isinstance(dicts, Mapping):
            dicts = [dicts]
        decoders = [_decoders(choices) for choices in dicts]
        self._choose = _listed("param_distributions", decoders)
        self._chooses = len(decoders) > 1
        names = sorted(set().union(*decoders))
        self._coordinate = {name: i + self._chooses for i, name in enumerate(names)}
        self.n_coordinates = len(names) + self._chooses

    def setting(self, position):
        """Decode a position of shape (n_coordinates,) to a dict of parameters."""
        decoders = self._choose(position[0] if self._chooses else 0.0)
        return {name: decode(position[self._coordinate[name]]) for name, decode in decoders.items()}


def setting_key(setting):
    """Identify a setting by the types and values of its parameters, named in sorted order.

    The type counts, since 1 and 1.0 are different limits of columns. What cannot be hashed is the
    same only as itself.
    """
    return tuple((name, *_value_key(setting[name])) for name in sorted(setting))


def _value_key(value):
    try:
        hash(value)
    except TypeError:
        return type(value), id(value)
    return type(value), value


def _decoders(choices):
    if not isinstance(choices, Mapping):
        raise TypeError(
            f"param_distributions must be a dict or a list of dicts. Got {choices!r} in the list."
        )
    return {name: _decoder(name, choices[name]) for name in sorted(choices)}


def _decoder(name, values):
    """The function from [0, 1] to the values of one parameter."""
    if hasattr(values, "ppf") and hasattr(values, "rvs"):
        return _quantiles(name, values)
    if isinstance(values, Sequence | np.ndarray) and not isinstance(values, str | bytes):
        return _listed(name, list(values))
    raise TypeError(
        "A parameter must have a list of values or a distribution with ppf and rvs. "
        f"{name!r} has {values!r}."
    )


def _listed(name, values):
    if not len(values):
        raise ValueError(f"A list of values must not be empty. That of {name!r} is.")
    return lambda u: values[min(int(u * len(values)), len(values) - 1)]


def _quantiles(name, distribution):
    """`ppf` gives floats, of counts too, so values take the type that drawing gives."""
    try:
        dtype = np.asarray(distribution.rvs(random_state=0)).dtype
    except TypeError as exc:
        raise TypeError(
            f"A distribution must be frozen, with arguments of its own. That of {name!r} "
            f"cannot be drawn from: {exc}"
        ) from exc

    def decode(u):
        value = distribution.ppf(min(max(u, EDGE), 1 - EDGE))
        return np.asarray(value).astype(dtype).item()

    return decode
