"""Codes keep the order of the values, and lose nothing where there are few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sicf.selection.forest._bins import bin_columns
from sicf.selection.forest._kernel import BIT_PLACES

pytestmark = pytest.mark.plain_python
COLUMNS = arrays(
    np.float64, st.tuples(st.integers(1, 400), st.just(1)), elements=st.floats(-1e6, 1e6, width=32)
)


@settings(deadline=None)  # the first call compiles
@given(COLUMNS)
def test_codes_are_in_the_order_of_the_values(X):
    codes, values = bin_columns(X)
    order = np.argsort(X[:, 0], kind="stable")
    assert (np.diff(codes[0][order].astype(int)) >= 0).all()
    assert (np.diff(values[0][: codes.max() + 1]) > 0).all()


def test_up_to_256_different_values_are_kept():
    X = np.random.default_rng(0).choice(256, size=(5000, 1)) / 7
    codes, values = bin_columns(X)
    np.testing.assert_array_equal(values[0][codes[0]], X[:, 0].astype(np.float32))


def test_bins_of_many_values_hold_about_equally_many_rows():
    X = np.random.default_rng(0).lognormal(size=(5120, 1))
    codes, values = bin_columns(X)
    counts = np.bincount(codes[0])
    assert len(counts) == 256
    assert counts.min() >= 19
    assert counts.max() <= 21
    inside = [X[codes[0] == code] for code in range(256)]
    for code, members in enumerate(inside):
        assert values[0][code] == pytest.approx((members.min() + members.max()) / 2, rel=1e-5)


def test_a_heavy_tie_leaves_the_other_values_their_codes():
    rest = np.random.default_rng(0).uniform(1, 2, size=(400, 1))
    for tie in (0.0, 3.0):
        X = np.vstack([np.full((2600, 1), tie), rest])
        codes, _ = bin_columns(X)
        # 401 values have to share 256 codes, so about two of the rest share one.
        assert len(np.unique(codes[0][2600:])) >= (255 if tie == 0 else 30)


def test_middle_of_a_bin_does_not_overflow():
    X = np.concatenate([np.linspace(-3.4e38, -3.3e38, 281), np.linspace(3.3e38, 3.4e38, 320)])
    _, values = bin_columns(X[:, np.newaxis])
    assert np.isfinite(values).all()


def test_values_closer_than_scikit_learn_can_tell_share_a_code():
    codes, _ = bin_columns(np.array([[0.0], [5e-8], [1.0]]))
    assert codes[0].tolist() == [0, 0, 1]


def test_lowest_bit_has_a_place_for_every_bit():
    assert sorted(BIT_PLACES) == list(range(64))
