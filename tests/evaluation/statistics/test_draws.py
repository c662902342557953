"""Patients are drawn whole, and what agrees within a patient is one observation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from sicf.evaluation.statistics import (
    area_and_precision,
    draw_patients,
    interval,
    resampled_metrics,
)


def test_draws_are_as_many_patients_as_there_are():
    draws = draw_patients(7, 200, np.random.default_rng(0))
    assert (draws.sum(axis=1) == 7).all()
    assert draws.max() > 1


def test_interval_is_wider_over_patients_than_over_slices():
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(40), 4)
    target = (np.arange(40) % 2)[patient]
    predicted = np.where(rng.random(40) < 0.7, np.arange(40) % 2, 1 - np.arange(40) % 2)[patient]

    def width(unit):
        draws = draw_patients(unit.max() + 1, 500, np.random.default_rng(0))
        work = target, predicted, np.eye(2)[predicted], unit, draws
        resampled = resampled_metrics(*work, positive=1, which=["accuracy"])["accuracy"]
        found = interval(np.mean(predicted == target), resampled)
        return found.high - found.low

    assert width(patient) > 1.6 * width(np.arange(160))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_weighted_area_and_precision_are_scikit_learns(data):
    n = data.draw(st.integers(4, 25))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    positive = np.arange(n) % 2 == 0
    score, weight = rng.integers(0, 5, n).astype(float), rng.integers(1, 4, n)
    area, precision = area_and_precision(positive, score, weight[np.newaxis])
    assert area[0] == pytest.approx(roc_auc_score(positive, score, sample_weight=weight))
    expected = average_precision_score(positive, score, sample_weight=weight)
    assert precision[0] == pytest.approx(expected)
