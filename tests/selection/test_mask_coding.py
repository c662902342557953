import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicf.selection._mask_coding import RankedCoding, ThresholdCoding, highest


def test_threshold_is_one_half():
    masks = ThresholdCoding(4, 1, 4).masks(np.array([[0.5, 0.51, 0.0, 1.0]]))
    assert masks.tolist() == [[False, True, False, True]]


def test_sizes_outside_the_limits_are_mended_by_the_highest_coordinates():
    coding = ThresholdCoding(4, 2, 3)
    masks = coding.masks(np.array([[0.1, 0.4, 0.2, 0.3], [0.9, 0.8, 0.7, 0.6]]))
    assert masks.tolist() == [[False, True, False, True], [True, True, True, False]]


def test_size_is_a_coordinate_on_a_logarithmic_scale():
    coding = RankedCoding(1000, 10, 500)
    positions = np.random.default_rng(0).random((3, 1001))
    positions[:, -1] = [0, 0.5, 1]
    masks = coding.masks(positions)
    assert masks.sum(axis=1).tolist() == [10, round(np.sqrt(10 * 500)), 500]
    assert positions[0, :-1][masks[0]].min() > positions[0, :-1][~masks[0]].max()


def test_start_covers_all_sizes():
    coding = RankedCoding(1000, 10, 500)
    positions = coding.draw(8, np.random.default_rng(0))
    assert sorted((positions[:, -1] * 8).astype(int)) == list(range(8))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_never_empty_and_within_the_limits(data):
    n = data.draw(st.integers(1, 30))
    lowest = data.draw(st.integers(1, n))
    top = data.draw(st.integers(lowest, n))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    for coding in (ThresholdCoding(n, lowest, top), RankedCoding(n, lowest, top)):
        sizes = coding.masks(coding.draw(5, rng)).sum(axis=1)
        assert (sizes >= lowest).all()
        assert (sizes <= top).all()


@pytest.mark.parametrize(("k", "expected"), [(1, [1, 0, 0]), (2, [1, 1, 0])])
def test_of_equal_values_the_first(k, expected):
    assert highest(np.array([0.5, 0.5, 0.5]), k).tolist() == [bool(e) for e in expected]
