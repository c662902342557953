"""The Lyrebird search over subsets of columns, in its two modes."""

import time
from dataclasses import dataclass, field

import numpy as np

from sicf.selection._lyrebird import generations

GENERATIONS_PER_ROUND = 2
N_FINALISTS = 4
FINAL_ROUNDS = 2


def rounds_needed(mode, max_iter):
    """How many draws of folds a search takes."""
    return 1 if mode == "paper" else max_iter // GENERATIONS_PER_ROUND + 1 + FINAL_ROUNDS


@dataclass
class MaskSearch:
    """A search in which one fitness scores the subsets that one coding decodes.

    Parameters
    ----------
    fitness : MaskFitness
    coding : ThresholdCoding or RankedCoding
    rounds : list
        Draws of folds, as many as `rounds_needed` says.
    population_size, max_iter : int
    alpha : float
        Weight of the score against the size.
    rng : RandomState
    verbose : int
        Above 0, a progress bar.

    Attributes
    ----------
    history : dict of list
        One entry for each generation.
    """

    fitness: object
    coding: object
    rounds: list
    population_size: int
    max_iter: int
    alpha: float
    rng: object
    verbose: int = 0
    history: dict = field(default_factory=dict)

    def as_published(self):
        """Search under the same folds and seed throughout; return the best subset and its score."""
        seed = self._draw_seed()

        def cost(positions, t):
            return -self._values(self.coding.masks(positions), self.rounds, seed)

        last = self._run(cost)
        mask = self.coding.masks(last.population)[last.best]
        return mask, float(self.fitness.score(mask[np.newaxis], self.rounds, seed)[0])

    def robustly(self):
        """Search under folds and seeds drawn anew, then score the finalists on unused ones."""
        rounds, final_rounds = self.rounds[:-FINAL_ROUNDS], self.rounds[-FINAL_ROUNDS:]
        seeds = [self._draw_seed() for _ in range(len(rounds) + 1)]

        def cost(positions, t):
            number = t // GENERATIONS_PER_ROUND
            return -self._values(self.coding.masks(positions), [rounds[number]], seeds[number])

        last = self._run(cost, rescore=lambda t: t % GENERATIONS_PER_ROUND == 0, shrinkage=False)
        finalists = self._finalists(last)
        scores = self.fitness.score(finalists, final_rounds, seeds[-1])
        # Of equal values the smaller subset.
        best = np.lexsort((finalists.sum(axis=1), -self._with_size(scores, finalists)))[0]
        return finalists[best], float(scores[best])

    def _run(self, cost, **options):
        """Run all generations, writing the history, and return the last."""
        start_time = time.perf_counter()
        generator = np.random.default_rng(self._draw_seed())
        start = self.coding.draw(self.population_size, generator)
        lower, upper = np.zeros(start.shape[1]), np.ones(start.shape[1])
        search = generations(
            cost, start, lower, upper, max_iter=self.max_iter, rng=generator, **options
        )
        for generation in self._progress(search):
            self._record(generation, time.perf_counter() - start_time)
        return generation

    def _record(self, generation, seconds):
        best = generation.population[[generation.best]]
        row = {
            "iteration": generation.t,
            "best": float(-generation.costs.min()),
            "mean": float(-generation.costs.mean()),
            "size": int(self.coding.masks(best).sum()),
            "evaluations": self.fitness.n_evaluations,
            "seconds": seconds,
        }
        for key, value in row.items():
            self.history.setdefault(key, []).append(value)

    def _values(self, masks, rounds, seed):
        return self._with_size(self.fitness.score(masks, rounds, seed), masks)

    def _with_size(self, scores, masks):
        return self.alpha * scores + (1 - self.alpha) * (1 - masks.mean(axis=1))

    def _finalists(self, last):
        """The best different subsets of the last generation, and all columns if allowed."""
        masks = self.coding.masks(last.population)
        order = np.lexsort((masks.sum(axis=1), last.costs))
        different = {masks[member].tobytes(): masks[member] for member in order}
        finalists = list(different.values())[:N_FINALISTS]
        everything = np.ones(masks.shape[1], dtype=bool)
        if self.coding.allows_all_columns and everything.tobytes() not in different:
            finalists.append(everything)
        return np.array(finalists)

    def _progress(self, search):
        if not self.verbose:
            return search
        from tqdm.auto import tqdm

        return tqdm(search, total=self.max_iter + 1, desc="Lyrebird", unit="gen", leave=False)

    def _draw_seed(self):
        return int(self.rng.randint(np.iinfo(np.int32).max))
