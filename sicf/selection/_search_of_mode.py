"""The search that a selector's parameters name."""

import numpy as np

from sicf.selection._column_rankings import FILTERS, ColumnRankings, ranking_forest
from sicf.selection._first_subsets import check_init
from sicf.selection._mask_coding import BitCoding, BlendCoding
from sicf.selection._mask_search import PublishedSearch
from sicf.selection._robust_search import RobustSearch

ROBUST_DENSITIES = (0.005, 0.5)
FEW_COLUMNS = 10


def search_of_mode(selector, fitness, plan, rng, *, limits, classifier):
    """Build the search.

    Parameters
    ----------
    selector : LyrebirdSelector
        With parameters that have been checked.
    fitness : MaskFitness
    plan : SearchPlan
    rng : Generator
    limits : tuple of int
        Number of columns, and the smallest and the largest subset.
    classifier : bool

    Returns
    -------
    PublishedSearch or RobustSearch
    """
    init = check_init(selector.init, *limits)
    options = {
        "init": init,
        "population_size": selector.population_size,
        "max_iter": selector.max_iter,
        "alpha": selector.alpha,
        "rng": rng,
    }
    bits = BitCoding(selector.transfer, *limits)
    if selector.mode == "paper":
        return PublishedSearch(fitness, plan.rounds(0), bits, **options)
    score_fold = fitness.score_fold
    forest = ranking_forest(selector.engine, score_fold, classifier)
    return RobustSearch(
        fitness,
        plan.rounds,
        ColumnRankings(score_fold.X, score_fold.y, classifier, forest, selector.n_jobs),
        _blend(init, *limits),
        None if selector.transfer == "threshold" else bits,
        allows_all_columns=limits[0] == limits[2],
        **options,
    )


def _blend(init, n_columns, lowest, highest):
    """Sizes reach from half a per cent to half of the columns, or as far as the given masks.

    Of so few columns that nothing has to be narrowed down, all sizes are within reach.
    """
    sizes = [max(1, round(share * n_columns)) for share in ROBUST_DENSITIES]
    sizes[1] = max(sizes[1], min(n_columns, FEW_COLUMNS))
    if not isinstance(init, str):
        own = init.sum(axis=1).tolist()
        sizes = [min(sizes[0], *own), max(sizes[1], *own)]
    smallest, largest = np.clip(sizes, lowest, highest).tolist()
    follows_filters = isinstance(init, str) and init == "mixed"
    return BlendCoding(n_columns, smallest, largest, len(FILTERS) if follows_filters else 0)
