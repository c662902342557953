import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans

from sicf import NoKeypointsWarning, VisualWords
from sicf.features._sift_descriptors import KEYPOINT_DTYPE, as_ragged


def _keypoints(rng, n, n_sequences=1):
    records = np.zeros(n, KEYPOINT_DTYPE)
    records["sequence"] = np.sort(rng.integers(0, n_sequences, n))
    records["row"], records["column"] = rng.random((2, n))
    records["descriptor"] = rng.integers(0, 256, (n, 128))
    return records


@pytest.fixture
def X(rng):
    """Six images of two sequences; in the last only the second sequence has keypoints."""
    rows = [_keypoints(rng, n, 2) for n in (40, 25, 60, 33, 51)]
    alone = _keypoints(rng, 20)
    alone["sequence"] = 1
    return as_ragged([*rows, alone])


def _slow_histogram(keypoints, codebook, root=False):
    """Nearest words one by one, in double precision."""
    counts = np.zeros(len(codebook))
    for descriptor in keypoints["descriptor"].astype(float):
        if root:
            descriptor = np.sqrt(descriptor / descriptor.sum())
        counts[np.argmin(((codebook - descriptor) ** 2).sum(axis=1))] += 1
    return counts / counts.sum()


@pytest.mark.parametrize("root_sift", [False, True])
def test_histogram_equals_the_slow_plain_computation(X, root_sift):
    words = VisualWords(12, root_sift=root_sift, random_state=0).fit(X)
    rows = words.transform(X)
    for keypoints, row in zip(X, rows, strict=True):
        of_each = [keypoints[keypoints["sequence"] == m] for m in range(2)]
        slow = [_slow_histogram(k, words.codebooks_[0], root_sift) for k in of_each if len(k)]
        np.testing.assert_allclose(row, np.mean(slow, axis=0), atol=1e-6)
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-5)


def test_concat_with_a_codebook_for_each_sequence(X):
    words = VisualWords(
        9,
        fuse_sequences="concat",
        codebook="per_sequence",
        sequence_names=("T1", "T2"),
        random_state=0,
    ).fit(X)
    rows = words.transform(X)
    assert rows.shape == (6, 18)
    assert words.get_feature_names_out()[[0, 9]].tolist() == ["T1_word_000", "T2_word_000"]
    second = X[0][X[0]["sequence"] == 1]
    np.testing.assert_allclose(rows[0, 9:], _slow_histogram(second, words.codebooks_[1]), atol=1e-6)
    assert not rows[5, :9].any()


def test_maximum_over_the_sequences_that_have_keypoints(X):
    together = VisualWords(9, fuse_sequences="concat", random_state=0).fit_transform(X)
    highest = VisualWords(9, fuse_sequences="max", random_state=0).fit_transform(X)
    np.testing.assert_allclose(highest, together.reshape(6, 2, 9).max(axis=1))


def test_vlad_equals_the_slow_plain_computation(X):
    words = VisualWords(256, encoding="vlad", fuse_sequences="concat", random_state=0).fit(X)
    codebook = words.codebooks_[0]
    assert codebook.shape == (2, 128)
    slow = np.zeros((2, 128))
    for descriptor in X[0]["descriptor"][X[0]["sequence"] == 0].astype(float):
        nearest = np.argmin(((codebook - descriptor) ** 2).sum(axis=1))
        slow[nearest] += descriptor - codebook[nearest]
    slow = np.sign(slow) * np.sqrt(np.abs(slow))
    slow /= np.linalg.norm(slow)
    np.testing.assert_allclose(words.transform(X)[0, :256], slow.ravel(), atol=1e-5)


def test_statistics_are_those_of_numpy(X):
    rows = VisualWords(encoding="stats", fuse_sequences="concat").fit_transform(X)
    own = X[2]["descriptor"][X[2]["sequence"] == 1].astype(float)
    expected = [own.mean(axis=0), own.std(axis=0), own.min(axis=0), own.max(axis=0)]
    np.testing.assert_allclose(rows[2, 512:], np.concatenate(expected), rtol=1e-5, atol=1e-4)
    assert not rows[5, :512].any()


