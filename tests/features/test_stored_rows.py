"""Ragged rows that stay on disk behave like the object array that they stand for."""

import pickle
import sqlite3

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import cross_val_predict

from sicf import CachedRows, RowCacheWarning, SIFTDescriptors, VisualWords
from sicf.features._row_store import FILE
from sicf.features._stored_rows import StoredRows

N = 70


class Rows(BaseEstimator):
    """Frozen: as many records as the first pixel says, each with the mean."""

    seen = 0

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        Rows.seen += len(X)
        ragged = np.empty(len(X), object)
        for index, image in enumerate(X):
            ragged[index] = np.full(image[0, 0], image.mean(), [("mean", float)])
        return ragged

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


@pytest.fixture
def X(rng):
    return rng.integers(0, 40, (N, 16, 16), np.uint8)


@pytest.fixture
def rows(X, tmp_path):
    Rows.seen = 0
    return CachedRows(Rows(), tmp_path).fit(X).transform(X)


def assert_same(rows, expected):
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        np.testing.assert_array_equal(row, other)


def test_rows_are_computed_in_transform_and_read_afterwards(X, rows):
    assert Rows.seen == N
    assert_same(rows, Rows().transform(X))
    assert (rows.shape, rows.ndim, rows.dtype) == ((N,), 1, object)
    assert Rows.seen == 2 * N


@pytest.mark.parametrize(
    "index",
    [
        slice(3, 40, 2),
        [5, 5, -1],
        np.arange(N) % 3 == 0,
        [True] * N,
        (np.array([4, 2]), Ellipsis),
        slice(0, 0),
    ],
    ids=["slice", "list", "mask", "list of bool", "as scikit-learn", "empty"],
)
def test_indexing_is_that_of_an_array(X, rows, index):
    expected = Rows().transform(X)
    Rows.seen = 0
    chosen = rows[index]
    assert isinstance(chosen, StoredRows)
    assert_same(chosen, expected[index])
    assert_same(chosen[::-1], expected[index][::-1])
    assert Rows.seen == 0


def test_one_row_is_an_array_of_its_own(X, rows):
    row = rows[-2]
    np.testing.assert_array_equal(row, Rows().transform(X)[-2])
    row["mean"] = 7
    assert (rows[-2]["mean"] != 7).all()
    with pytest.raises(IndexError):
        rows[N]


def test_array_of_it_is_the_object_array(X, rows):
    array = np.asarray(rows)
    assert array.dtype == object
    assert_same(array, Rows().transform(X))
    with pytest.raises(ValueError, match="copy=False"):
        rows.__array__(copy=False)  # As numpy calls it since 2.0; before, copy=False may copy.


def test_dropped_rows_are_computed_again(X, rows, tmp_path):
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("DELETE FROM rows WHERE number % 2")
    database.close()
    Rows.seen = 0
    assert_same(rows, Rows().transform(X))
    assert Rows.seen == N + N // 2


def test_image_that_changed_meanwhile_is_an_error(X, rows, tmp_path):
    (tmp_path / FILE).unlink()
    X[3, 0, 0] += 1
    assert len(rows[2]) == X[2, 0, 0]
    with pytest.raises(ValueError, match="must stay as they are .* Sample 3 has changed"):
        list(rows)


def test_rows_that_cannot_be_kept_are_held(X, tmp_path):
    (tmp_path / FILE).write_bytes(b"junk")
    cached = CachedRows(Rows(), tmp_path).fit(X)
    with pytest.warns(RowCacheWarning, match="not a database"):
        rows = cached.transform(X)
    Rows.seen = 0
    assert_same(list(rows), list(rows))
    assert Rows.seen == 0


def test_rows_survive_a_pickle(X, rows):
    assert_same(pickle.loads(pickle.dumps(rows[5:50])), Rows().transform(X)[5:50])
    assert "70 rows in" in repr(rows)


class Longest(BaseEstimator):
    """Predicts the length of each row; what scikit-learn asks of an estimator, and no more."""

    def fit(self, X, y=None):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.array([len(row) for row in X])


def test_cross_validation_slices_it(X, rows):
    lengths = X[:, 0, 0].astype(int)
    np.testing.assert_array_equal(cross_val_predict(Longest(), rows, lengths, cv=3), lengths)


def test_words_of_rows_on_disk_are_those_of_rows_in_memory(tmp_path, rng):
    X = rng.integers(0, 256, (12, 64, 64, 2), np.uint8)
    plain = SIFTDescriptors().fit_transform(X)
    stored = CachedRows(SIFTDescriptors(), tmp_path).fit_transform(X)
    options = {"random_state": 0, "max_descriptors": 100, "fuse_sequences": "concat"}
    for codebook in ("shared", "per_sequence"):
        words = VisualWords(8, codebook=codebook, **options)
        np.testing.assert_array_equal(words.fit_transform(stored), words.fit_transform(plain))
