import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import FeatureUnion, Pipeline

from sicf import CachedRows, HistEqualize, SIFTBoVW, SIFTDescriptors


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


def test_broken_file_is_computed_again(X, tmp_path):
    cached = CachedRows(Moments(), tmp_path).fit(X)
    expected = cached.transform(X)
    for path, junk in zip(
        sorted(tmp_path.rglob("*.npy")), [b"", b"junk", b"\x93NUMPY"], strict=False
    ):
        path.write_bytes(junk)
    np.testing.assert_array_equal(cached.transform(X), expected)
    assert Moments.seen == 8
    cached.transform(X)
    assert Moments.seen == 8


def test_failed_transform_leaves_nothing_half_written(X, tmp_path, monkeypatch):
    cached = CachedRows(Moments(), tmp_path).fit(X)
    monkeypatch.setattr("sicf.features._cached_rows.os.replace", _raise)
    with pytest.raises(OSError, match="disk"):
        cached.transform(X)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def _raise(*args):
    raise OSError("disk full")


def test_ragged_rows_and_lists_of_sizes(X, tmp_path, rng):
    pictures = [rng.integers(0, 256, (64, 64), np.uint8), rng.integers(0, 256, (48, 70), np.uint8)]
    plain = SIFTDescriptors().fit_transform(pictures)
    for _ in range(2):
        cached = CachedRows(SIFTDescriptors(), tmp_path).fit_transform(pictures)
        assert cached.dtype == object
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
    pd = pytest.importorskip("pandas")
    cached = clone(CachedRows(Moments(), tmp_path).set_output(transform="pandas"))
    table = cached.fit_transform(X)
    assert isinstance(table, pd.DataFrame)
    assert list(table) == ["mean", "max"]


def test_parameter_without_a_stable_text_is_refused(X, tmp_path):
    with pytest.raises(TypeError, match="must be numbers, text, paths.*Got object"):
        CachedRows(Moments(power=object()), tmp_path).fit(X).transform(X)
