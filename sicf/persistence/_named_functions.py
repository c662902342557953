"""Functions that a file names by text, "package.module:function": imported and called later."""

import numpy as np

from sicf.persistence._object_walk import walk
from sicf.persistence._persistence_error import PersistenceError

# The one parameter whose text is imported; a search names it as "step__model".
PARAMETER = "model"


def check_named_functions(estimator, trusted):
    """Refuse a network whose function, named by text, nobody has trusted.

    It would be imported and called at the first image. What holds the text does not count, so that
    no class can be forgotten: an attribute of whatever object, or values that a search would try.

    Parameters
    ----------
    estimator : estimator
    trusted : collection of str

    Raises
    ------
    PersistenceError
    """
    for name in named_functions(estimator):
        if name.replace(":", ".") not in trusted:
            raise PersistenceError(
                "A network's function must be trusted: it is imported and called. If you know "
                f"{name!r}, pass trusted=[{name!r}]."
            )


def named_functions(estimator):
    """Find the functions that an estimator names by text.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    list of str
        As "package.module:function".
    """
    return [
        text
        for part in walk(estimator)
        for key, value in _named_values(part)
        if isinstance(key, str) and key.rpartition("__")[2] == PARAMETER
        for text in _texts(value)
        if ":" in text
    ]


def _named_values(part):
    attributes = part if isinstance(part, dict) else getattr(part, "__dict__", {})
    return attributes.items()


def _texts(value):
    """The text that a value is, or that containers hold; objects in it are walked by themselves."""
    waiting, texts = [value], []
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, np.ndarray):
            # Without a mask, which hides what is there all the same.
            waiting.extend(np.asarray(item).ravel().tolist())
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple | set):
            waiting.extend(item)
    return texts
