"""Attributes in place of methods: a file names data, and what an object does is its class's."""

from functools import cached_property
from inspect import getattr_static

from sicf.persistence._persistence_error import PersistenceError


def check_methods(part):
    """Refuse an object that has an attribute under the name of one of its methods.

    Python would take the attribute, such as another trusted function or class, and whatever was
    checked of the object would be of no use.

    Parameters
    ----------
    part : object
    """
    for name in getattr(part, "__dict__", ()):
        of_class = getattr_static(type(part), name, None)
        goes_behind = hasattr(type(of_class), "__get__") and not hasattr(type(of_class), "__set__")
        if goes_behind and not isinstance(of_class, cached_property):
            raise PersistenceError(
                f"An attribute must not stand for a method. {type(part).__name__} has {name!r}."
            )
