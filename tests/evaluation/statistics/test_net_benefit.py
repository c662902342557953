"""Net benefit, worked by hand."""

import numpy as np

from sicf.evaluation.statistics import net_benefit


def test_net_benefit_by_hand():
    is_positive = np.array([True, True, False, False, False])
    probability = np.array([0.9, 0.4, 0.6, 0.2, 0.1])
    found = net_benefit(is_positive, probability, np.array([0.15, 0.5]), np.ones((1, 5)))
    np.testing.assert_allclose(found, [[2 / 5 - 0.15 / 0.85 * 2 / 5, 1 / 5 - 1 / 5]])


def test_a_patient_who_occurs_twice_counts_twice():
    is_positive, probability = np.array([True, False]), np.array([0.7, 0.6])
    found = net_benefit(is_positive, probability, np.array([0.5]), np.array([[2, 1], [0, 0]]))
    np.testing.assert_allclose(found, [[2 / 3 - 1 / 3], [np.nan]])
