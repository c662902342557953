"""What happens between two generations: written down, shown, saved, and whether to go on."""

import warnings

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeResult

from sicf.selection._budget import BudgetSpent

COLUMNS = ("iteration", "best", "mean", "size", "evaluations", "seconds")


class SearchLog:
    """Follow a search from generation to generation.

    Parameters
    ----------
    fitness : MaskFitness
        Its memory is saved with each generation.
    checkpoint : Checkpoint or NoCheckpoint
    rng : Generator
        That of the search; its state is saved as well.
    max_iter : int
    n_iter_no_change : int or None
        Generations in a row without a better best after which the search ends.
    callback : callable or None
    verbose : int

    Attributes
    ----------
    rows : list of dict
        One for each generation: what `history` shows, and whether its best was `improved`.
    """

    def __init__(self, fitness, checkpoint, rng, *, max_iter, n_iter_no_change, callback, verbose):
        self.fitness = fitness
        self.budget = fitness.budget
        self.checkpoint = checkpoint
        self.rng = rng
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.callback = callback
        self.verbose = verbose
        self.rows = []
        self._interrupted = False

    @property
    def history(self):
        """The rows as a frame."""
        return pd.DataFrame(self.rows, columns=COLUMNS)

    @property
    def n_iter(self):
        """Generations after the first."""
        return max(0, len(self.rows) - 1)

    def restore(self, saved):
        """Take over what a checkpoint held; give the generation where its search stood."""
        self.rows = saved["rows"]
        self.rng.bit_generator.state = saved["rng_state"]
        self.fitness.known.update(saved["known"])
        self.budget.go_on_from(self.rows[-1]["evaluations"], self.rows[-1]["seconds"])
        return saved["generation"]

    def follow(self, generations, best_mask, last=None):
        """Run a search to its end, or until somebody or something ends it.

        Parameters
        ----------
        generations : iterator of Generation
        best_mask : callable ``best_mask(generation) -> ndarray of bool``
        last : Generation, default=None
            Where a search stood that goes on.

        Returns
        -------
        Generation
            The last one.
        """
        try:
            if not self._has_settled():
                for generation in self._with_bar(generations):
                    last = generation
                    if self._wants_to_stop(generation, best_mask):
                        break
        except BudgetSpent:
            pass
        except KeyboardInterrupt:
            if last is None:
                raise
            self.interrupt()
        return last

    def interrupt(self, depth=4):
        """While an interruption is handled: warn of the first, and raise the second again.

        Parameters
        ----------
        depth : int
            Calls between this one and the user's, at which the warning points.
        """
        if self._interrupted:
            raise
        self._interrupted = True
        warnings.warn(
            "Interrupted: the best subset so far stands. A second interruption ends the fit.",
            stacklevel=depth + 1,
        )

    def _wants_to_stop(self, generation, best_mask):
        mask = best_mask(generation)
        self.rows.append(self._row(generation, mask))
        if np.isfinite(generation.costs).all():
            self.checkpoint.save(generation, self)
        return self._has_settled() or self._is_told_to_stop(mask)

    def _row(self, generation, mask):
        scored = generation.costs[np.isfinite(generation.costs)]
        return {
            "iteration": generation.t,
            "best": -scored.min() if scored.size else np.nan,
            "mean": -scored.mean() if scored.size else np.nan,
            "size": int(mask.sum()),
            "evaluations": self.budget.evaluations,
            "seconds": self.budget.seconds,
            "improved": generation.improved,
        }

    def _has_settled(self):
        n = self.n_iter_no_change
        if n is None or self.n_iter < n:
            return False
        # Scores of different generations may be of different folds, and so not comparable.
        # A checkpoint of before that was written down counts as improved.
        return not any(row.get("improved", True) for row in self.rows[-n:])

    def _is_told_to_stop(self, mask):
        if self.callback is None:
            return False
        try:
            row = {name: self.rows[-1][name] for name in COLUMNS}
            return bool(self.callback(OptimizeResult(row, support=mask.copy())))
        except StopIteration:
            return True

    def _with_bar(self, generations):
        if not self.verbose:
            return generations
        from tqdm.auto import tqdm

        total, done = self.max_iter + 1, len(self.rows)
        return tqdm(generations, "Lyrebird", total, leave=False, unit="gen", initial=done)
