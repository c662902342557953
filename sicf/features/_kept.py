"""What is costly to make, kept for the life of the process."""

from collections import OrderedDict
from threading import Lock


class Kept:
    """The last few things that were made, by key; each is made once, whichever thread asks first.

    Parameters
    ----------
    at_most : int
        Number of things kept; the one that was not asked for the longest goes first.
    """

    def __init__(self, at_most):
        self.at_most = at_most
        self._things = OrderedDict()
        self._lock = Lock()

    def get(self, key, make):
        """Get what is kept under a key, or make it.

        Parameters
        ----------
        key : hashable
        make : callable
            Takes nothing and returns the thing.

        Returns
        -------
        object
        """
        with self._lock:
            if key not in self._things:
                self._things[key] = make()
                while len(self._things) > self.at_most:
                    self._things.popitem(last=False)
            self._things.move_to_end(key)
            return self._things[key]

    def clear(self):
        """Forget everything."""
        with self._lock:
            self._things.clear()
