"""How much a search may cost, and how much it has."""

import time


class BudgetSpent(Exception):
    """The next subset of columns would cost more than is left."""


class Budget:
    """Evaluations and seconds that a search may take.

    Parameters
    ----------
    max_evals : int or None
    max_time : float or None
        Seconds.
    kept_back : int
        Evaluations that the search has to leave for what comes after it.

    Attributes
    ----------
    evaluations : int
        Made so far.
    """

    def __init__(self, max_evals=None, max_time=None, kept_back=0):
        self.max_evals = max_evals
        self.max_time = max_time
        self.kept_back = kept_back
        self.evaluations = 0
        self._start = time.perf_counter()
        self._n_timed = 0
        self._seconds_before = 0.0

    def go_on_from(self, evaluations, seconds):
        """Take over what was spent before an interruption; `max_time` counts from now."""
        self.evaluations = evaluations
        self._seconds_before = seconds

    @property
    def seconds(self):
        """Time since the start, interruptions left out."""
        return self._seconds_before + time.perf_counter() - self._start

    def affords(self, n_evaluations):
        """How many of so many evaluations there is room for."""
        if self.max_evals is None:
            return n_evaluations
        return min(n_evaluations, max(0, self.max_evals - self.kept_back - self.evaluations))

    def spend(self, n_evaluations):
        """Count evaluations that were made."""
        self.evaluations += n_evaluations
        self._n_timed += n_evaluations

    def out_of_time(self):
        """Whether what comes after the search would come too late, if it began now."""
        if self.max_time is None:
            return False
        elapsed = time.perf_counter() - self._start
        each = elapsed / self._n_timed if self._n_timed else 0.0
        return elapsed + self.kept_back * each >= self.max_time
