"""The source of a user's function that builds a network, as part of a cache's key."""

from sicf.features._cache_code import code_of
from sicf.features._network import find_factory


def code_of_model(model):
    """Source of a function that is given by its name; torchvision's go by the version.

    Parameters
    ----------
    model : str or callable

    Returns
    -------
    str or None
    """
    named = isinstance(model, str) and ":" in model
    return code_of(find_factory(model)) if named else None
