"""Calibration against scikit-learn's logistic regression without a penalty."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from sicf.evaluation.statistics import calibration_line


def cohort(slope, shift, n=300, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    is_positive = rng.random(n) < expit(truth)
    return is_positive, expit(shift + slope * truth)


@pytest.mark.parametrize(("slope", "shift"), [(1, 0), (3, 0), (0.5, 0.7), (2, -1.5)])
def test_line_is_that_of_a_logistic_regression(slope, shift):
    is_positive, probability = cohort(slope, shift)
    weights = np.random.default_rng(1).integers(0, 3, size=(4, len(is_positive)))
    slopes, intercepts = calibration_line(is_positive, probability, weights)
    x = logit(probability)
    for weight, found, offset in zip(weights, slopes, intercepts, strict=True):
        fitted = LogisticRegression(C=1e10, tol=1e-10, max_iter=1000)
        fitted.fit(x[:, np.newaxis], is_positive, sample_weight=weight)
        assert found == pytest.approx(fitted.coef_.item(), abs=1e-4)
        expected = brentq(lambda a, w=weight: w @ (is_positive - expit(a + x)), -10, 10)
        assert offset == pytest.approx(expected, abs=1e-8)


def test_right_probabilities_lie_on_the_diagonal_and_extreme_ones_below():
    once = np.ones((1, 20000))
    slope, intercept = calibration_line(*cohort(1, 0, n=20000), once)
    assert slope.item() == pytest.approx(1, abs=0.06)
    assert intercept.item() == pytest.approx(0, abs=0.06)
    slope, _ = calibration_line(*cohort(4, 0, n=20000), once)
    assert slope.item() == pytest.approx(0.25, abs=0.03)


def test_noughts_and_ones_are_clipped():
    is_positive, probability = cohort(3, 0)
    hard = np.where(probability < 0.05, 0, np.where(probability > 0.95, 1, probability))
    found = calibration_line(is_positive, hard, np.ones((1, len(hard))))
    assert np.isfinite(found).all()


def test_where_no_slope_is_the_best_there_is_none():
    is_positive = np.arange(10) < 5
    apart = np.where(is_positive, 0.8, 0.3) + np.linspace(0, 0.05, 10)
    everyone = np.ones((1, 10))
    assert np.isnan(calibration_line(is_positive, apart, everyone)[0]).all()
    slope, intercept = calibration_line(is_positive, np.full(10, 0.5), everyone)
    assert np.isnan(slope).all()
    assert intercept.item() == pytest.approx(0)
    assert np.isnan(calibration_line(np.full(10, True), apart, everyone)).all()
