"""The Lyrebird search over subsets of columns, as it was published."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sicf.selection._lyrebird import generations


class Found(NamedTuple):
    """What a search has found.

    Parameters
    ----------
    masks : ndarray of bool of shape (k, n_columns)
        Different subsets, the best first.
    scores : ndarray of shape (k,)
        The fitness they were chosen by; nan where nothing was scored.
    search_score : float
        Score of the best inside the search.
    population : ndarray of bool of shape (N, n_columns)
        Subsets of the last generation.
    recipes : list of callable, default=()
        Of each subset, how rankings of the columns make it; none where subsets are fixed.
    """

    masks: np.ndarray
    scores: np.ndarray
    search_score: float
    population: np.ndarray
    recipes: Sequence = ()


def with_size(scores, masks, alpha):
    """Fitness: the score and, for a share of 1 - alpha, how few columns it took."""
    shares = masks.reshape(len(masks), -1).mean(axis=1)
    return alpha * scores + (1 - alpha) * (1 - shares)


def without_size(fitness, masks, alpha):
    """The score in a fitness; nan where that is the size alone."""
    if alpha == 0:
        return np.full(len(masks), np.nan)
    return (fitness - (1 - alpha) * (1 - masks.mean(axis=1))) / alpha


def best_first(values, masks):
    """Order of subsets: by their value, of equal ones the smaller first; nan last, as they come."""
    sizes = np.where(np.isnan(values), 0, masks.sum(axis=1))
    return np.lexsort((sizes, -np.nan_to_num(values, nan=-np.inf)))


def different(order, masks):
    """The order without those subsets that stand in it before."""
    _, first = np.unique(masks[order], axis=0, return_index=True)
    return order[np.sort(first)]


class PublishedSearch:
    """Positions, a threshold or a transfer function, one draw of folds, greedy acceptance.

    Parameters
    ----------
    fitness : MaskFitness
    round_ : Round
    coding : BitCoding
    init : "uniform" or ndarray of bool of shape (N, n_columns)
    population_size, max_iter : int
    alpha : float
        Weight of the score against the size.
    rng : Generator
    """

    def __init__(self, fitness, round_, coding, init, *, population_size, max_iter, alpha, rng):
        self.fitness = fitness
        self.round = round_
        self.coding = coding
        self.init = init
        self.population_size = population_size
        self.max_iter = max_iter
        self.alpha = alpha
        self.rng = rng

    n_evaluations_to_judge = 1

    def judge(self, found, round_):
        """Score the best subset on the reserved patients."""
        return found, self.fitness.judge([found.masks[0]] * len(round_.folds), round_)

    def run(self, log, last=None):
        """Search from the start, or from the generation where a search stood."""
        if last is None:
            start, masks = self._start()
        else:
            start, masks = last.population, last.decoded

        def cost(masks, t):
            scores = self.fitness.score(masks, self.round, partly=t == 0)
            return -with_size(scores, masks, self.alpha)

        def decode(positions, parents):
            return masks if parents is None else self.coding.decode(positions, parents, self.rng)

        search = generations(
            cost,
            start,
            self.coding.lower,
            self.coding.upper,
            max_iter=self.max_iter,
            rng=self.rng,
            decode=decode,
            after=last,
        )
        return self._found(log.follow(search, _best_mask, last))

    def _start(self):
        if isinstance(self.init, str):
            positions = self.coding.draw(self.population_size, self.rng)
            return positions, self.coding.decode(positions, None, self.rng)
        return self.coding.place(self.init, self.rng), self.init

    def _found(self, last):
        """The best member, and then the best of all that was scored, on the same folds as it."""
        chosen = last.decoded[best_first(-last.costs, last.decoded)[0]]
        masks = np.concatenate([[chosen], last.decoded, self.fitness.scored(self.round)])
        scores = np.array([self.fitness.remembered(mask, self.round) for mask in masks])
        values = with_size(scores, masks, self.alpha)
        # Of a generation cut short some were scored, but none accepted: the better ones are left.
        order = [i for i in best_first(values, masks) if i and not values[i] > values[0]]
        order = different(np.array([0, *order]), masks)[: len(last.decoded)]
        return Found(masks[order], values[order], float(scores[0]), last.decoded)


def _best_mask(generation):
    return generation.decoded[best_first(-generation.costs, generation.decoded)[0]]
