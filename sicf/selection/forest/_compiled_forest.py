"""What scikit-learn's forest would say of rows it has not seen, from columns binned once."""

import math
import numbers
from functools import cache

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from sicf.selection.forest._bins import bin_columns
from sicf.selection.forest._kernel import forest_votes

# Folds whose weights are remembered.
MOST_FOLDS = 64
# The values of each parameter with which the kernel does as scikit-learn does.
KNOWN = {
    "criterion": lambda value: value in ("gini", "entropy", "log_loss"),
    "class_weight": lambda value: value in (None, "balanced") or isinstance(value, dict),
    "min_weight_fraction_leaf": lambda value: value == 0,
    "max_leaf_nodes": lambda value: value is None,
    "min_impurity_decrease": lambda value: value == 0,
    "oob_score": lambda value: isinstance(value, bool),
    "warm_start": lambda value: value is False,
    "ccp_alpha": lambda value: value == 0,
    "max_samples": lambda value: value is None,
    "monotonic_cst": lambda value: value is None,
}


def unsupported(estimator, X):
    """Why the compiled forest cannot stand in for an estimator.

    Parameters
    ----------
    estimator : estimator
    X : ndarray of shape (n, p)

    Returns
    -------
    str or None
        The first thing that it has no answer to; None if it can.
    """
    if type(estimator) is not RandomForestClassifier:
        return f"{type(estimator).__name__}, which is none"
    for name, known in KNOWN.items():
        value = getattr(estimator, name)
        if not known(value):
            return f"{name}={value!r}"
    # The extremes speak for the rest, and need no copy: nan is both.
    with np.errstate(over="ignore"):
        extremes = np.array([X.min(), X.max()]).astype(np.float32)
    finite = np.isfinite(extremes).all()
    return None if finite else "X with values that are not finite in float32"


class CompiledForest:
    """A random forest on any subset of a table's columns, asked for rows that it has not seen.

    Parameters
    ----------
    forest : RandomForestClassifier
        One that is not `unsupported`.
    X : ndarray of shape (n, p)
    y : ndarray of shape (n,)
    sample_weight : ndarray of shape (n,), default=None

    Notes
    -----
    In distribution these are scikit-learn's trees, on at most 256 different values in a column;
    random numbers are its own. How weights enter the bootstrap is that of the scikit-learn
    installed.
    """

    def __init__(self, forest, X, y, sample_weight=None):
        self.forest = forest
        self.bins = bin_columns(X)
        self.y = y
        self.classes, self.labels = np.unique(y, return_inverse=True)
        self.sample_weight = sample_weight
        self._known_weights = {}
        if sample_weight is not None:
            _check_weights(sample_weight)

    def probabilities(self, columns, train, test, seed):
        """Class probabilities of the test rows.

        Parameters
        ----------
        columns : ndarray of int
            Those that the forest may use.
        train, test : ndarray of int
            Rows, each at most once in `train`.
        seed : int

        Returns
        -------
        classes : ndarray of shape (K,)
            Those that the training rows hold.
        probabilities : ndarray of shape (len(test), K)
        """
        votes = self._votes(columns, train, np.unique(test), seed)
        present = np.unique(self.labels[train])
        return self.classes[present], votes[np.ix_(test, present)] / self.forest.n_estimators

    def out_of_bag(self, columns, rows, seed):
        """Class probabilities of training rows, from the trees whose bootstrap did not draw them.

        Parameters
        ----------
        columns : ndarray of int
            Those that the forest may use.
        rows : ndarray of int
            The training rows, each at most once.
        seed : int

        Returns
        -------
        classes : ndarray of shape (K,)
            Those that the rows hold.
        probabilities : ndarray of shape (len(rows), K)
            As scikit-learn's `oob_decision_function_`: 0 for a row that every tree drew.
        seen : ndarray of bool of shape (len(rows),)
            The rows that at least one tree did not draw.
        """
        if not self.forest.bootstrap:
            raise ValueError("Out-of-bag rows need bootstrap=True. Got bootstrap=False instead.")
        votes = self._votes(columns, rows, rows[:0], seed, out_of_bag=True)[rows]
        # The probabilities of one tree sum to 1.
        n_voters = np.rint(votes.sum(axis=1, keepdims=True))
        present = np.unique(self.labels[rows])
        probabilities = votes[:, present] / np.maximum(n_voters, 1)
        return self.classes[present], probabilities, n_voters[:, 0] != 0

    def importances(self, rows, seed):
        """Importance of each column, as scikit-learn's `feature_importances_`.

        Parameters
        ----------
        rows : ndarray of int
            The training rows, each at most once.
        seed : int

        Returns
        -------
        ndarray of shape (p,)
            Of sum 1, or 0 where no tree has a split.
        """
        columns = np.arange(len(self.bins.codes))
        importances = np.zeros(len(columns))
        self._votes(columns, rows, rows, seed, importances=importances)
        return importances / max(importances.sum(), np.finfo(float).tiny)

    def _votes(self, columns, train, test, seed, out_of_bag=False, importances=None):
        if len(np.unique(train)) < len(train):
            raise ValueError(
                "A training fold must name each row once for the compiled forest; engine='sklearn' "
                f"takes repeated ones. Got {len(train)} rows, {len(np.unique(train))} of them "
                "different."
            )
        seeds = np.random.default_rng(seed).integers(
            2**64, size=self.forest.n_estimators, dtype=np.uint64
        )
        return forest_votes(
            *self.bins,
            columns.astype(np.int32),
            self.labels,
            len(self.classes),
            train.astype(np.int64),
            self._weights(train),
            test.astype(np.int64),
            seeds,
            self._limits(len(columns), len(train), out_of_bag),
            np.zeros(0) if importances is None else importances,
        )

    def _weights(self, train):
        """Weights of training rows; those of a fold serve all its subsets of columns."""
        key = train.tobytes()
        weights = self._known_weights.get(key)
        if weights is None:
            if len(self._known_weights) >= MOST_FOLDS:
                self._known_weights.clear()
            weights = self._known_weights[key] = self._weigh(train)
        return weights

    def _weigh(self, train):
        """The user's weights times the classes', with a mean of 1."""
        y = self.y[train]
        own = None if self.sample_weight is None else self.sample_weight[train].astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = _class_factors(self.forest.class_weight, y, own)
            weights = weights if own is None else weights * own
        _check_weights(weights)
        return weights / weights.mean()

    def _limits(self, n_columns, n_rows, out_of_bag):
        forest = self.forest
        min_leaf = _share(forest.min_samples_leaf, n_rows)
        return np.array(
            [
                _max_features(forest.max_features, n_columns),
                np.iinfo(np.int64).max if forest.max_depth is None else forest.max_depth,
                max(_share(forest.min_samples_split, n_rows), 2 * min_leaf, 2),
                min_leaf,
                forest.criterion != "gini",
                forest.bootstrap,
                draws_by_weight(),
                out_of_bag,
            ],
            np.int64,
        )


