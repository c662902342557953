import numpy as np
import pytest

from sicf.selection._first_subsets import mixed_weights, rankings_of, spread_sizes


def test_sizes_cover_the_whole_range():
    sizes = spread_sizes(8, 10, 1000, np.random.default_rng(0))
    places = np.log(sizes / 10) / np.log(100)
    assert sorted((places * 8).astype(int)) == list(range(8))


@pytest.mark.parametrize("n_members", [1, 2, 5, 20])
def test_first_members_follow_one_ranking_and_the_last_fifth_chance(n_members):
    weights = mixed_weights(n_members, 2, np.random.default_rng(0))
    assert weights.shape == (n_members, 3)
    alone = np.eye(3)
    np.testing.assert_array_equal(weights[:2], alone[:2][:n_members])
    n_own = n_members // 5
    np.testing.assert_array_equal(weights[n_members - n_own :], np.tile(alone[2], (n_own, 1)))
    np.testing.assert_array_equal(weights.max(axis=1), 1)


def test_given_masks_are_the_highest_columns_of_their_rankings():
    masks = np.random.default_rng(0).random((5, 40)) < 0.3
    rankings = rankings_of(masks, np.random.default_rng(1))
    for mask, ranking in zip(masks, rankings, strict=True):
        assert ranking[mask].min() > ranking[~mask].max()
    assert rankings.min() >= 0
    assert rankings.max() <= 1
