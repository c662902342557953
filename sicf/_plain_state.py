"""Attributes that are of no plain kind, as text and columns where an estimator is stored."""

from enum import Enum
from pathlib import Path, PurePath

FORMS = "_forms"


class PlainState:
    """Mixin of estimators that may hold a path, a data frame or a member of torchvision's weights.

    What stores an estimator by its attributes, such as skops, knows no such things. They are text
    or columns there, and what they were in the estimator that comes back, from a pickle too.
    """

    def __getstate__(self):
        state = dict(super().__getstate__())
        forms = {name: _form(value) for name, value in state.items() if _form(value)}
        for name, form in forms.items():
            state[name] = _TO_PLAIN[form](state[name])
        return state | ({FORMS: forms} if forms else {})

    def __setstate__(self, state):
        state = dict(state)
        for name, form in state.pop(FORMS, {}).items():
            state[name] = _FROM_PLAIN[form](state[name])
        super().__setstate__(state)


def _form(value):
    """The key of how a value is made plain; None where it stays as it is."""
    if isinstance(value, PurePath):
        return "path"
    if isinstance(value, Enum) and type(value).__module__.startswith("torchvision."):
        return "weights"
    # Asked by its name: pandas is slow to load, and may not have been.
    if type(value).__name__ == "DataFrame" and type(value).__module__.split(".")[0] == "pandas":
        return "frame"
    return None


def _columns(frame):
    return {str(name): column.to_numpy() for name, column in frame.items()}


def _frame(columns):
    from pandas import DataFrame

    return DataFrame(columns)


def _member(name):
    from torchvision.models import get_weight

    return get_weight(name)


_TO_PLAIN = {"path": str, "weights": str, "frame": _columns}
_FROM_PLAIN = {"path": Path, "weights": _member, "frame": _frame}
