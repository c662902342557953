"""What every image estimator promises, tested once for all of them."""

import pickle
import tempfile

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from sicf import (
    SICF,
    CachedRows,
    DenseFuse,
    DWTFeatures,
    FusionGAN,
    GLCMFeatures,
    HistEqualize,
    LBPFeatures,
    MaskROI,
    MedFusionGAN,
    PatchDeepFeatures,
    QuadrantROI,
    SIFTBoVW,
    SIFTDescriptors,
    ThumbnailFeatures,
    TorchEmbedder,
    TSJNet,
    VisualWords,
    make_sicf,
)

N, SIDE = 8, 64
FOLDER = tempfile.TemporaryDirectory()
SMALL_NETWORK = {"model": "squeezenet1_1", "layer": "features.2", "weights": None, "input_size": 32}


def small_embedder():
    """A seeded SqueezeNet cut off after its first block: 64 columns in milliseconds."""
    return TorchEmbedder(**SMALL_NETWORK)


def small_patches():
    layers = ("features.0", "features.2")
    return PatchDeepFeatures(
        "squeezenet1_1", layers, weights=None, size=32, patch_sizes=(16, 32), fuse_sequences="mean"
    )


def small_sicf():
    streams = [("sift", SIFTBoVW(8, random_state=0)), ("deep", CachedRows(small_embedder()))]
    return SICF(streams)


def small_chain():
    pipeline = make_sicf(n_words=8, random_state=0).set_params(roi__size=48)
    return pipeline.set_params(sicf__vgg16=small_embedder())


def words_pipeline():
    return Pipeline([("find", SIFTDescriptors()), ("words", VisualWords(8, random_state=0))])


IMAGE_STEPS = {
    "QuadrantROI": (QuadrantROI(size=48), {"size": [32, 48]}),
    "HistEqualize": (HistEqualize(), {"method": ["global", "clahe"]}),
    "CLAHE": (HistEqualize("clahe", tile_grid=(4, 4)), {"clip_limit": [2, 3]}),
}
EXTRACTORS = {
    "SIFTBoVW": (SIFTBoVW(8, random_state=0), {"n_words": [8, 6]}),
    "dense": (SIFTBoVW(8, detector="dense", random_state=0), {"dense_step": [8, 16]}),
    "words": (words_pipeline(), {"words__encoding": ["bovw", "stats"]}),
    "DWT": (DWTFeatures(level=2), {"level": [2, 1]}),
    "GLCM": (GLCMFeatures(8), {"levels": [8, 16]}),
    "LBP": (LBPFeatures([(8, 1)]), {"method": ["uniform", "nri_uniform"]}),
    "thumbnails": (ThumbnailFeatures(16), {"size": [16, 20]}),
    "kept texture": (CachedRows(GLCMFeatures(8, size=48), FOLDER.name), {"levels": [8, 16]}),
    "TorchEmbedder": (small_embedder(), {"layer": ["features.2", "features.0"]}),
    "patches": (small_patches(), {"pool": ["concat", "max"]}),
    "CachedRows": (CachedRows(small_embedder()), {"layer": ["features.2", "features.0"]}),
    "kept rows": (CachedRows(small_embedder(), FOLDER.name), {"layer": ["features.2"]}),
    "kept words": (SIFTBoVW(8, cache=FOLDER.name, random_state=0), {"n_words": [8, 6]}),
    "SICF": (small_sicf(), {"sift__n_words": [8, 6], "deep__layer": ["features.2"]}),
    "make_sicf": (small_chain(), {"roi__size": [48, 32], "sicf__sift__n_words": [8]}),
}
# They take two sequences or more, and give one picture.
ONE_STEP = {"epochs": 1, "batch_size": 8}
SMALL_TSJNET = {"width": 16, "depths": (1,), "window": 3, "patch_size": 16}
FUSERS = {
    "DenseFuse": (DenseFuse(4, patch_size=16, **ONE_STEP), {"strategy": ["mean", "l1"]}),
    "FusionGAN": (FusionGAN(8, patch_size=43, n_patches=1, **ONE_STEP), {"xi": [5, 1]}),
    "MedFusionGAN": (
        MedFusionGAN(4, n_down=1, perceptual_weights=None, patch_size=56, **ONE_STEP),
        {"base_channels": [4, 2]},
    ),
    "TSJNet": (TSJNet(**SMALL_TSJNET, **ONE_STEP), {"weight_decay": [0.01, 0]}),
}
ALL = IMAGE_STEPS | EXTRACTORS | FUSERS