@cache
def draws_by_weight():
    """Whether the installed forest draws its bootstrap in proportion to the weights.

    Where it does not, it draws evenly and weights what was drawn. Asked of the forest itself: all
    weight lies on the first of 32 rows.
    """
    X, y = np.zeros((32, 1)), np.arange(32) % 2
    weight = np.eye(32)[0]
    forest = RandomForestClassifier(1, random_state=0).fit(X, y, sample_weight=weight)
    return not forest.estimators_samples_[0].any()


@cache
def balances_weights():
    """Whether the installed forest balances classes by their weights, not by their numbers.

    Asked of the forest itself: one leaf, in which the second class has ten times the weight.
    """
    X, y = np.zeros((2, 1)), np.array([0, 1])
    forest = RandomForestClassifier(1, class_weight="balanced", bootstrap=False, random_state=0)
    forest.fit(X, y, sample_weight=np.array([1.0, 10.0]))
    return bool(np.isclose(forest.predict_proba(X[:1])[0, 0], 0.5))


def _check_weights(weights):
    if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() == 0:
        raise ValueError(
            "Weights must be finite and not negative, and every class of a training fold must have "
            f"some. Got weights from {weights.min()} to {weights.max()}."
        )


def _class_factors(class_weight, y, sample_weight):
    if class_weight is None:
        return np.ones(len(y))
    if isinstance(class_weight, dict):
        return compute_sample_weight(class_weight, y)
    classes, labels = np.unique(y, return_inverse=True)
    extra = {"sample_weight": sample_weight} if balances_weights() else {}
    return compute_class_weight("balanced", classes=classes, y=y, **extra)[labels]


def _max_features(rule, n_columns):
    if rule is None:
        return n_columns
    if rule == "sqrt":
        return max(1, int(math.sqrt(n_columns)))
    if rule == "log2":
        return max(1, int(math.log2(n_columns)))
    return _floor_share(rule, n_columns)


def _floor_share(rule, n):
    return rule if isinstance(rule, numbers.Integral) else max(1, int(rule * n))


def _share(rule, n):
    return rule if isinstance(rule, numbers.Integral) else math.ceil(rule * n)
