"""Intervals against SciPy's, on a statistic that both can compute."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from sicf.evaluation.statistics import Interval, draw_patients, interval, jackknife_draws

N, N_DRAWS = 60, 4000


@pytest.mark.parametrize(("ours", "theirs"), [("percentile", "percentile"), ("bca", "BCa")])
def test_ends_are_scipys(ours, theirs):
    values = np.random.default_rng(0).exponential(size=N)
    draws = draw_patients(N, N_DRAWS, np.random.default_rng(1))
    # The same resamples in both, so that only the method can differ.
    indices = np.stack([np.repeat(np.arange(N), draw) for draw in draws])
    resampled = values[indices].mean(axis=1)
    leave_out = jackknife_draws(N) @ values / (N - 1)
    found = interval(values.mean(), resampled, method=ours, jackknife=leave_out)
    expected = bootstrap(
        (values,), np.mean, n_resamples=20000, method=theirs, random_state=np.random.default_rng(2)
    ).confidence_interval
    assert found.low == pytest.approx(expected.low, abs=0.02)
    assert found.high == pytest.approx(expected.high, abs=0.02)
    assert found.n_defined == N_DRAWS


def test_bca_shifts_towards_a_skewed_tail():
    values = np.random.default_rng(0).exponential(size=N)
    resampled = draw_patients(N, N_DRAWS, np.random.default_rng(1)) @ values / N
    leave_out = jackknife_draws(N) @ values / (N - 1)
    plain = interval(values.mean(), resampled)
    corrected = interval(values.mean(), resampled, method="bca", jackknife=leave_out)
    assert corrected.high > plain.high
    assert corrected.low > plain.low


def test_undefined_resamples_are_left_out_and_counted():
    resampled = np.r_[np.linspace(0, 1, 101), np.full(9, np.nan)]
    found = interval(0.5, resampled, level=0.9)
    assert found == pytest.approx(Interval(0.5, 0.05, 0.95, 101))
    nothing = interval(0.5, np.full(3, np.nan))
    assert np.isnan([nothing.low, nothing.high]).all()
    assert nothing.n_defined == 0


def test_a_value_that_never_changes_has_an_interval_of_no_width():
    for method in ("percentile", "bca"):
        found = interval(1.0, np.ones(50), method=method, jackknife=np.ones(10))
        assert (found.low, found.high) == (1.0, 1.0)


def test_unknown_method_is_an_error():
    with pytest.raises(ValueError, match="method must be one of"):
        interval(0.5, np.ones(3), method="basic")


def test_jackknife_leaves_each_patient_out_once():
    np.testing.assert_array_equal(jackknife_draws(3), [[0, 1, 1], [1, 0, 1], [1, 1, 0]])
