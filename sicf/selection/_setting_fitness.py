"""What parameter settings are worth: scored by scikit-learn's search, each once."""

import warnings

import numpy as np
from sklearn.exceptions import FitFailedWarning

from sicf._spread import despite_lost_workers
from sicf.selection._parameter_coding import setting_key


class SettingFitness:
    """Costs of positions in the unit cube: the negated mean test scores of their settings.

    Parameters
    ----------
    evaluate : callable
        The `evaluate_candidates` that scikit-learn hands to a search.
    coding : ParameterCoding
    cv : int, splitter, iterable or None
        A splitter's folds are drawn once.
    refit : bool, str or callable
        Names the metric that the search follows, where there are several.
    error_score : "raise" or float
        With "raise" no failure is forgiven.

    """

    def __init__(self, evaluate, coding, cv, refit, error_score):
        self.evaluate = evaluate
        self.coding = coding
        # Only a splitter may draw anew; what else scikit-learn takes, it splits the same each time.
        self.folds = FixedFolds(cv) if hasattr(cv, "split") else None
        self.refit = refit
        self.error_score = error_score
        self._known = {}

    @property
    def n_evaluations(self):
        """Different settings evaluated so far."""
        return len(self._known)

    def __call__(self, positions, t):
        settings = [self.coding.setting(position) for position in positions]
        keys = [setting_key(setting) for setting in settings]
        pairs = zip(keys, settings, strict=True)
        new = {key: setting for key, setting in pairs if key not in self._known}
        if new:
            self._known.update(zip(new, self._scores(list(new.values())), strict=True))
        return -np.array([self._known[key] for key in keys])

    def _scores(self, settings):
        try:
            results = despite_lost_workers(lambda: self.evaluate(settings, cv=self.folds))
        except ValueError as exc:
            # scikit-learn takes a call without one fit that works for a wrong estimator. After
            # calls that worked it only means that all new settings of this generation are bad.
            forgiven = self._known and self.error_score != "raise" and "fits failed" in str(exc)
            if not forgiven:
                raise
            warnings.warn(str(exc), FitFailedWarning, stacklevel=2)
            return np.full(len(settings), np.nan)
        prefix = "mean_test_"
        names = [key.removeprefix(prefix) for key in results if key.startswith(prefix)]
        # The results are those of all calls so far; the new ones stand last.
        return results[prefix + followed_metric(self.refit, names)][-len(settings) :]


class FixedFolds:
    """The folds of a splitter, drawn once, so that every generation meets the same ones.

    Parameters
    ----------
    cv : splitter
    """

    def __init__(self, cv):
        self.cv = cv
        self._folds = None

    def split(self, X, y=None, **params):
        """Folds of the first call."""
        if self._folds is None:
            self._folds = list(self.cv.split(X, y, **params))
        return self._folds


def followed_metric(refit, names):
    """The metric that the search follows: the only one, or the one that refit names."""
    if len(names) == 1:
        return names[0]
    if isinstance(refit, str) and refit in names:
        return refit
    raise ValueError(
        f"With several metrics refit must name the one that the search follows, of {names}. "
        f"Got {refit!r} instead."
    )
