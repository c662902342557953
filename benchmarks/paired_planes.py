"""BgNet's rows of `paper_tables`: patients, not slices, are classified, by pairs of their slices.

Neither data set says which plane a slice shows (the phantoms' are all axial), so a patient's slices
go in turn to the two planes. Patients stand in the folds in which their slices stand for the other
rows, and every slice then gets what its patient was given, so that rows can be compared.
"""

import numpy as np

from sicf import (
    PairedPlaneBagger,
    QuadrantROI,
    evaluate,
    evaluation_from_scores,
    make_bgnet,
    make_thumbnail_forest,
)

# A network of some 120,000 weights, and what it takes to train it in a minute.
SMALL = {
    "network": {
        "width": 8,
        "blocks": (1, 1),
        "dim": 24,
        "depths": (1, 2),
        "heads": (3, 6),
        "hidden": 32,
    },
    "input_size": 112,
    "epochs": 10,
    "n_visits": 4,
}
QUICK = {"learning_rate": 0.02, "warm_up": 20, "batch_size": 32}


def evaluate_pairs(data, fold, *, fast, region, threads, seed):
    """Evaluate BgNet, and its pairs with a forest, in given folds.

    Parameters
    ----------
    data : Bunch
    fold : ndarray of int of shape (n_slices,)
        The test fold of each slice; a patient's slices are in one.
    fast : bool
        Whether the network is made small.
    region : {"quadrant", None}
    threads, seed : int

    Returns
    -------
    Evaluation
        Of the slices.
    """
    patients, place = np.unique(data.groups, return_inverse=True)
    first = np.unique(place, return_index=True)[1]
    images = data.images if region is None else QuadrantROI().fit_transform(data.images)
    X = [as_planes(images, np.flatnonzero(place == number)) for number in range(len(patients))]
    target, fold = np.asarray(data.target)[first], fold[first]
    splits = [
        (np.flatnonzero(fold != number), np.flatnonzero(fold == number))
        for number in np.unique(fold)
    ]
    result = evaluate(
        models(fast, threads, seed),
        X,
        target,
        outer=splits,
        check_duplicates=False,  # the slices were looked at for the other rows
        random_state=seed,
        verbose=1,
    )
    return evaluation_from_scores(
        data.target,
        {name: scores[0][place] for name, scores in result.scores.items()},
        predicted={
            name: result.classes[numbers[0][place]] for name, numbers in result.predicted.items()
        },
        groups=data.groups,
        random_state=seed,
    )


def models(fast, threads, seed):
    bgnet = make_bgnet(**(SMALL if fast else {}), random_state=seed)
    bgnet.set_params(estimator__training__n_threads=threads)
    if fast:
        bgnet.estimator.training.set_params(**QUICK)
    forest = make_thumbnail_forest(n_jobs=threads, random_state=seed)
    return {
        "BgNet": bgnet,
        "BgNet's pairs, thumbnail forest": PairedPlaneBagger(forest, random_state=seed),
    }


def as_planes(images, rows):
    """One patient's slices, in turn for one plane and the other; a single slice is in both."""
    return {
        "axial": [images[row] for row in rows[::2]],
        "sagittal": [images[row] for row in (rows[1::2] if len(rows) > 1 else rows)],
    }
