import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sicf.selection._mask_coding import TRANSFERS, BitCoding, BlendCoding, highest


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("transfer", "low", "high"), [("threshold", 0, 1), ("s", -6, 6), ("v", -6, 6)]
)
def test_coordinates_fill_the_box_of_their_transfer(transfer, low, high):
    coding = BitCoding(transfer, 3, 1, 3)
    assert coding.lower.tolist() == [low] * 3
    assert coding.upper.tolist() == [high] * 3
    drawn = coding.draw(2000, rng())
    assert drawn.shape == (2000, 3)
    np.testing.assert_allclose(drawn.min(axis=0), low, atol=0.02 * (high - low))
    np.testing.assert_allclose(drawn.max(axis=0), high, atol=0.02 * (high - low))


def test_threshold_is_one_half():
    coding = BitCoding("threshold", 4, 1, 4)
    masks = coding.decode(np.array([[0.5, 0.51, 0.0, 1.0]]), None, rng())
    assert masks.tolist() == [[False, True, False, True]]


def test_sigmoid_is_the_chance_of_being_in():
    places = np.array([-6.0, -1.0, 0.0, 2.0, 6.0])
    masks = BitCoding("s", 5, 1, 5).decode(np.tile(places, (20_000, 1)), None, rng())
    np.testing.assert_allclose(masks.mean(axis=0), 1 / (1 + np.exp(-places)), atol=0.02)


def test_v_is_the_chance_of_changing_sides():
    positions = np.tile([-1.0, 0.0, 0.5, 3.0], (20_000, 1))
    parents = np.tile([True, True, False, False], (20_000, 1))
    masks = BitCoding("v", 4, 1, 4).decode(positions, parents, rng())
    changed = (masks != parents).mean(axis=0)
    np.testing.assert_allclose(changed, np.abs(np.tanh([-1, 0, 0.5, 3])), atol=0.02)


def test_sizes_outside_the_limits_are_mended_by_the_highest_coordinates():
    coding = BitCoding("threshold", 4, 2, 3)
    positions = np.array([[0.1, 0.4, 0.2, 0.3], [0.9, 0.8, 0.7, 0.6], [0.9, 0.1, 0.4, 0.3]])
    assert coding.decode(positions, None, rng()).tolist() == [
        [False, True, False, True],
        [True, True, True, False],
        [True, False, True, False],
    ]


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_given_subsets_stand_on_their_side_of_the_middle(transfer):
    coding = BitCoding(transfer, 50, 1, 50)
    masks = rng().random((4, 50)) < 0.3
    positions = coding.place(masks, rng())
    middle = (coding.lower + coding.upper) / 2
    np.testing.assert_array_equal(positions > middle, masks)
    assert (positions >= coding.lower).all()
    assert (positions <= coding.upper).all()


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_given_subsets_are_spread_evenly_over_their_side(transfer):
    coding = BitCoding(transfer, 2, 1, 2)
    width = coding.upper[0] - coding.lower[0]
    masks = np.tile([True, False], (4000, 1))
    places = (coding.place(masks, rng()) - coding.lower[0]) / width
    for quarter in ([0.5, 0.625, 0.75, 0.875, 1], [0, 0.125, 0.25, 0.375, 0.5]):
        counts, _ = np.histogram(places, quarter)
        assert np.abs(counts / 4000 - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / 4000)


def test_size_is_a_coordinate_on_a_logarithmic_scale():
    coding = BlendCoding(1000, 10, 500, n_rankings=0)
    own = rng().random((3, 1000))
    positions = coding.place(np.ones((3, 1)), np.array([10, 71, 500]), own)
    masks = coding.masks(positions, ())
    assert masks.sum(axis=1).tolist() == [10, 71, 500]
    assert own[0][masks[0]].min() > own[0][~masks[0]].max()
    assert coding.sizes_at(np.array([0, 0.5, 1])).tolist() == [10, round(np.sqrt(5000)), 500]


def test_subsets_follow_the_blend_of_the_rankings():
    """Worked out by hand: weights 1, 0.5 and 0.2 of two rankings and the member's own."""
    rankings = np.array([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]])
    coding = BlendCoding(3, 1, 2, n_rankings=2)
    weights, own = np.array([[1, 0.5, 0.2], [0, 1, 0], [0, 0, 1]]), np.array([[0, 1, 0.5]] * 3)
    # Blends: 0.5, 0.95, 1.1; the second ranking; the member's own.
    one = coding.masks(coding.place(weights, np.ones(3), own), rankings)
    assert one.argmax(axis=1).tolist() == [2, 0, 1]
    two = coding.masks(coding.place(weights, np.full(3, 2), own), rankings)
    assert two[0].tolist() == [False, True, True]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_never_empty_and_within_the_limits(data):
    n = data.draw(st.integers(1, 30))
    lowest = data.draw(st.integers(1, n))
    top = data.draw(st.integers(lowest, n))
    generator = rng(data.draw(st.integers(0, 2**32 - 1)))
    masks = []
    for transfer in TRANSFERS:
        coding = BitCoding(transfer, n, lowest, top)
        masks.append(coding.decode(coding.draw(5, generator), None, generator))
        masks.append(coding.decode(coding.draw(5, generator), masks[-1], generator))
    blend = BlendCoding(n, lowest, top, n_rankings=1)
    masks.append(blend.masks(generator.random((5, n + 3)), generator.random((1, n))))
    sizes = np.concatenate(masks).sum(axis=1)
    assert (sizes >= lowest).all()
    assert (sizes <= top).all()


@pytest.mark.parametrize(("k", "expected"), [(1, [1, 0, 0]), (2, [1, 1, 0])])
def test_of_equal_values_the_first(k, expected):
    assert highest(np.array([0.5, 0.5, 0.5]), k).tolist() == [bool(e) for e in expected]