@pytest.fixture(scope="module")
def X():
    """Eight smooth random pictures in two sequences, 16 bits."""
    rng = np.random.default_rng(0)
    coarse = rng.random((N, SIDE // 4, SIDE // 4, 2))
    return (np.kron(coarse, np.ones((1, 4, 4, 1))) * 4000 + rng.random((N, SIDE, SIDE, 2))).astype(
        np.uint16
    )


@pytest.fixture(params=ALL, ids=list(ALL))
def estimator(request):
    return clone(ALL[request.param][0])


@pytest.fixture(params=EXTRACTORS, ids=list(EXTRACTORS))
def extractor(request):
    return clone(EXTRACTORS[request.param][0])


def test_clone_has_the_same_parameters_and_fits_the_same(estimator, X):
    copy = clone(estimator)
    assert repr(copy.get_params()) == repr(estimator.get_params())
    np.testing.assert_array_equal(copy.fit(X).transform(X), estimator.fit(X).transform(X))


def test_every_parameter_can_be_read_and_set(estimator):
    for name, value in estimator.get_params(deep=True).items():
        estimator.set_params(**{name: value})
        assert estimator.get_params(deep=True)[name] is value


def test_pickle_gives_the_same_rows(estimator, X):
    estimator.fit(X)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.transform(X), estimator.transform(X))


def test_fit_transform_is_fit_then_transform(estimator, X):
    np.testing.assert_array_equal(clone(estimator).fit_transform(X), estimator.fit(X).transform(X))


def test_read_only_input_is_left_as_it_is(estimator, X):
    locked = X.copy()
    locked.setflags(write=False)
    estimator.fit(locked).transform(locked)
    np.testing.assert_array_equal(locked, X)


def test_list_and_array_and_lazy_file_give_the_same(estimator, X, tmp_path):
    np.save(tmp_path / "X.npy", X)
    expected = estimator.fit(X).transform(X)
    for other in (list(X), np.load(tmp_path / "X.npy", mmap_mode="r"), np.asfortranarray(X)):
        np.testing.assert_array_equal(np.asarray(estimator.fit(other).transform(other)), expected)


@pytest.mark.parametrize("name", list(IMAGE_STEPS | EXTRACTORS))
def test_one_sequence_needs_no_channel_axis(name, X):
    one, estimator = X[..., 0], clone(ALL[name][0])
    with_axis = np.asarray(clone(estimator).fit(one[..., None]).transform(one[..., None]))
    without = np.asarray(estimator.fit(one).transform(one))
    np.testing.assert_array_equal(with_axis.reshape(without.shape), without)


@pytest.mark.parametrize("name", list(FUSERS))
def test_fuser_refuses_one_sequence(name, X):
    for one in (X[..., 0], X[..., :1]):
        with pytest.raises(ValueError, match="fuses 2 sequences or more.*Got 1"):
            clone(FUSERS[name][0]).fit(one)


@pytest.mark.parametrize("name", list(FUSERS))
def test_fuser_gives_one_picture_in_unit_range(name, X):
    fused = clone(FUSERS[name][0]).fit_transform(X)
    assert fused.shape == (N, SIDE, SIDE)
    assert fused.dtype == np.float32
    assert 0 <= fused.min() <= fused.max() <= 1


def test_single_new_image_gets_the_row_it_has_in_a_batch(estimator, X):
    rows = estimator.fit(X[:-1]).transform(X)
    np.testing.assert_allclose(estimator.transform(X[-1:])[0], rows[-1], rtol=1e-4, atol=1e-5)


def test_transform_sets_nothing(estimator, X):
    estimator.fit(X)
    before = pickle.dumps(estimator)
    estimator.transform(X[:3])
    assert pickle.dumps(estimator) == before


def test_wrong_batches_are_refused(estimator, X):
    nan = X.astype(float)
    nan[3, 0, 0, 0] = np.nan
    estimator.fit(X)
    for bad, error, message in [
        (X.reshape(N, -1), ValueError, "2-D shape"),
        (X[..., 0], ValueError, r"2 channel\(s\) that fit saw. Got 1"),
        (np.moveaxis(X, -1, 1), ValueError, "channels-first"),
        (nan, ValueError, "Image 3 has 1 non-finite"),
        (["scan.png"], TypeError, "sicf.ReadImages"),
        (X[:0], ValueError, r"0 sample\(s\)"),
    ]:
        with pytest.raises(error, match=message):
            estimator.transform(bad)


def test_flattened_pictures_are_refused_in_fit(estimator, X):
    with pytest.raises(ValueError, match="2-D shape"):
        estimator.fit(X.reshape(N, -1))


def test_names_are_unique_and_as_many_as_columns(extractor, X):
    rows = extractor.fit(X).transform(X)
    names = extractor.get_feature_names_out()
    assert len(names) == len(set(names)) == rows.shape[1]
    assert all(isinstance(name, str) for name in names)


def test_pandas_output_has_names_and_survives_clone(extractor, X):
    expected = clone(extractor).fit_transform(X)
    table = clone(extractor.set_output(transform="pandas")).fit_transform(X)
    assert isinstance(table, pd.DataFrame)
    np.testing.assert_array_equal(table.to_numpy(), expected)
    assert list(table) == list(clone(extractor).fit(X).get_feature_names_out())


def test_union_names_its_streams(extractor, X):
    union = FeatureUnion([("first", extractor), ("second", clone(extractor))])
    table = union.set_output(transform="pandas").fit_transform(X)
    assert table.columns.is_unique
    assert {name.partition("__")[0] for name in table} == {"first", "second"}


def test_rows_are_finite_numbers(extractor, X):
    rows = extractor.fit_transform(X)
    assert rows.dtype.kind == "f"
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("name", list(ALL))
def test_grid_search_reaches_the_parameters(name, X):
    estimator, grid = ALL[name]
    flat = FunctionTransformer(lambda rows: np.asarray(rows, float).reshape(len(rows), -1))
    forest = LogisticRegression(max_iter=5000, C=1e-6)
    pipeline = Pipeline([("images", clone(estimator)), ("flat", flat), ("model", forest)])
    grid = {f"images__{parameter}": values for parameter, values in grid.items()}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise")
    search.fit(X, np.arange(N) % 2)
    assert search.predict(X[:1]).shape == (1,)


@pytest.mark.parametrize("name", list(ALL))
def test_mask_channel_is_no_sequence(name, X):
    estimator = clone(ALL[name][0])
    holders = [key for key in estimator.get_params() if key == "mask" or key.endswith("__mask")]
    estimator.set_params(**dict.fromkeys(holders, 2))
    mask = np.zeros((N, SIDE, SIDE, 1), X.dtype)
    mask[:, 20:40, 20:40] = 2
    with_mask = np.concatenate([X, mask], axis=3)
    rows, plain = estimator.fit_transform(with_mask), clone(ALL[name][0]).fit_transform(X)
    if name in IMAGE_STEPS:
        assert set(np.unique(rows[..., 2])) <= {0, 2}
        rows = rows[..., :2]
    if name in FUSERS:
        assert set(np.unique(rows[..., 1])) == {0, 2}
        rows = rows[..., 0]
    np.testing.assert_array_equal(rows, plain)
    with pytest.raises(ValueError, match="mask must name one of the 3 channel"):
        estimator.set_params(**dict.fromkeys(holders, 7)).fit(with_mask)


def test_mask_roi_keeps_its_promises(X):
    mask = np.zeros((N, SIDE, SIDE, 1), X.dtype)
    mask[:, 20:40, 10:40] = 1
    batch = np.concatenate([X, mask], axis=3)
    roi = MaskROI(size=32, mask=2).fit(batch)
    expected = roi.transform(batch)
    assert expected.shape == (N, 32, 32, 3)
    for other in (pickle.loads(pickle.dumps(roi)), clone(roi).fit(batch)):
        np.testing.assert_array_equal(other.transform(list(batch)), expected)


@pytest.mark.parametrize("name", list(ALL))
def test_tags_say_images(name):
    tags = get_tags(ALL[name][0])
    if not isinstance(ALL[name][0], (Pipeline, FeatureUnion)):
        assert tags.input_tags.three_d_array
        assert not tags.input_tags.two_d_array
