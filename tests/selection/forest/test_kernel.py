"""Random numbers, bits and importances of the compiled forest, against published and known ones."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from sicf.selection.forest import CompiledForest
from sicf.selection.forest._kernel import _below, _cut, _lowest_bit, _random, _uniform

pytestmark = pytest.mark.plain_python

# The first numbers of SplitMix64 from seed 1234567, as its authors' C code gives them.
SPLITMIX64 = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]


def state_of(seed):
    return np.array([seed], np.uint64)


def test_random_numbers_are_splitmix64s():
    state = state_of(1234567)
    assert [int(_random(state)) for _ in SPLITMIX64] == SPLITMIX64


def test_uniform_numbers_are_the_upper_53_bits():
    state = state_of(1234567)
    expected = [(number >> 11) / 2**53 for number in SPLITMIX64]
    assert [_uniform(state) for _ in SPLITMIX64] == expected


@pytest.mark.parametrize("n", [1, 2, 7])
def test_integers_below_a_number_are_evenly_drawn(n):
    state = state_of(0)
    drawn = np.array([_below(state, n) for _ in range(2000)])
    counts = np.bincount(drawn, minlength=n)
    assert len(counts) == n
    assert np.abs(counts / 2000 - 1 / n).max() < 5 * np.sqrt(1 / n / 2000)


def test_lowest_bit_of_every_word():
    rng = np.random.default_rng(0)
    for place in range(64):
        above = int(rng.integers(0, 2**63)) << (place + 1)
        word = (1 << place | above) % 2**64
        assert _lowest_bit(np.uint64(word)) == place


def test_cut_is_the_last_code_up_to_the_midpoint():
    values = np.array([0, 1, 2, 4, 9, 10], np.float32)
    assert [_cut(values, *pair) for pair in [(0, 1), (0, 5), (1, 3), (0, 3), (2, 4)]] == [
        0,
        3,  # 5 lies between 4 and 9
        2,  # 2.5
        2,  # 2 lies on it, and goes left as in scikit-learn
        3,  # 5.5
    ]


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("limits", [{"max_depth": 3}, {"min_samples_leaf": 12}], ids=str)
def test_importances_of_a_tree_are_scikit_learns(criterion, limits):
    X, y = make_classification(
        200, 8, n_informative=4, n_classes=3, flip_y=0.2, random_state=0, shuffle=False
    )
    X[:, 6] = 1
    weight = np.random.default_rng(0).uniform(0.1, 2, 200)
    forest = RandomForestClassifier(
        1, bootstrap=False, max_features=None, criterion=criterion, **limits
    )
    rows = np.arange(150)
    ours = CompiledForest(forest, X, y, weight).importances(rows, 0)
    theirs = forest.fit(X[rows], y[rows], sample_weight=weight[rows]).feature_importances_
    assert_allclose(ours, theirs, atol=1e-12)


def test_importances_of_a_forest_are_the_mean_of_its_trees():
    X, y = make_classification(150, 6, random_state=0)
    rows = np.arange(150)
    forest = RandomForestClassifier(60, max_depth=3)
    ours = CompiledForest(forest, X, y).importances(rows, 0)
    theirs = [
        forest.set_params(random_state=seed).fit(X, y).feature_importances_ for seed in range(3)
    ]
    apart = np.abs(theirs[0] - theirs[1]).max() + np.abs(theirs[1] - theirs[2]).max()
    assert np.abs(ours - np.mean(theirs, axis=0)).max() < 2 * apart


def test_nothing_to_split_has_no_importance():
    X, y = np.ones((20, 3)), np.arange(20) % 2
    ours = CompiledForest(RandomForestClassifier(5), X, y).importances(np.arange(20), 0)
    assert_array_equal(ours, np.zeros(3))
