import numpy as np
import pytest

from sicf import SIFTDescriptors, VisualWords
from sicf.explanation._keypoint_map import keypoint_maps

SHAPE = (60, 50)


def keypoints_at(*places, sequence=0):
    """Keypoints whose descriptors are far apart, at shares of height and width."""
    records = np.zeros(len(places), SIFTDescriptors().fit_transform(np.ones((1, 32, 32)))[0].dtype)
    for number, (record, (row, column)) in enumerate(zip(records, places, strict=True)):
        record["row"], record["column"], record["size"] = row, column, 1.0
        record["sequence"] = sequence
        record["descriptor"][10 * number] = 255
    return records


def learn(*images, **parameters):
    return VisualWords(3, random_state=0, n_sequences=2, **parameters).fit(list(images))


def draw(words, keypoints, weights, box=(0, 0, *SHAPE)):
    return keypoint_maps(words, keypoints, weights, (30, 25), box, SHAPE)


def test_evidence_of_a_word_is_a_gaussian_at_its_keypoint():
    image = keypoints_at((0.2, 0.3), (0.5, 0.5), (0.8, 0.9))
    words = learn(image)
    weights = np.zeros(3)
    weights[words._nearest_words(image["descriptor"].astype(np.float32), image["sequence"])[0]] = 2
    maps, unplaced = draw(words, image, weights)
    assert unplaced == 0
    assert maps.shape == (2, *SHAPE)
    assert maps[0].sum() == pytest.approx(2, rel=1e-5)
    assert not maps[1].any()
    # The keypoint lies at row 12.0 and column 15.0: on the corner of four pixels.
    assert np.unravel_index(maps[0].argmax(), SHAPE) in {(r, c) for r in (11, 12) for c in (14, 15)}
    # Diameter 1 pixel, enlarged twice: sigma is 6 pixels, so at that distance exp(-1/2) is left.
    profile = maps[0].sum(axis=1)
    assert profile[18] / profile[12] == pytest.approx(
        np.exp(-0.5 * (6.5**2 - 0.5**2) / 36), rel=1e-4
    )


def test_words_that_are_absent_have_no_place():
    image = keypoints_at((0.2, 0.3), (0.5, 0.5), (0.8, 0.9))
    words = learn(image)
    maps, unplaced = draw(words, image[:1], np.array([1.0, 1.0, 1.0]))
    assert maps.sum() == pytest.approx(1, rel=1e-5)
    assert unplaced == pytest.approx(2)
    maps, unplaced = draw(words, image[:0], np.array([1.0, 1.0, 1.0]))
    assert not maps.any()
    assert unplaced == 3


def test_maps_stay_in_the_box():
    image = keypoints_at((0.1, 0.1), (0.5, 0.5), (0.9, 0.9))
    maps, _ = draw(learn(image), image, np.ones(3), box=(20, 10, 50, 35))
    assert maps[0, 20:50, 10:35].sum() == pytest.approx(3, rel=1e-5)
    maps[0, 20:50, 10:35] = 0
    assert not maps.any()


def test_concat_gives_each_sequence_its_own_columns():
    image = np.concatenate(
        [keypoints_at(*[(0.2, 0.2)] * 3), keypoints_at(*[(0.8, 0.8)] * 3, sequence=1)]
    )
    words = learn(image, fuse_sequences="concat")
    maps, unplaced = draw(words, image, np.array([1.0, 1, 1, -2, -2, -2]))
    assert unplaced == 0
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), [3, -6], rtol=1e-5)


def test_mean_weighs_keypoints_by_their_share_of_their_sequence():
    many = keypoints_at((0.2, 0.2), (0.2, 0.4), (0.2, 0.6))
    image = np.concatenate([many, keypoints_at((0.8, 0.8), sequence=1)])
    words = learn(image)
    nearest = words._nearest_words(image["descriptor"].astype(np.float32), image["sequence"])
    weights = np.zeros(3)
    weights[nearest[0]] = 4
    # Both hold the word once, the first among three keypoints and the second alone.
    maps, _ = draw(words, image, weights)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), [1, 3], rtol=1e-5)
    words.set_params(fuse_sequences="max")
    maps, _ = draw(words, image, weights)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), [0, 4], atol=1e-5)


@pytest.mark.parametrize("encoding", ["vlad", "stats", "quadrants"])
def test_other_encodings_place_all_that_has_a_keypoint(rng, encoding):
    X = rng.integers(0, 256, (3, 64, 64), dtype=np.uint8)
    described = SIFTDescriptors().fit_transform(X)
    words = VisualWords(256, encoding=encoding, random_state=0).fit(described)
    weights = rng.normal(size=words.transform(described).shape[1])
    maps, unplaced = keypoint_maps(words, described[0], weights, (64, 64), (0, 0, 64, 64), (64, 64))
    assert maps.sum() + unplaced == pytest.approx(weights.sum(), rel=1e-4)


def test_quadrants_lie_where_they_are_named():
    image = keypoints_at((0.1, 0.9), (0.9, 0.1), (0.9, 0.9))
    words = learn(image, encoding="quadrants")
    weights = np.zeros(4 * 128)
    weights[words.get_feature_names_out() == "above_right_005"] = 1
    maps, _ = draw(words, image, weights)
    row, column = np.unravel_index(maps[0].argmax(), SHAPE)
    assert row < 30
    assert column > 25
