"""X that the first step reads: any container, content for a key, one entry a sample."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import FeatureUnion, Pipeline

from sicf import CachedRows, HistEqualize, SIFTDescriptors, VisualWords
from sicf.features._cache_samples import as_samples

N = 37


class ReadArrays(TransformerMixin, BaseEstimator):
    """A frozen step from .npy files, one a sequence, to images."""

    read = 0

    def __init__(self, flip=False):
        self.flip = flip

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        ReadArrays.read += len(X)
        images = [np.dstack([np.load(path) for path in paths]) for paths in _paths(X)]
        return np.stack(images)[:, ::-1] if self.flip else np.stack(images)

    def digest_samples(self, X):
        return [
            hashlib.sha256(b"".join(Path(path).read_bytes() for path in paths)).digest()
            for paths in _paths(X)
        ]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


def _paths(X):
    """One list of paths for each sample."""
    if isinstance(X, pd.DataFrame):
        return X.to_numpy().tolist()
    return [[entry] if isinstance(entry, (str, Path)) else list(entry) for entry in X]


class Means(ReadArrays):
    """A frozen step from images to rows, which has nothing to digest."""

    digest_samples = property()

    def transform(self, X):
        return np.array([[np.mean(image), np.max(image)] for image in X])


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (N, 20, 24, 2), np.uint8)


@pytest.fixture
def pairs(images, tmp_path):
    """Two files for each sample, one a sequence."""
    ReadArrays.read = 0
    names = [[tmp_path / f"{i}_{m}.npy" for m in range(2)] for i in range(N)]
    for image, paths in zip(images, names, strict=True):
        for m, path in enumerate(paths):
            np.save(path, image[:, :, m])
    return [tuple(paths) for paths in names]


def chain(**parameters):
    return Pipeline([("read", ReadArrays(**parameters)), ("means", Means())])


CONTAINERS = {
    "list of tuples": list,
    "table": lambda pairs: pd.DataFrame(pairs, columns=["T1", "T2"], index=range(100, 100 + N)),
    "series": lambda pairs: pd.Series(pairs, index=list(range(N, 0, -1))),
    "object array": lambda pairs: pd.Series(pairs).to_numpy(),
    "array of paths": lambda pairs: np.array(pairs, object),
}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
def test_any_container_is_taken_by_position(images, pairs, tmp_path, container):
    X = container(pairs)
    cached = CachedRows(chain(), tmp_path / "rows").fit(X)
    ReadArrays.read = 0
    for _ in range(2):
        np.testing.assert_array_equal(cached.transform(X), Means().transform(images))
    assert ReadArrays.read == N


def test_one_file_a_sample(images, pairs, tmp_path):
    X = [first for first, _ in pairs]
    rows = CachedRows(chain(), tmp_path / "rows").fit_transform(X)
    np.testing.assert_array_equal(rows, Means().transform(images[..., :1]))


def test_content_counts_and_not_the_name(images, pairs, tmp_path):
    cached = CachedRows(chain(), tmp_path / "rows").fit(pairs)
    cached.transform(pairs)
    ReadArrays.read = 0
    moved = []
    for i, paths in enumerate(pairs):
        moved.append(tuple(path.rename(path.with_name(f"moved_{i}_{path.name}")) for path in paths))
    cached.transform(moved)
    assert ReadArrays.read == 0
    np.save(moved[5][0], np.zeros((20, 24), np.uint8))
    assert cached.transform(moved)[5, 0] == images[5, :, :, 1].mean() / 2
    assert ReadArrays.read == 1


def test_parameters_of_the_reader_are_part_of_the_key(images, pairs, tmp_path):
    plain = CachedRows(ReadArrays(), tmp_path / "rows").fit_transform(pairs)
    flipped = CachedRows(ReadArrays(flip=True), tmp_path / "rows").fit_transform(pairs)
    np.testing.assert_array_equal(plain, images)
    np.testing.assert_array_equal(flipped, images[:, ::-1])


def test_union_of_branches_that_read_each_for_itself(images, pairs, tmp_path):
    union = FeatureUnion([("plain", chain()), ("flipped", chain(flip=True))])
    rows = CachedRows(union, tmp_path / "rows").fit_transform(pairs)
    np.testing.assert_array_equal(rows, np.hstack([Means().transform(images)] * 2))
    one = as_samples(pairs, FeatureUnion([("a", chain()), ("b", chain())])).digests()
    two = as_samples(pairs, union).digests()
    assert (len(one[0]), len(two[0])) == (32, 64)


def test_branches_of_which_one_reads_nothing_are_refused(pairs, tmp_path):
    union = FeatureUnion([("read", chain()), ("means", Means())])
    with pytest.raises(TypeError, match="or none. Got ReadArrays, Means"):
        CachedRows(union, tmp_path / "rows").fit(pairs)


def test_ragged_rows_from_files(images, pairs, tmp_path):
    descriptors = Pipeline([("read", ReadArrays()), ("sift", SIFTDescriptors("dense"))])
    stored = CachedRows(descriptors, tmp_path / "rows").fit_transform(pairs)
    words = VisualWords(8, random_state=0)
    expected = words.fit_transform(SIFTDescriptors("dense").fit_transform(images))
    np.testing.assert_array_equal(words.fit_transform(stored), expected)


def test_error_names_the_sample_of_the_caller(pairs, tmp_path):
    broken = np.full((20, 24), np.nan)
    np.save(pairs[35][0], broken)
    steps = [("read", ReadArrays()), ("equalize", HistEqualize()), ("means", Means())]
    with pytest.raises(ValueError, match="Image 35 has 480 non-finite"):
        CachedRows(Pipeline(steps), tmp_path / "rows").fit(pairs).transform(pairs)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("scan.npy", TypeError, r"one entry for each sample. Got str instead; .* as \[X\]"),
        ([], ValueError, r"0 sample\(s\)"),
        ((path for path in "ab"), TypeError, "one entry for each sample. Got generator"),
    ],
)
def test_what_is_no_collection_is_refused(tmp_path, X, error, message):
    with pytest.raises(error, match=message):
        CachedRows(chain(), tmp_path / "rows").fit(X)


class Careless(ReadArrays):
    def digest_samples(self, X):
        return super().digest_samples(X)[1:]


def test_a_digest_for_each_sample_is_asked_for(pairs, tmp_path):
    cached = CachedRows(Careless(), tmp_path / "rows").fit(pairs)
    with pytest.raises(ValueError, match=r"Careless gave 36 value\(s\) for 37 sample\(s\)"):
        cached.transform(pairs)


class Meddler(Means):
    """Changes a file while rows are computed."""

    file = None

    def transform(self, X):
        np.save(Meddler.file, np.ones((20, 24), np.uint8))
        return super().transform(X)


def test_file_that_changes_meanwhile_is_kept_under_no_key(pairs, tmp_path):
    Meddler.file = pairs[3][1]
    cached = CachedRows(Pipeline([("read", ReadArrays()), ("means", Meddler())]), tmp_path / "rows")
    with pytest.raises(ValueError, match="Sample 3 has changed"):
        cached.fit(pairs).transform(pairs)


def test_workers_of_joblib_share_one_cache(images, tmp_path):
    cached = CachedRows(SIFTDescriptors("dense"), tmp_path).fit(images)
    halves = Parallel(n_jobs=2)(
        delayed(cached.transform)(images[start : start + 25]) for start in (0, 12)
    )
    expected = SIFTDescriptors("dense").fit_transform(images)
    for half, start in zip(halves, (0, 12), strict=True):
        for row, other in zip(half, expected[start : start + 25], strict=True):
            np.testing.assert_array_equal(row, other)
