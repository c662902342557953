import cv2
import numpy as np
import pandas as pd
import pytest

from sicf import SIFTBoVW


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
    assert len(list(tmp_path.rglob("*.npy"))) == len(X)


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
