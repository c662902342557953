import cv2
import numpy as np
import pandas as pd
import pytest

from sicf import NoKeypointsWarning, RowCacheWarning, SIFTBoVW, VisualWords
from sicf.features import _sift_descriptors
from sicf.features._row_store import FILE


@pytest.fixture
def X(rng):
    smooth = [cv2.GaussianBlur(rng.normal(size=(80, 96)), (0, 0), 2) for _ in range(6)]
    return np.stack([np.rint((s - s.min()) / np.ptp(s) * 255) for s in smooth]).astype(np.uint8)


def test_rows_equal_a_slow_plain_computation(X):
    """OpenCV's keypoints and the nearest words, one by one."""
    sift = SIFTBoVW(16, random_state=0).fit(X[:4])
    codebook = sift.words_.codebooks_[0]
    for picture, row in zip(X, sift.transform(X), strict=True):
        _, descriptors = cv2.SIFT_create().detectAndCompute(picture, None)
        counts = np.zeros(16)
        for descriptor in descriptors:
            counts[np.argmin(((codebook - descriptor.astype(float)) ** 2).sum(axis=1))] += 1
        np.testing.assert_allclose(row, counts / len(descriptors), atol=1e-6)


def test_fit_transform_is_fit_then_transform(X):
    np.testing.assert_array_equal(
        SIFTBoVW(16, random_state=0).fit_transform(X),
        SIFTBoVW(16, random_state=0).fit(X).transform(X),
    )


def test_codebook_sees_training_images_alone(X):
    alone = SIFTBoVW(16, random_state=0).fit(X[:4])
    before = alone.words_.codebooks_[0].copy()
    alone.transform(X[4:])
    np.testing.assert_array_equal(alone.words_.codebooks_[0], before)


def test_cache_changes_nothing(X, tmp_path):
    plain = SIFTBoVW(16, random_state=0).fit_transform(X)
    for _ in range(2):
        cached = SIFTBoVW(16, cache=tmp_path, random_state=0).fit_transform(X)
        np.testing.assert_array_equal(cached, plain)


@pytest.fixture
def described(monkeypatch):
    """Number of pictures that SIFT has described so far, as the only item."""
    count = [0]
    describe = _sift_descriptors._describe_image

    def counting(step, image):
        count[0] += 1
        return describe(step, image)

    monkeypatch.setattr(_sift_descriptors, "_describe_image", counting)
    return count


@pytest.fixture
def learnt(monkeypatch):
    """Number of codebooks learnt so far, as the only item."""
    count = [0]
    cluster = VisualWords._cluster

    def counting(self, descriptors, seed):
        count[0] += 1
        return cluster(self, descriptors, seed)

    monkeypatch.setattr(VisualWords, "_cluster", counting)
    return count


def test_grid_over_other_steps_learns_one_codebook_for_each_fold(X, tmp_path, described, learnt):
    folds = [X[:4], X[2:]]
    first = [SIFTBoVW(16, cache=tmp_path, random_state=0).fit(fold).transform(X) for fold in folds]
    assert (described[0], learnt[0]) == (6, 2)
    for _ in range(2):
        for fold, expected in zip(folds, first, strict=True):
            again = SIFTBoVW(16, cache=tmp_path, random_state=0).fit(fold).transform(X)
            np.testing.assert_array_equal(again, expected)
    assert (described[0], learnt[0]) == (6, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"random_state": 1},
        {"n_words": 12},
        {"root_sift": True},
        {"max_descriptors": 40},
        {"encoding": "stats"},
    ],
)
def test_what_changes_the_words_is_no_hit(X, tmp_path, change):
    SIFTBoVW(16, cache=tmp_path, random_state=0).fit_transform(X)
    changed = {"n_words": 16, "random_state": 0} | change
    np.testing.assert_array_equal(
        SIFTBoVW(cache=tmp_path, **changed).fit_transform(X), SIFTBoVW(**changed).fit_transform(X)
    )


def test_order_of_the_training_set_is_part_of_it(X, tmp_path, learnt):
    for order in (slice(None), slice(None, None, -1)):
        rows = SIFTBoVW(16, cache=tmp_path, random_state=0).fit(X[order]).transform(X)
        plain = SIFTBoVW(16, random_state=0).fit(X[order]).transform(X)
        np.testing.assert_array_equal(rows, plain)
    assert learnt[0] == 4


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(0)])
def test_codebook_that_is_drawn_anew_is_not_kept(X, tmp_path, learnt, random_state):
    sift = SIFTBoVW(16, cache=tmp_path, random_state=random_state)
    first, second = sift.fit(X).words_.codebooks_[0], sift.fit(X).words_.codebooks_[0]
    assert learnt[0] == 2
    assert (first != second).any()


