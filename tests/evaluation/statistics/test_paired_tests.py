"""Tests of two classifiers, against plain definitions and hand-worked values."""

import numpy as np
import pytest
from scipy.stats import binomtest

from sicf.evaluation.statistics import delong, holm, mcnemar_midp, paired_bootstrap


def plain_delong(is_positive, scores):
    """Areas and their covariance by DeLong's own definition, every pair by itself."""
    above, below = scores[:, is_positive], scores[:, ~is_positive]
    won = (above[:, :, None] > below[:, None, :]) + 0.5 * (above[:, :, None] == below[:, None, :])
    of_positive, of_negative = won.mean(axis=2), won.mean(axis=1)
    covariance = np.cov(of_positive) / above.shape[1] + np.cov(of_negative) / below.shape[1]
    return won.mean(axis=(1, 2)), covariance


@pytest.mark.parametrize("decimals", [1, 8])
@pytest.mark.parametrize("n_positive", [2, 30, 65])
def test_delong_is_its_own_definition(n_positive, decimals):
    rng = np.random.default_rng(n_positive)
    is_positive = np.arange(70) < n_positive
    scores = np.round(rng.normal(size=(2, 70)) + is_positive, decimals)
    found = delong(is_positive, *scores)
    areas, covariance = plain_delong(is_positive, scores)
    np.testing.assert_allclose(found.areas, areas, atol=1e-12)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-12)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found.z == pytest.approx((areas[0] - areas[1]) / np.sqrt(variance))


def test_delong_of_scores_that_rank_alike_finds_nothing():
    rng = np.random.default_rng(0)
    is_positive, scores = rng.random(50) < 0.5, rng.random(50)
    found = delong(is_positive, scores, np.exp(scores))
    assert (found.z, found.p) == (0, 1)


def test_delong_needs_two_samples_a_side():
    assert np.isnan(delong(np.array([True, False, False]), np.arange(3.0), np.arange(3.0)).p)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 3), (1, 6), (9, 2), (40, 25)])
def test_mcnemar_is_the_exact_test_less_half_of_its_last_step(one, other):
    is_right = np.r_[np.ones(one), np.zeros(other), np.ones(5)].astype(bool)
    other_right = np.r_[np.zeros(one), np.ones(other), np.ones(5)].astype(bool)
    n, fewer = one + other, min(one, other)
    exact = binomtest(fewer, n, alternative="less").pvalue if n else 1
    below = binomtest(fewer - 1, n, alternative="less").pvalue if fewer else 0
    assert mcnemar_midp(is_right, other_right) == pytest.approx(exact + below if n else 1)
    assert mcnemar_midp(other_right, is_right) == mcnemar_midp(is_right, other_right)


def test_mcnemar_of_a_textbook_table():
    # Fagerland et al. 2013, table 1 (airway hyper-responsiveness): 1 and 7 discordant pairs.
    is_right = np.r_[np.ones(1), np.zeros(7)].astype(bool)
    assert mcnemar_midp(is_right, ~is_right) == pytest.approx(0.0391, abs=5e-5)


def test_paired_bootstrap_is_two_sided_and_never_nought():
    differences = np.r_[np.full(5, -0.1), np.full(93, 0.1), 0.0]
    assert paired_bootstrap(differences, 0.1) == pytest.approx(2 * (5.5 + 1) / 100)
    assert paired_bootstrap(-differences, -0.1) == pytest.approx(2 * (5.5 + 1) / 100)
    assert paired_bootstrap(np.ones(99), 1.0) == pytest.approx(0.02)
    assert paired_bootstrap(np.zeros(99), 0.0) == 1
    assert np.isnan(paired_bootstrap(np.full(3, np.nan), 0.1))


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.5, np.nan, 0.6]), [1, np.nan, 1])
    assert holm([]).size == 0
