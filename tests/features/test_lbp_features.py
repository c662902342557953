import numpy as np
import pytest

from sicf import LBPFeatures


def test_eight_neighbours_by_hand(rng):
    """With radius 1 the four straight neighbours lie on pixels; the diagonal ones are bilinear."""
    X = rng.integers(0, 256, size=(1, 20, 20), dtype=np.uint8)
    found = LBPFeatures([(4, 1)]).fit_transform(X)[0]
    padded = np.pad(X[0].astype(int), 1)
    ring = [padded[1:-1, 2:], padded[:-2, 1:-1], padded[1:-1, :-2], padded[2:, 1:-1]]
    bright = np.stack([neighbour >= X[0] for neighbour in ring])
    changes = (bright != np.roll(bright, 1, axis=0)).sum(axis=0)
    codes = np.where(changes <= 2, bright.sum(axis=0), 5)
    np.testing.assert_allclose(found, np.bincount(codes.ravel(), minlength=6) / 400, atol=1e-7)


def test_histograms_sum_to_one_each(rng):
    X = rng.integers(0, 256, size=(3, 24, 30), dtype=np.uint8)
    rows = LBPFeatures().fit_transform(X)
    for part in np.split(rows, [10, 28], axis=1):
        np.testing.assert_allclose(part.sum(axis=1), 1, rtol=1e-6)


def test_quarter_turn_changes_next_to_nothing(rng):
    X = rng.integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    turned = np.rot90(X, axes=(1, 2))
    difference = LBPFeatures().fit_transform(turned) - LBPFeatures().fit_transform(X)
    assert np.abs(difference).max() < 0.02
    rotations = LBPFeatures([(8, 1)], method="nri_uniform")
    told_apart = rotations.fit_transform(turned) - rotations.fit_transform(X)
    assert told_apart.shape == (2, 59)
    assert np.abs(told_apart).max() > 0.001


def test_names_number_the_codes():
    lbp = LBPFeatures([(8, 1), (8, 1.5)]).fit(np.zeros((1, 16, 16)))
    names = lbp.get_feature_names_out()
    assert names[[0, 9, 10]].tolist() == ["p8_r1_00", "p8_r1_09", "p8_r1.5_00"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "ror"}, "method must be one of .* Got 'ror'"),
        ({"rings": (8, 1)}, "rings must be pairs"),
        ({"rings": []}, "rings must be pairs"),
        ({"rings": [(8, 0)]}, "rings must be pairs"),
        ({"rings": [(1, 1)]}, "rings must be pairs"),
        ({"rings": [(8, 1), (8, 1)]}, "rings must differ"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        LBPFeatures(**parameters).fit(np.zeros((1, 16, 16)))
