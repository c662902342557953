import numpy as np
import pytest

from sicf.selection._mask_search import best_first, different, with_size, without_size

MASKS = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 0, 0]], dtype=bool)


def test_size_counts_for_its_share():
    scores = np.array([0.5, 0.6, 0.7, 0.8])
    fitness = with_size(scores, MASKS, 0.9)
    np.testing.assert_allclose(fitness, [0.45 + 0.05, 0.54 + 0.075, 0.63 + 0.025, 0.72 + 0.05])
    in_folds = np.stack([MASKS[[0]], MASKS[[2]]], axis=1)
    np.testing.assert_allclose(with_size(scores[:1], in_folds, 0.9), 0.45 + 0.1 * (1 - 5 / 8))


@pytest.mark.parametrize("alpha", [0.01, 0.5, 0.99, 1])
def test_score_comes_back_out_of_the_fitness(alpha):
    scores = np.array([0.5, 0.6, -0.7, np.nan])
    fitness = with_size(scores, MASKS, alpha)
    np.testing.assert_allclose(without_size(fitness, MASKS, alpha), scores)


def test_a_fitness_of_size_alone_holds_no_score():
    assert np.isnan(without_size(np.array([0.5, 0.75]), MASKS[:2], 0)).all()


def test_the_best_then_the_smaller_then_the_first_and_what_was_not_scored_last():
    values = np.array([0.7, 0.7, np.nan, 0.7])
    assert best_first(values, MASKS).tolist() == [1, 0, 3, 2]
    assert best_first(np.array([0.1, 0.2, 0.3, -np.inf]), MASKS).tolist() == [2, 1, 0, 3]
    assert best_first(np.full(4, np.nan), MASKS).tolist() == [0, 1, 2, 3]


def test_each_subset_stands_once_where_it_came_first():
    assert different(np.array([3, 2, 0, 1]), MASKS).tolist() == [3, 2, 1]
