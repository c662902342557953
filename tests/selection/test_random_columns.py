import numpy as np
import pytest

from sicf import RandomColumns


def test_every_column_is_as_likely():
    X = np.zeros((2, 6))
    rng = np.random.RandomState(0)
    drawn = np.mean([RandomColumns(2, random_state=rng).fit(X).support_ for _ in range(2000)], 0)
    # Each is drawn with probability 1/3; four standard errors of 2,000 draws.
    np.testing.assert_allclose(drawn, 1 / 3, atol=4 * np.sqrt(2 / 9 / 2000))


def test_size_and_seed_are_kept():
    X = np.arange(40.0).reshape(2, 20)
    selector = RandomColumns(7, random_state=3).fit(X)
    assert selector.support_.sum() == 7
    np.testing.assert_array_equal(selector.transform(X), X[:, selector.support_])
    again = RandomColumns(7, random_state=3).fit(X + 1)
    np.testing.assert_array_equal(again.support_, selector.support_)
    assert RandomColumns().fit(X).support_.sum() == 10


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (0, ValueError, "n_features_to_select must be at least 1. Got 0"),
        (0.5, TypeError, "n_features_to_select must be a whole number. Got 0.5"),
        (4, ValueError, "at most 3, the columns of X. Got 4"),
    ],
)
def test_wrong_sizes_are_named(size, error, message):
    with pytest.raises(error, match=message):
        RandomColumns(size).fit(np.zeros((2, 3)))
