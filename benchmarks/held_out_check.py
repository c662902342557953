"""Whether the compiled classifier of `held_out_methods` is worth as much as scikit-learn's forest.

It stands in for that forest under sklearn-genetic-opt, which would need days otherwise.
"""

import numpy as np
from held_out_methods import SCORING, CompiledClassifier, inner_folds
from selection_sets import load_folds
from sklearn.model_selection import cross_val_score
from systems import forest

N_MASKS = 20


def check_forest(name="wide_noise_unbalanced"):
    """Score 20 masks of half the columns to a fiftieth by both, and by scikit-learn's once more."""
    X, y, groups, *_ = load_folds(name, 0)[0]
    folds = inner_folds(y, groups, 0)
    rng = np.random.default_rng(0)
    scores = []
    for density in np.geomspace(0.5, 0.02, N_MASKS):
        columns = np.flatnonzero(rng.random(X.shape[1]) < density)
        makers = forest(1, 0), forest(1, 1), CompiledClassifier(0)
        scores.append(
            [
                cross_val_score(maker, X[:, columns], y, cv=folds, scoring=SCORING).mean()
                for maker in makers
            ]
        )
    first, second, compiled = np.transpose(scores)
    lines = [
        f"{N_MASKS} masks of {name}, balanced accuracy less that of scikit-learn's forest:",
        f"compiled {summary(compiled, first)}",
        f"scikit-learn, other seed {summary(second, first)}",
    ]
    return "\n".join(lines)


def summary(scores, reference):
    difference = scores - reference
    half = 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
    correlation = np.corrcoef(scores, reference)[0, 1]
    return f"{difference.mean():+.4f} ± {half:.4f}, correlation {correlation:.2f}"
