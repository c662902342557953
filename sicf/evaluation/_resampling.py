"""Metrics of an evaluation over resampled patients, averaged over its repeats."""

import numpy as np

from sicf.evaluation.statistics import (
    METRICS,
    draw_patients,
    interval,
    jackknife_draws,
    resampled_class_metrics,
    resampled_metrics,
)


class Resampling:
    """The draws of an evaluation, and metrics over them.

    Parameters
    ----------
    evaluation : Evaluation
    """

    def __init__(self, evaluation):
        self.evaluation = evaluation
        n_patients = evaluation.n_patients
        # One seed: every estimator is judged on the same resamples.
        rng = np.random.default_rng(evaluation.seed)
        self.draws = {
            "once": np.ones((1, n_patients), dtype=int),
            "many": draw_patients(n_patients, evaluation.n_bootstrap, rng),
        }
        if evaluation.interval_method == "bca":
            self.draws["without one"] = jackknife_draws(n_patients)
        self._known = {}

    def metrics(self, name, *, auc="score", predicted=None):
        """Every metric over every draw.

        Parameters
        ----------
        name : str
        auc : {"score", "label"}
        predicted : ndarray of int of shape (R, n), default=None
            In place of what the estimator predicted.

        Returns
        -------
        dict of str to dict of str to ndarray
            By metric, then by the kind of draws.
        """
        key = name, auc
        if predicted is None and key in self._known:
            return self._known[key]
        found = self._over_draws(resampled_metrics, name, auc, predicted)
        if predicted is None:
            self._known[key] = found
        return found

    def class_metrics(self, name, *, auc="score"):
        """As `metrics`, with arrays of shape (B, K)."""
        return self._over_draws(resampled_class_metrics, name, auc, None)

    def interval(self, found):
        """The interval of one metric, or of a difference of two.

        Parameters
        ----------
        found : dict of str to ndarray of shape (B,)

        Returns
        -------
        Interval
        """
        return interval(
            float(found["once"][0]),
            found["many"],
            level=self.evaluation.confidence_level,
            method=self.evaluation.interval_method,
            jackknife=found.get("without one"),
        )

    def _over_draws(self, resample, name, auc, predicted):
        found = {
            kind: self._over_repeats(resample, name, draws, auc, predicted)
            for kind, draws in self.draws.items()
        }
        return {metric: {kind: found[kind][metric] for kind in found} for metric in METRICS}

    def _over_repeats(self, resample, name, draws, auc, predicted):
        evaluation = self.evaluation
        predicted = evaluation.predicted[name] if predicted is None else predicted
        options = {} if resample is resampled_class_metrics else {"positive": evaluation.positive}
        repeats = []
        for repeat, fold in enumerate(evaluation.fold):
            tested = fold >= 0
            repeats.append(
                resample(
                    evaluation.target[tested],
                    predicted[repeat, tested],
                    evaluation.scores[name][repeat, tested],
                    evaluation.patient[tested],
                    draws,
                    is_probability=evaluation.is_probability[name],
                    auc=auc,
                    **options,
                )
            )
        return {metric: np.mean([found[metric] for found in repeats], axis=0) for metric in METRICS}
