from itertools import combinations

import numpy as np
import pytest

from sicf import selection_stability


def test_worked_by_hand():
    # Frequencies 1, 2/3, 1/3, 0; unbiased variances 0, 1/3, 1/3, 0, mean 1/6; two of four columns
    # drawn by chance have 1/4; 1 - (1/6) / (1/4) = 1/3.
    found = selection_stability([[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]])
    assert found.value == pytest.approx(1 / 3)
    # Subset by subset: mean of frequencies over what is held 5/12, 5/12, 1/3; less 2 * 2 / 16; plus
    # half the value times 2 * 4 / 16 - 2/4 - 2/4 + 1 = 1/2; over 1/4: 1, 1, 2/3. Mean 8/9.
    assert found.variance == pytest.approx(4 / 9 * (2 / 81 + 4 / 81))
    reach = 1.959963985 * found.variance**0.5
    assert found.high - found.value == pytest.approx(reach)
    assert found.value - found.low == pytest.approx(reach)


def test_subsets_of_one_size_have_kunchevas_mean_over_pairs(rng):
    d, k = 30, 8
    masks = np.zeros((7, d), bool)
    for mask in masks:
        mask[rng.choice(d, k, replace=False)] = True
    pairs = [
        ((one & other).sum() - k * k / d) / (k - k * k / d) for one, other in combinations(masks, 2)
    ]
    assert selection_stability(masks).value == pytest.approx(np.mean(pairs))


def test_variance_agrees_with_the_jackknife(rng):
    masks = rng.random((150, 60)) < rng.random(60)
    left_out = [selection_stability(np.delete(masks, i, axis=0)).value for i in range(len(masks))]
    jackknife = (len(masks) - 1) * np.var(left_out)
    assert selection_stability(masks).variance == pytest.approx(jackknife, rel=0.1)


def test_random_subsets_are_about_zero_whatever_their_size(rng):
    for share in (0.05, 0.5, 0.9):
        found = selection_stability(rng.random((50, 1000)) < share)
        assert abs(found.value) < 0.01
        assert found.low < 0.001
        assert found.high > -0.001


def test_interval_holds_the_truth_as_often_as_it_says(rng):
    chances = np.r_[np.full(10, 0.9), np.full(90, 0.1)]
    share = chances.mean()
    truth = 1 - (chances * (1 - chances)).mean() / (share * (1 - share))
    found = [selection_stability(rng.random((60, 100)) < chances) for _ in range(300)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.9 <= held <= 0.99


def test_equal_subsets_and_opposite_ones():
    found = selection_stability([[True, False, True]] * 4)
    assert (found.value, found.variance) == (1, 0)
    assert selection_stability([[1, 1, 0, 0], [0, 0, 1, 1]]).value == pytest.approx(-1)


@pytest.mark.parametrize("value", [0, 1])
def test_nothing_selected_is_not_stable(value):
    assert np.isnan(selection_stability(np.full((3, 5), value))).all()


def test_wider_for_a_higher_level(rng):
    masks = rng.random((10, 20)) < 0.4
    narrow, wide = selection_stability(masks, level=0.8), selection_stability(masks, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    ("masks", "level", "message"),
    [
        ([[1, 0]], 0.95, r"at least 2 subsets.*Got shape \(1, 2\)"),
        ([1, 0], 0.95, r"Got shape \(2,\)"),
        ([[1, 2], [0, 1]], 0.95, "must hold True and False"),
        ([[0.5, 1], [0, 1]], 0.95, "must hold True and False"),
        ([[1, 0], [0, 1]], 1, "above 0 and below 1. Got 1 instead"),
    ],
)
def test_wrong_input(masks, level, message):
    with pytest.raises(ValueError, match=message):
        selection_stability(masks, level=level)