@pytest.mark.parametrize(
    "parameters",
    [
        {"encoding": "vlad", "n_words": 256},
        {"encoding": "quadrants"},
        {"fuse_sequences": "concat", "codebook": "per_sequence", "n_words": 16},
        {"fuse_sequences": "max", "n_words": 16},
    ],
)
def test_every_way_of_encoding_is_kept_as_it_is(X, tmp_path, parameters):
    two = np.stack([X, X[::-1]], axis=3)
    plain = SIFTBoVW(random_state=0, **parameters).fit(two[:4])
    for _ in range(2):
        cached = SIFTBoVW(random_state=0, cache=tmp_path, **parameters).fit(two[:4])
        np.testing.assert_array_equal(cached.transform(two), plain.transform(two))
        for kept, expected in zip(cached.words_.codebooks_, plain.words_.codebooks_, strict=True):
            np.testing.assert_array_equal(kept, expected)
        assert list(cached.get_feature_names_out()) == list(plain.get_feature_names_out())


def test_pictures_without_keypoints_are_counted_out_of_the_cache_too(X, tmp_path):
    sift = SIFTBoVW(16, cache=tmp_path, random_state=0).fit(X)
    flat = np.concatenate([X[:1], np.zeros_like(X[:2])])
    for _ in range(2):
        with pytest.warns(NoKeypointsWarning, match=r"2 of 3 image\(s\)"):
            rows = sift.transform(flat)
        assert not rows[1:].any()


def test_broken_cache_is_one_warning_and_the_same_rows(X, tmp_path):
    expected = SIFTBoVW(16, random_state=0).fit_transform(X)
    (tmp_path / FILE).write_bytes(b"junk")
    with pytest.warns(RowCacheWarning, match="file is not a database") as told:
        rows = SIFTBoVW(16, cache=tmp_path, random_state=0).fit_transform(X)
    np.testing.assert_array_equal(rows, expected)
    assert len(told) == 1


def test_cache_that_is_too_small_changes_nothing(X, tmp_path):
    many = np.concatenate([np.roll(X, 7 * shift, axis=2) for shift in range(4)])
    parameters = {"n_words": 8, "detector": "dense", "dense_step": 4, "random_state": 0}
    expected = SIFTBoVW(**parameters).fit_transform(many)
    for _ in range(2):
        small = SIFTBoVW(cache=tmp_path, cache_max_bytes=1 << 20, **parameters)
        np.testing.assert_allclose(small.fit_transform(many), expected, rtol=1e-6)
        assert (tmp_path / FILE).stat().st_size <= 1 << 20


def test_mask_channel_is_no_sequence(X):
    mask = np.zeros_like(X)
    mask[:, 20:60, 20:70] = 1
    with_mask = SIFTBoVW(16, mask=1, random_state=0).fit_transform(np.stack([X, mask], axis=3))
    np.testing.assert_array_equal(with_mask, SIFTBoVW(16, random_state=0).fit_transform(X))


def test_more_words_than_descriptors_is_an_error(X):
    with pytest.raises(ValueError, match="n_words must not exceed the number of descriptors"):
        SIFTBoVW(5000).fit(X)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_words": "16"}, TypeError, "n_words must be a whole number. Got '16'"),
        ({"n_words": 50, "max_descriptors": 20}, ValueError, "max_descriptors=20 with n_words=50"),
    ],
)
def test_wrong_codebook_is_refused_before_the_descriptors(
    X, monkeypatch, parameters, error, message
):
    monkeypatch.setattr("sicf.features._sift_bovw.SIFTDescriptors", None)
    with pytest.raises(error, match=message):
        SIFTBoVW(**parameters).fit(X)


def test_series_is_taken_by_position(X, tmp_path):
    series = pd.Series(list(X), index=range(3, 9))
    expected = SIFTBoVW(16, random_state=0).fit_transform(X)
    for cache in (None, tmp_path):
        rows = SIFTBoVW(16, cache=cache, random_state=0).fit_transform(series)
        np.testing.assert_array_equal(rows, expected)


def test_other_number_of_channels_is_an_error(X):
    sift = SIFTBoVW(16, random_state=0).fit(X)
    with pytest.raises(ValueError, match=r"1 channel\(s\) that fit saw. Got 2"):
        sift.transform(np.stack([X, X], axis=3))
