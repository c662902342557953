import sqlite3

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from sicf import (
    CachedRows,
    HistEqualize,
    MaskROI,
    QuadrantROI,
    RowCacheWarning,
    SIFTBoVW,
    SIFTDescriptors,
)
from sicf.features._row_store import FILE
from sicf.features._stored_rows import StoredRows


class Moments(TransformerMixin, BaseEstimator):
    """A frozen transformer that counts the images it is given."""

    seen = 0

    def __init__(self, power=1, n_jobs=None):
        self.power = power
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        Moments.seen += len(X)
        return np.array([[np.mean(x**self.power), np.max(x)] for x in X])

    def get_feature_names_out(self, input_features=None):
        return np.array(["mean", "max"], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


@pytest.fixture
def X(rng):
    return rng.random((5, 20, 24))


@pytest.fixture(autouse=True)
def _count_from_zero():
    Moments.seen = 0


def test_each_image_is_computed_once(X, tmp_path):
    cached = CachedRows(Moments(), tmp_path).fit(X)
    np.testing.assert_array_equal(cached.transform(X), Moments().transform(X))
    Moments.seen = 0
    np.testing.assert_array_equal(cached.transform(X[[4, 1]]), cached.transform(X)[[4, 1]])
    CachedRows(Moments(), tmp_path).fit_transform(X[1:])
    assert Moments.seen == 0


def test_duplicates_within_a_batch_are_computed_once(X, tmp_path):
    rows = CachedRows(Moments(), tmp_path).fit(X).transform(X[[0, 1, 0, 0]])
    assert Moments.seen == 2
    np.testing.assert_array_equal(rows[0], rows[2])


def test_number_of_jobs_does_not_change_the_key_but_parameters_do(X, tmp_path):
    CachedRows(Moments(), tmp_path).fit_transform(X)
    CachedRows(Moments(n_jobs=2), tmp_path).fit_transform(X)
    assert Moments.seen == 5
    squared = CachedRows(Moments(power=2), tmp_path).fit_transform(X)
    assert Moments.seen == 10
    np.testing.assert_allclose(squared[:, 0], (X**2).mean(axis=(1, 2)))


@pytest.mark.parametrize("change", ["pixel", "dtype", "shape"])
def test_another_image_is_another_key(X, tmp_path, change):
    CachedRows(Moments(), tmp_path).fit_transform(X[:1])
    other = X[:1].copy()
    if change == "pixel":
        other[0, 0, 0] += 1e-9
    elif change == "dtype":
        other = other.astype(np.float32)
    else:
        other = other.reshape(1, 24, 20)
    CachedRows(Moments(), tmp_path).fit_transform(other)
    assert Moments.seen == 2


def test_same_pixels_in_another_memory_order_are_the_same_image(X, tmp_path):
    CachedRows(Moments(), tmp_path).fit_transform(X)
    CachedRows(Moments(), tmp_path).fit_transform(np.asfortranarray(X))
    CachedRows(Moments(), tmp_path).fit_transform(list(X))
    assert Moments.seen == 5


def test_damaged_row_is_computed_again(X, tmp_path):
    cached = CachedRows(Moments(), tmp_path).fit(X)
    expected = cached.transform(X)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE rows SET content = zeroblob(16) WHERE number = 2")
    database.close()
    with pytest.warns(RowCacheWarning, match=r"1 damaged row\(s\)"):
        np.testing.assert_array_equal(cached.transform(X), expected)
    assert Moments.seen == 6
    np.testing.assert_array_equal(cached.transform(X), expected)
    assert Moments.seen == 6


def test_file_that_is_no_cache_is_one_warning_a_call(X, tmp_path):
    (tmp_path / FILE).write_bytes(b"junk")
    cached = CachedRows(Moments(), tmp_path).fit(X)
    for _ in range(2):
        with pytest.warns(RowCacheWarning, match="not a database.*delete it if nothing") as told:
            np.testing.assert_array_equal(cached.transform(X), Moments().transform(X))
        assert len(told) == 1
        assert told[0].filename == __file__
    assert (tmp_path / FILE).read_bytes() == b"junk"


def test_failed_transform_keeps_what_was_computed_before(tmp_path, rng):
    X = rng.random((70, 20, 24))
    X[66] += 9
    cached = CachedRows(FunctionTransformer(no_bright_picture), tmp_path).fit(X)
    with pytest.raises(KeyError):
        cached.transform(X)
    X[66] -= 9
    Moments.seen = 0
    assert cached.transform(X).shape == (70, 1)


def test_ragged_rows_and_lists_of_sizes(X, tmp_path, rng):
    pictures = [rng.integers(0, 256, (64, 64), np.uint8), rng.integers(0, 256, (48, 70), np.uint8)]
    plain = SIFTDescriptors().fit_transform(pictures)
    for _ in range(2):
        cached = CachedRows(SIFTDescriptors(), tmp_path).fit_transform(pictures)
        assert isinstance(cached, StoredRows)
        assert np.asarray(cached).dtype == object
        for expected, row in zip(plain, cached, strict=True):
            np.testing.assert_array_equal(expected, row)


def test_whole_frozen_chain_is_cached(X, tmp_path):
    chain = Pipeline([("equalize", HistEqualize()), ("moments", Moments())])
    rows = CachedRows(chain, tmp_path).fit_transform(X)
    np.testing.assert_array_equal(rows, chain.fit_transform(X))


def test_what_learns_is_refused(X, tmp_path):
    union = FeatureUnion([("moments", Moments()), ("sift", SIFTBoVW(4))])
    with pytest.raises(TypeError, match="SIFTBoVW learns; put it after"):
        CachedRows(union, tmp_path).fit(X)


def test_without_a_folder_everything_is_handed_on(X):
    np.testing.assert_array_equal(CachedRows(Moments()).fit_transform(X), Moments().transform(X))


def test_parameters_of_the_wrapped_transformer_are_within_reach(X, tmp_path):
    cached = CachedRows(Moments(), tmp_path)
    cached.set_params(power=3, transformer__n_jobs=2, location=None)
    assert (cached.transformer.power, cached.transformer.n_jobs, cached.location) == (3, 2, None)
    assert cached.get_params()["power"] == 3
    with pytest.raises(ValueError, match="Invalid parameter 'powr'"):
        cached.set_params(powr=3)


def test_pandas_output_survives_clone(X, tmp_path):
    cached = clone(CachedRows(Moments(), tmp_path).set_output(transform="pandas"))
    table = cached.fit_transform(X)
    assert isinstance(table, pd.DataFrame)
    assert list(table) == ["mean", "max"]


def test_parameter_without_a_stable_text_is_refused(X, tmp_path):
    with pytest.raises(TypeError, match="must be numbers, text, paths.*Got object"):
        CachedRows(Moments(power=object()), tmp_path).fit(X).transform(X)


@pytest.fixture
def masked(rng):
    """Sixty images with a mask channel, which is empty in image 50."""
    batch = rng.integers(0, 256, (60, 20, 24, 2), np.uint8)
    batch[..., 1] = 1
    batch[50, :, :, 1] = 0
    return batch


@pytest.mark.parametrize("container", [np.asarray, list])
def test_error_names_the_image_of_the_caller(masked, tmp_path, container):
    X = container(masked)
    cached = CachedRows(MaskROI(16), tmp_path).fit(X)
    for _ in range(2):  # at first in a chunk of 32, then with image 49 in the cache
        with pytest.raises(ValueError, match="That of image 50 holds") as caught:
            cached.transform(X)
        assert caught.value.__context__ is None
        cached.transform(X[:50])


def no_bright_picture(X):
    if max(np.max(x) for x in X) > 5:
        raise KeyError("too bright")
    return np.zeros((len(X), 1))


def no_crowd(X):
    if len(X) > 1:
        raise MemoryError("image 1 does not fit")
    return np.zeros((len(X), 1))


def test_error_without_a_place_gets_it_as_a_note(X, tmp_path):
    X[3] += 9
    cached = CachedRows(FunctionTransformer(no_bright_picture), tmp_path).fit(X)
    with pytest.raises(KeyError, match="too bright") as caught:
        cached.transform(X)
    assert caught.value.__notes__ == ["Raised for image 3."]


def test_error_of_a_few_together_names_them(X, tmp_path):
    cached = CachedRows(FunctionTransformer(no_crowd), tmp_path).fit(X)
    cached.transform(X[:1])
    with pytest.raises(MemoryError) as caught:
        cached.transform(X)
    assert "[1, 2, 3, 4]" in caught.value.__notes__[0]


@pytest.mark.parametrize("container", [np.asarray, list, lambda X: [x.tolist() for x in X]])
def test_wrapped_step_judges_the_pixels(X, tmp_path, container):
    X[[0, 3], 2, 2] = np.nan
    filling = QuadrantROI(32, fill_nan=0)
    rows = CachedRows(filling, tmp_path).fit_transform(container(X))
    np.testing.assert_array_equal(rows, filling.fit_transform(X))
    X[0, 2, 2] = 0
    strict = CachedRows(QuadrantROI(32), tmp_path).fit(container(X))
    with pytest.raises(ValueError, match="Image 3 has 1 non-finite"):
        strict.transform(container(X))


class Scaler:
    def __init__(self, factor):
        self.factor = factor

    def apply(self, X):
        return X * self.factor


def test_function_without_a_name_of_its_own_is_refused(X, tmp_path):
    def local(X):
        return X

    for function in (lambda X: 2 * X, local, Scaler(2).apply):
        with pytest.raises(TypeError, match="can be imported.*Got <.*; write it by def"):
            CachedRows(FunctionTransformer(function), tmp_path).fit(X)
        CachedRows(FunctionTransformer(function)).fit_transform(X)


@pytest.mark.parametrize("index", [range(7, 12), list("abcde")])
def test_series_is_taken_by_position(X, tmp_path, index):
    series = pd.Series(list(X), index=index)
    np.testing.assert_array_equal(
        CachedRows(Moments(), tmp_path).fit_transform(series), Moments().transform(X)
    )


class Nameless(Moments):
    get_feature_names_out = property()


def test_step_without_names_is_asked_for_none(X, tmp_path):
    cached = CachedRows(Nameless(), tmp_path)
    for _ in range(2):
        np.testing.assert_array_equal(cached.fit_transform(X), Moments().transform(X))
    with config_context(transform_output="pandas"):
        assert isinstance(cached.transform(X), np.ndarray)
    with pytest.raises(AttributeError, match="Nameless has no get_feature_names_out"):
        cached.set_output(transform="pandas").transform(X)


@pytest.mark.parametrize("n", [2, 5])
def test_table_of_the_wrapped_step_is_read_by_rows(X, tmp_path, n):
    expected = Moments().transform(X[:n])
    with config_context(transform_output="pandas"):
        rows = CachedRows(Moments(), tmp_path).fit_transform(X[:n])
    assert list(rows) == ["mean", "max"]
    np.testing.assert_array_equal(rows, expected)


def test_location_that_can_be_no_folder_is_named_in_fit(X, tmp_path):
    (tmp_path / "file").write_text("")
    for location in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match=r"location .* must be a folder.*Got .*file"):
            CachedRows(Moments(), location).fit(X)
    with pytest.raises(TypeError, match=r"location .* must be a folder.*Got 3"):
        CachedRows(Moments(), 3).fit(X)


@pytest.mark.parametrize("transformer", ["passthrough", None, "MaskROI", MaskROI])
def test_what_is_no_transformer_is_refused(X, transformer):
    with pytest.raises(TypeError, match="takes a frozen transformer, such as.*Got .* instead"):
        CachedRows(transformer).fit(X)


def test_cache_in_a_cache_is_refused(X, tmp_path):
    chain = Pipeline([("equalize", HistEqualize()), ("moments", CachedRows(Moments()))])
    for transformer in (CachedRows(Moments()), chain):
        with pytest.raises(TypeError, match="Got another CachedRows in it"):
            CachedRows(transformer, tmp_path).fit(X)


def test_dropped_stream_of_a_union_is_frozen(X, tmp_path):
    union = FeatureUnion([("moments", Moments()), ("other", "drop")])
    np.testing.assert_array_equal(
        CachedRows(union, tmp_path).fit_transform(X), Moments().transform(X)
    )
