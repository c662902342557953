"""Every object inside an estimator, whatever holds it."""

import numpy as np


def walk(thing):
    """Go through an object and what its attributes, containers and arrays of objects hold.

    Parameters
    ----------
    thing : object

    Yields
    ------
    object
        Each once; no plain numbers and no text.
    """
    waiting, seen = [thing], {}
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, str | bytes | int | float | type(None) | type):
            continue
        # The object is kept too: while it lives, no other has its id.
        seen[id(part)] = part
        yield part
        waiting.extend(_inside(part))


def _inside(part):
    if isinstance(part, np.ndarray):
        return part.ravel().tolist() if part.dtype == object else ()
    if isinstance(part, dict):
        return part.values()
    if isinstance(part, list | tuple | set):
        return part
    return getattr(part, "__dict__", {}).values()
