"""What has been said of some rows, in the form in which scikit-learn's scorers ask for it."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, is_classifier
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.metaestimators import available_if


class Answers(ClassifierMixin, BaseEstimator):
    """What a classifier has said of some rows, in the form that scikit-learn's scorers ask."""

    def __init__(self, classes, probabilities):
        self.classes = classes
        self.probabilities = probabilities

    @property
    def classes_(self):
        """Labels, in the order of the columns."""
        return self.classes

    def predict_proba(self, X):
        """Probabilities of the rows that were asked for."""
        return self.probabilities

    def predict(self, X):
        """Their most probable classes."""
        return self.classes[self.probabilities.argmax(axis=1)]

    def scored(self, scorer, y):
        """What a scorer of scikit-learn's, which looks at no columns, makes of the answers."""
        return scorer(self, np.zeros((len(y), 1)), y)


def _first_has(method):
    return lambda self: hasattr(self.estimators[0], method)


class InTurn:
    """Fitted estimators as one: each answers for the next so many rows.

    Parameters
    ----------
    estimators : list of estimator
    n_rows : list of int
    columns : list of ndarray of int
        What each was fitted on.
    """

    def __init__(self, estimators, n_rows, columns):
        self.estimators = estimators
        self.ends = np.cumsum(n_rows)
        self.columns = columns

    @property
    def classes_(self):
        """Labels, which all have seen."""
        return self.estimators[0].classes_

    @available_if(_first_has("predict"))
    def predict(self, X):
        """Classes or values."""
        return self._ask("predict", X)

    @available_if(_first_has("predict"))
    def score(self, X, y):
        """What scikit-learn's estimators score by themselves: accuracy, or R squared."""
        own = accuracy_score if is_classifier(self.estimators[0]) else r2_score
        return own(y, self.predict(X))

    @available_if(_first_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities."""
        return self._ask("predict_proba", X)

    @available_if(_first_has("decision_function"))
    def decision_function(self, X):
        """Distances from the boundary."""
        return self._ask("decision_function", X)

    def _ask(self, method, X):
        parts = zip(self.estimators, np.split(X, self.ends[:-1]), self.columns, strict=True)
        return np.concatenate(
            [getattr(estimator, method)(part[:, columns]) for estimator, part, columns in parts]
        )

    def __sklearn_tags__(self):
        return self.estimators[0].__sklearn_tags__()
