"""The Lyrebird search over subsets of columns where the score is mostly luck."""

from functools import partial

import numpy as np

from sicf.selection._budget import BudgetSpent
from sicf.selection._first_subsets import mixed_weights, rankings_of, spread_sizes
from sicf.selection._lyrebird import generations
from sicf.selection._mask_coding import highest
from sicf.selection._mask_search import (
    Found,
    best_first,
    different,
    with_size,
    without_size,
)

GENERATIONS_PER_ROUND = 2
N_FINALISTS = 4
N_SIMPLE_SIZES = 8
# In the first final round are all finalists, in the others the best of it.
N_FINAL_ROUNDS = 4
N_LAST = 5
START_DENSITIES = (0.01, 0.5)


class RobustSearch:
    """Folds drawn anew, rankings learnt inside them, finals on folds that were not used.

    Parameters
    ----------
    fitness : MaskFitness
    rounds : Rounds
    ranker : ColumnRankings
    blend : BlendCoding
        Codes the start and, without `bits`, everything after it.
    bits : BitCoding or None
        Codes by a transfer function instead.
    init : {"mixed", "uniform"} or ndarray of bool of shape (N, n_columns)
    population_size, max_iter : int
    alpha : float
        Weight of the score against the size.
    allows_all_columns : bool
    rng : Generator
    """

    def __init__(
        self,
        fitness,
        rounds,
        ranker,
        blend,
        bits,
        init,
        *,
        population_size,
        max_iter,
        alpha,
        allows_all_columns,
        rng,
    ):
        self.fitness = fitness
        self.rounds = rounds
        self.ranker = ranker
        self.blend = blend
        self.bits = bits
        self.init = init
        self.population_size = population_size
        self.max_iter = max_iter
        self.alpha = alpha
        self.allows_all_columns = allows_all_columns
        self.rng = rng
        self._rankings = {}
        self._ranked = []

    @property
    def n_evaluations_to_judge(self):
        """What the reserve costs: the fits on it and, where they count, the rankings."""
        return 1 + bool(self._needed([None]))

    def judge(self, found, round_):
        """Rank the columns by everybody, and score the best subset on the reserved patients.

        Each fold of the round has a subset of its own, by a ranking that has not seen whom it
        tests; the mean of these rankings, which has seen everybody, makes the subsets that stay.
        """
        if not found.recipes:
            return found, self.fitness.judge([found.masks[0]] * len(round_.folds), round_)
        rankings = self.ranker.in_folds(round_)
        self.fitness.budget.spend(1)
        score = self.fitness.judge([found.recipes[0](ranking) for ranking in rankings], round_)
        masks = np.array([recipe(np.mean(rankings, axis=0)) for recipe in found.recipes])
        kept = different(np.arange(len(masks)), masks)
        return found._replace(masks=masks[kept], scores=found.scores[kept]), score

    def run(self, log, last=None):
        """Search from the start, or from the generation where a search stood."""
        n_kept_back = self._keep_back_for_finals()
        if last is None:
            start, masks = self._start()
        else:
            start, masks = None, None
            self._rank_again(last.t)
        coding = self.bits or self.blend

        def decode(positions, parents):
            if self.bits is None:
                return positions
            return masks if parents is None else self.bits.decode(positions, parents, self.rng)

        search = generations(
            self._cost,
            start,
            coding.lower,
            coding.upper,
            max_iter=self.max_iter,
            rng=self.rng,
            shrinkage=False,
            rescore=lambda t: t % GENERATIONS_PER_ROUND == 0,
            decode=decode,
            after=last,
        )
        last = log.follow(search, self._best_mask, last)
        self.fitness.budget.kept_back -= n_kept_back
        has_finals = n_kept_back and not self.fitness.budget.out_of_time()
        values, finalists = self._finals(last, log) if has_finals else ((), ())
        return self._chosen(values, finalists, last, log) if len(values) else self._found(last)

    def _cost(self, decoded, t):
        round_ = self.rounds(t // GENERATIONS_PER_ROUND)
        try:
            masks = self._masks(decoded, round_)
        except BudgetSpent:
            if t:
                raise
            return np.full(len(decoded), np.nan)
        return -with_size(self.fitness.score(masks, round_, partly=t == 0), masks, self.alpha)

    def _keep_back_for_finals(self):
        """Leave the search no evaluation that the finals need, unless they would need most."""
        n_finalists = N_FINALISTS + 2 * N_SIMPLE_SIZES + self.allows_all_columns
        cost = n_finalists + N_LAST * (N_FINAL_ROUNDS - 1) + N_FINAL_ROUNDS + 1
        budget = self.fitness.budget
        if budget.max_evals is not None and budget.max_evals < 2 * cost:
            return 0
        budget.kept_back += cost
        return cost

    def _start(self):
        """Positions and, for bits, masks of the first generation."""
        n, blend = self.population_size, self.blend
        if isinstance(self.init, str):
            limits = blend.min_features, blend.max_features
            ends = np.clip(np.multiply(START_DENSITIES, blend.n_columns), *limits)
            sizes = spread_sizes(n, *ends, self.rng)
            weights = mixed_weights(n, blend.n_rankings, self.rng)
            own = self.rng.random((n, blend.n_columns))
        else:
            sizes, own = self.init.sum(axis=1), rankings_of(self.init, self.rng)
            weights = np.ones((len(own), 1))
        positions = blend.place(weights, sizes, own)
        if self.bits is None:
            return positions, None
        masks = self._blended(positions)
        return self.bits.place(masks, self.rng), masks

    def _masks(self, decoded, round_):
        """Subsets in each fold of a round: those of bits are the same in all."""
        if self.bits is not None:
            return decoded
        rankings = self._rankings_in(round_) if self.blend.n_rankings else [()] * len(round_.folds)
        return np.stack([self.blend.masks(decoded, ranking) for ranking in rankings], axis=1)

    def _rankings_in(self, round_):
        """Rankings by the training rows of each fold; a forest each, in all an evaluation."""
        if round_.seed not in self._rankings:
            if not self.fitness.budget.affords(1):
                raise BudgetSpent
            self._rank(round_, self.fitness.budget)
            self.fitness.budget.spend(1)
        return self._rankings[round_.seed]

    def _rank(self, round_, budget=None):
        self._rankings = {round_.seed: self.ranker.in_folds(round_, budget)}
        self._ranked.append(np.mean(self._rankings[round_.seed], axis=0))

    def _rank_again(self, t):
        """Make good, in a search that goes on, what is not written down."""
        if self.blend.n_rankings:
            n_ranked = 1 if self.bits is not None else t // GENERATIONS_PER_ROUND + 1
            for number in range(n_ranked):
                self._rank(self.rounds(number))

    @property
    def _whole(self):
        """Rankings by all rows that are searched: the mean over all folds so far."""
        if not self._ranked:
            self._rank(self.rounds(0))
            self.fitness.budget.spend(1)
        return np.mean(self._ranked, axis=0)

    def _decoded_masks(self, decoded):
        """Subsets by all rows that are searched."""
        if self.bits is not None:
            return decoded
        return self._blended(decoded)

    def _blended(self, positions):
        # What nothing needs is not ranked: a search that goes on would not know of it.
        return self.blend.masks(positions, self._whole if self.blend.n_rankings else ())

    def _best_mask(self, generation):
        masks = self._decoded_masks(generation.decoded)
        return masks[best_first(-generation.costs, masks)[0]]

    def _found(self, last):
        """The last generation, best first."""
        population = self._decoded_masks(last.decoded)
        order = different(best_first(-last.costs, population), population)
        masks, values = (
            population[order],
            np.where(np.isinf(last.costs), np.nan, -last.costs)[order],
        )
        search_score = float(without_size(values, masks, self.alpha)[0])
        recipes = [partial(self._member, last.decoded[i]) for i in order]
        return Found(masks, values, search_score, population, self._needed(recipes))

    def _finals(self, last, log):
        """Score the best and the simple subsets on folds that the search has not used.

        Returns
        -------
        values : ndarray of shape (n_rounds, k)
            Of the rounds that were finished. A round cut short has scored the largest subsets
            alone, and would choose among them.
        finalists : list of callable
        """
        values, still_in, finalists = [], (), []
        try:
            finalists = self._finalists(last)
            still_in = np.arange(len(finalists))
            for number in range(N_FINAL_ROUNDS):
                of_round = self._final_values(finalists, still_in, self.rounds(number, final=True))
                if np.isnan(of_round).any():
                    break
                if number == 0:
                    masks = np.array([finalist(self._whole) for finalist in finalists])
                    still_in = best_first(of_round, masks)[:N_LAST]
                    of_round = of_round[still_in]
                values.append(of_round)
        except BudgetSpent:
            pass
        except KeyboardInterrupt:
            log.interrupt()
        return np.array(values), [finalists[i] for i in still_in]

    def _chosen(self, values, finalists, last, log):
        masks = np.array([finalist(self._whole) for finalist in finalists])
        order = different(_smallest_of_the_best_first(values, masks), masks)
        masks, means = masks[order], values.mean(axis=0)[order]
        try:
            round_ = self.rounds(len(values) - 1, final=True)
            search_score = self.fitness.score(masks[:1], round_, partly=True)[0]
        except KeyboardInterrupt:
            log.interrupt()
            search_score = np.nan
        if np.isnan(search_score):  # no time was left
            search_score = without_size(means, masks, self.alpha)[0]
        recipes = self._needed([finalists[i] for i in order])
        population = self._decoded_masks(last.decoded)
        return Found(masks, means, float(search_score), population, recipes)

    def _needed(self, recipes):
        """Recipes, where what they make depends on rankings."""
        return recipes if self.blend.n_rankings and self.bits is None else ()

    def _final_values(self, finalists, still_in, round_):
        rankings = self._rankings_in(round_)
        masks = np.array([[finalists[i](ranking) for ranking in rankings] for i in still_in])
        return with_size(self.fitness.score(masks, round_, partly=True), masks, self.alpha)

    def _finalists(self, last):
        """Functions from rankings to a mask: the best of the search, and the simple ones."""
        order = best_first(-last.costs, self._decoded_masks(last.decoded))[:N_FINALISTS]
        members = [partial(self._member, last.decoded[i]) for i in order]
        sizes = np.unique(self.blend.sizes_at(np.linspace(0, 1, N_SIMPLE_SIZES)))
        simple = [partial(_top, which, k) for which in range(2) for k in sizes]
        everything = [_all_columns] if self.allows_all_columns else []
        return members + simple + everything

    def _member(self, decoded, rankings):
        if self.bits is not None:
            return decoded
        return self.blend.masks(decoded[np.newaxis], rankings)[0]


def _smallest_of_the_best_first(values, masks):
    """Order of finalists: first the smallest that is as good as the best, then by value.

    As good is whoever is within a standard error, over the rounds, of the best: the rule of
    Breiman et al., Classification and Regression Trees, 1984, section 3.4.3.

    Parameters
    ----------
    values : ndarray of shape (n_rounds, n)
    masks : ndarray of bool of shape (n, n_columns)
    """
    means = values.mean(axis=0)
    order = best_first(means, masks)
    if len(values) == 1:
        return order
    error = np.sqrt(values.var(axis=0, ddof=1).mean() / len(values))
    as_good = np.flatnonzero(means >= means[order[0]] - error - 1e-12)
    first = as_good[np.lexsort((-means[as_good], masks[as_good].sum(axis=1)))[0]]
    return np.concatenate([[first], order[order != first]])


def _top(which, k, rankings):
    return highest(rankings[which], k)


def _all_columns(rankings):
    return np.ones(rankings.shape[1], dtype=bool)
