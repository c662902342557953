"""Parameters that are numbers: an error that names them, before other code stumbles on them."""

import numbers


def check_whole_number(name, value, least=1):
    """Raise where a parameter is no integer, or below `least`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number. Got {value!r} instead.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}. Got {value} instead.")


def check_number(name, value, above=None):
    """Raise where a parameter is no real number, or not above a limit."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number. Got {value!r} instead.")
    if above is not None and not value > above:
        raise ValueError(f"{name} must be above {above}. Got {value} instead.")