def test_quadrants_are_means_above_and_below(X):
    rows = VisualWords(encoding="quadrants", fuse_sequences="concat").fit_transform(X)
    own = X[1][X[1]["sequence"] == 0]
    below_left = own["descriptor"][(own["row"] >= 0.5) & (own["column"] < 0.5)]
    np.testing.assert_allclose(rows[1, 256:384], below_left.mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("encoding", ["bovw", "vlad", "stats", "quadrants"])
def test_names_are_unique_and_as_many_as_columns(X, encoding):
    words = VisualWords(128, encoding=encoding, random_state=0).fit(X)
    names = words.get_feature_names_out()
    assert len(set(names)) == len(names) == words.transform(X).shape[1]


@pytest.mark.parametrize("encoding", ["bovw", "vlad", "stats", "quadrants"])
def test_image_without_keypoints_is_zeros_and_a_warning(X, rng, encoding):
    words = VisualWords(128, encoding=encoding, random_state=0).fit(X)
    with pytest.warns(NoKeypointsWarning, match=r"2 of 3 image\(s\) have no keypoint"):
        rows = words.transform(as_ragged([X[0], X[0][:0], X[0][:0]]))
    assert not rows[1:].any()
    assert np.isfinite(rows).all()


def test_codebook_is_learnt_on_a_sample(X):
    words = VisualWords(5, max_descriptors=30, random_state=0).fit(X)
    again = VisualWords(5, max_descriptors=30, random_state=0).fit(X)
    np.testing.assert_array_equal(words.codebooks_[0], again.codebooks_[0])


def test_encoding_in_chunks_changes_nothing(X, monkeypatch):
    words = VisualWords(7, random_state=0).fit(X)
    expected = words.transform(X)
    monkeypatch.setattr("sicf.features._descriptor_walks.DESCRIPTORS_AT_ONCE", 30)
    np.testing.assert_allclose(words.transform(X), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_words": 1}, "n_words must be at least 2. Got 1"),
        ({"n_words": 1000}, r"n_words must not exceed.*1000 words with 229 descriptor\(s\)"),
        ({"n_words": 200, "encoding": "vlad"}, "multiple of 128.*Got 200"),
        ({"encoding": "fisher"}, "encoding must be one of"),
        ({"codebook": "per_sequence"}, "needs fuse_sequences='concat'.*Got 'mean'"),
        ({"fuse_sequences": "rgb"}, "fuse_sequences must be one of"),
        ({"sequence_names": ["T1"]}, r"sequence_names must be 2 different name\(s\)"),
        ({"n_words": 50, "max_descriptors": 20}, r"max_descriptors=20 with n_words=50"),
        (
            {"n_words": 256, "encoding": "vlad", "max_descriptors": 1},
            r"max_descriptors=1 with n_words=256, that is 2 word\(s\)",
        ),
        ({"n_sequences": 0}, "n_sequences must be at least 1. Got 0"),
    ],
)
def test_wrong_parameter_is_named(X, parameters, message):
    with pytest.raises(ValueError, match=message):
        VisualWords(**parameters).fit(X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_words": "16"}, "n_words must be a whole number. Got '16'"),
        ({"n_words": None}, "n_words must be a whole number. Got None"),
        ({"n_words": 16.0}, "n_words must be a whole number. Got 16.0"),
        ({"max_descriptors": 1e5}, "max_descriptors must be a whole number. Got 100000.0"),
        ({"n_sequences": "2"}, "n_sequences must be a whole number. Got '2'"),
        ({"n_words": 4, "sequence_names": "T1"}, "must be a list of names.*Got 'T1'"),
        ({"n_words": 4, "sequence_names": 2}, "must be a list of names.*Got 2"),
    ],
)
def test_parameter_of_another_type_is_named(X, parameters, message):
    with pytest.raises(TypeError, match=message):
        VisualWords(**parameters).fit(X)


def test_codebook_of_a_sequence_without_keypoints_is_an_error(X):
    first = as_ragged([keypoints[keypoints["sequence"] == 0] for keypoints in X])
    words = VisualWords(4, codebook="per_sequence", fuse_sequences="concat", n_sequences=2)
    with pytest.raises(ValueError, match=r"4 words with 0 descriptor\(s\) in 6 image"):
        words.fit(first)


@pytest.mark.parametrize("codebook", ["shared", "per_sequence"])
def test_descriptors_are_drawn_as_by_choice_over_all_laid_end_to_end(X, codebook):
    """The codebooks of a plain computation that holds everything at once."""
    together = np.concatenate(X)
    rng, expected = np.random.RandomState(3), []
    for m in range(1 if codebook == "shared" else 2):
        own = np.ones(len(together), bool) if codebook == "shared" else together["sequence"] == m
        members = np.sort(rng.choice(np.flatnonzero(own), 60, replace=False))
        kmeans = MiniBatchKMeans(
            5,
            batch_size=4096,
            n_init=1,
            init_size=15,
            random_state=rng.randint(np.iinfo(np.int32).max),
        )
        descriptors = together["descriptor"][members].astype(np.float32)
        expected.append(kmeans.fit(descriptors).cluster_centers_)
    words = VisualWords(
        5, codebook=codebook, fuse_sequences="concat", max_descriptors=60, random_state=3
    )
    for learnt, codes in zip(words.fit(X).codebooks_, expected, strict=True):
        np.testing.assert_array_equal(learnt, codes)


def test_fit_without_any_keypoint_is_an_error(X):
    with pytest.raises(ValueError, match="None of the 2 image"):
        VisualWords(4).fit(as_ragged([X[0][:0], X[1][:0]]))


def test_images_are_sent_to_sift_bovw(rng):
    with pytest.raises(TypeError, match="Entry 0 is a ndarray instead; for images use SIFTBoVW"):
        VisualWords(4).fit(rng.random((2, 32, 32)))
