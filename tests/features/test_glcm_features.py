import numpy as np
import pytest

from sicf import GLCMFeatures


def count_pairs(picture, levels, down, right):
    """Co-occurrence by hand: every pixel with the one so far below and to the right, both ways."""
    merged = picture.astype(int) * levels // 256
    pairs = np.zeros((levels, levels))
    rows, columns = merged.shape
    for row in range(rows):
        for column in range(columns):
            if 0 <= row + down < rows and 0 <= column + right < columns:
                a, b = merged[row, column], merged[row + down, column + right]
                pairs[a, b] += 1
                pairs[b, a] += 1
    return pairs / pairs.sum()


@pytest.mark.parametrize(
    ("angle", "down", "right"), [("0", 0, 2), ("90", 2, 0), ("45", 1, 1), ("135", 1, -1)]
)
def test_properties_are_those_of_counted_pairs(rng, angle, down, right):
    X = rng.integers(0, 256, size=(1, 20, 17), dtype=np.uint8)
    # Two pixels along a diagonal round to one step each way.
    distance = 2 if angle in ("0", "90") else 1
    glcm = GLCMFeatures(8, distances=[distance], aggregate=None).fit(X)
    found = dict(zip(glcm.get_feature_names_out(), glcm.transform(X)[0], strict=True))
    pairs = count_pairs(X[0], 8, down, right)
    i, j = np.indices(pairs.shape)
    mean, spread = (i * pairs).sum(), ((i - (i * pairs).sum()) ** 2 * pairs).sum()
    expected = {
        "contrast": ((i - j) ** 2 * pairs).sum(),
        "dissimilarity": (abs(i - j) * pairs).sum(),
        "homogeneity": (pairs / (1 + (i - j) ** 2)).sum(),
        "ASM": (pairs**2).sum(),
        "energy": np.sqrt((pairs**2).sum()),
        "correlation": ((i - mean) * (j - mean) * pairs).sum() / spread,
    }
    for name, value in expected.items():
        assert found[f"{name}_d{distance}_{angle}"] == pytest.approx(value, rel=1e-5)


def test_mean_and_range_are_over_the_angles(rng):
    X = rng.integers(0, 256, size=(2, 32, 32), dtype=np.uint8)
    each = GLCMFeatures(aggregate=None).fit_transform(X).reshape(2, 18, 4)
    both = GLCMFeatures().fit_transform(X).reshape(2, 18, 2)
    np.testing.assert_allclose(both[..., 0], each.mean(axis=2), rtol=1e-5)
    np.testing.assert_allclose(both[..., 1], np.ptp(each, axis=2), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(GLCMFeatures(aggregate="mean").fit_transform(X), both[..., 0])


def test_quarter_turn_changes_nothing_over_the_angles(rng):
    X = rng.integers(0, 256, size=(2, 32, 32), dtype=np.uint8)
    turned = np.rot90(X, axes=(1, 2))
    np.testing.assert_allclose(
        GLCMFeatures(distances=[1]).fit_transform(turned),
        GLCMFeatures(distances=[1]).fit_transform(X),
        rtol=1e-4,
        atol=1e-6,
    )


def test_flat_picture_has_no_contrast():
    glcm = GLCMFeatures().fit(np.zeros((1, 32, 32)))
    found = dict(
        zip(glcm.get_feature_names_out(), glcm.transform(np.ones((1, 32, 32)))[0], strict=True)
    )
    assert found["contrast_d1_mean"] == 0
    assert found["homogeneity_d2_mean"] == found["ASM_d3_mean"] == 1


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"levels": 1}, ValueError, "levels must be at least 2. Got 1"),
        ({"levels": 257}, ValueError, "levels must be at most 256. Got 257"),
        ({"distances": []}, ValueError, r"distances must be several numbers. Got \[\]"),
        ({"distances": [0]}, ValueError, "distances must be at least 1. Got 0"),
        ({"distances": 1}, ValueError, "distances must be several numbers. Got 1"),
        ({"aggregate": "max"}, ValueError, "aggregate must be one of"),
        ({"properties": ["entropy"]}, ValueError, "properties must be different ones of"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        GLCMFeatures(**parameters).fit(np.zeros((1, 32, 32)))


def test_distance_beyond_a_picture_names_it():
    X = [np.zeros((32, 32)), np.zeros((32, 16))]
    with pytest.raises(ValueError, match="shorter side of a picture, 16. Got 20.*by image 1"):
        GLCMFeatures(distances=[20]).fit_transform(X)
