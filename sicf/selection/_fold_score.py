"""The score of one subset of columns, by any estimator or by the compiled forest.

On one fold, or out of bag: on the rows that some tree of one forest did not draw.
"""

import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.ensemble import RandomForestClassifier

from sicf.selection._answers import Answers, InTurn

ENGINES = ("auto", "sklearn", "compiled")


def choose_fold_score(engine, estimator, X, y, scorer, sample_weight=None):
    """The compiled forest where it is asked for and can do the work, else any estimator.

    Parameters
    ----------
    engine : {"auto", "sklearn", "compiled"}
        "auto" compiles scikit-learn's random forests, and warns where one has a parameter that it
        cannot compile; with "compiled" that is an error.
    estimator, X, y, scorer, sample_weight
        As :class:`EstimatorScore` takes them.

    Returns
    -------
    EstimatorScore or CompiledForestScore
    """
    work = estimator, X, y, scorer, sample_weight
    is_forest = type(estimator) is RandomForestClassifier
    if engine == "sklearn" or (engine == "auto" and not is_forest):
        return EstimatorScore(*work)
    # numba is slow to load, and needed only from here on.
    from sicf.selection.forest import unsupported

    reason = unsupported(estimator, X) or _unknown_scorer(scorer)
    if reason is None:
        return CompiledForestScore(*work)
    if engine == "compiled":
        raise ValueError(
            "engine='compiled' needs a RandomForestClassifier with parameters, data and a scorer "
            f"that the compiled forest knows. Got {reason}."
        )
    warnings.warn(f"The search uses scikit-learn's forest, because of {reason}.", stacklevel=4)
    return EstimatorScore(*work)


def _unknown_scorer(scorer):
    """A scorer of one's own may ask a forest for more than what it says of the test rows."""
    known = type(scorer).__module__.startswith("sklearn.metrics")
    return None if known else "scoring by a function of one's own"


def check_out_of_bag(estimator, scorer):
    """Raise a ValueError where there can be no out-of-bag score.

    Parameters
    ----------
    estimator : estimator
    scorer : callable ``scorer(estimator, X, y) -> float``
    """
    parameters = estimator.get_params(deep=False)
    bags = "oob_score" in parameters and parameters.get("bootstrap", True)
    if not bags or not is_classifier(estimator):
        raise ValueError(
            "cv='oob' needs a classifier with the parameter oob_score, and bootstrap=True. "
            f"Got {estimator!r} instead."
        )
    reason = _unknown_scorer(scorer)
    if reason:
        raise ValueError(f"cv='oob' needs a scorer of scikit-learn's. Got {reason} instead.")


class EstimatorScore:
    """Fit a seeded clone of any estimator on the training rows, and score the test rows.

    Parameters
    ----------
    estimator : estimator
    X, y : ndarray of shape (n, p), (n,)
    scorer : callable ``scorer(estimator, X, y) -> float``
    sample_weight : ndarray of shape (n,), default=None
        For `fit` alone.
    """

    prefer = None

    def __init__(self, estimator, X, y, scorer, sample_weight=None):
        self.estimator = estimator
        self.X = X
        self.y = y
        self.scorer = scorer
        self.sample_weight = sample_weight

    def __call__(self, columns, train, test, seed):
        fitted = self._fit(columns, train, seed)
        return self.scorer(fitted, self.X[np.ix_(test, columns)], self.y[test])

    def _fit(self, columns, rows, seed):
        weight = {} if self.sample_weight is None else {"sample_weight": self.sample_weight[rows]}
        X = self.X[np.ix_(rows, columns)]
        return seeded(self.estimator, seed).fit(X, self.y[rows], **weight)

    def together(self, columns, folds, seed):
        """One score over the test rows of several folds, each with columns of its own."""
        fitted = [
            self._fit(own, train, seed) for own, (train, _) in zip(columns, folds, strict=True)
        ]
        rows = np.concatenate([test for _, test in folds])
        one = InTurn(fitted, [len(test) for _, test in folds], columns)
        return self.scorer(one, self.X[rows], self.y[rows])

    def out_of_bag(self, columns, rows, seed):
        """Score of the rows that some tree did not draw, by the trees that did not."""
        check_out_of_bag(self.estimator, self.scorer)
        X = self.X[np.ix_(rows, columns)]
        weight = {} if self.sample_weight is None else {"sample_weight": self.sample_weight[rows]}
        forest = seeded(self.estimator, seed).set_params(oob_score=True)
        with warnings.catch_warnings():
            # Rows that every tree drew: `score_seen` leaves them out.
            warnings.filterwarnings("ignore", "Some inputs do not have OOB scores")
            warnings.filterwarnings(
                "ignore",
                "invalid value",
                module=r"sklearn\.ensemble\._bagging",
            )
            forest.fit(X, self.y[rows], **weight)
        if not hasattr(forest, "oob_decision_function_"):
            raise ValueError(
                "cv='oob' needs an estimator that has oob_decision_function_ once fitted. "
                f"{type(forest).__name__} has none."
            )
        probabilities = forest.oob_decision_function_
        seen = probabilities.sum(axis=1) > 0  # 0 or nan where no tree speaks
        return score_seen(self.scorer, forest.classes_, probabilities, seen, self.y[rows])


class CompiledForestScore:
    """The same for a random forest, by `CompiledForest`, which holds no lock while it works.

    Parameters
    ----------
    forest, X, y, sample_weight
        As `CompiledForest` takes them.
    scorer : callable ``scorer(estimator, X, y) -> float``
    """

    prefer = "threads"

    def __init__(self, forest, X, y, scorer, sample_weight=None):
        from sicf.selection.forest import CompiledForest

        self.X = X
        self.y = y
        self.forest = CompiledForest(forest, X, y, sample_weight)
        self.scorer = scorer

    def __call__(self, columns, train, test, seed):
        answers = Answers(*self.forest.probabilities(columns, train, test, seed))
        return answers.scored(self.scorer, self.forest.y[test])

    def together(self, columns, folds, seed):
        """One score over the test rows of several folds, each with columns of its own."""
        said = [
            self.forest.probabilities(own, *fold, seed)
            for own, fold in zip(columns, folds, strict=True)
        ]
        probabilities = np.concatenate([probabilities for _, probabilities in said])
        y = self.forest.y[np.concatenate([test for _, test in folds])]
        return Answers(said[0][0], probabilities).scored(self.scorer, y)

    def out_of_bag(self, columns, rows, seed):
        """Score of the rows that some tree did not draw, by the trees that did not."""
        check_out_of_bag(self.forest.forest, self.scorer)
        return score_seen(
            self.scorer, *self.forest.out_of_bag(columns, rows, seed), self.forest.y[rows]
        )


def score_seen(scorer, classes, probabilities, seen, y):
    """Score the rows on which some tree speaks."""
    if not seen.any():
        raise ValueError(
            "An out-of-bag score needs a row that at least one tree did not draw; take more trees. "
            f"Every tree drew each of the {len(y)} rows."
        )
    return Answers(classes, probabilities[seen]).scored(scorer, y[seen])


def seeded(estimator, seed):
    """Clone an estimator and give each of its `random_state` parameters the seed."""
    copy = clone(estimator)
    names = [n for n in copy.get_params(deep=True) if n.rpartition("__")[2] == "random_state"]
    return copy.set_params(**dict.fromkeys(names, seed))
