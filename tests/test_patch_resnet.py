import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler

from sicf import (
    CachedRows,
    DiagonalNCA,
    IterativeMajorityVoting,
    PatchDeepFeatures,
    ReliefF,
    evaluate,
    make_patch_resnet,
)
from sicf._named_columns import NamedColumns

SMALL = {
    "roi": None,
    "model": "squeezenet1_1",
    "layers": ("features.2", "features.3"),
    "weights": None,
    "patch_sizes": (16, 24),
    "size": 48,
    "pool": "max",
    "n_selected": 10,
    "cv": 2,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def stripes():
    """Stripes along rows or columns, two pictures a patient."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(12) % 2, 2)
    wave = 120 * (np.sin(np.arange(48)) > 0)
    X = np.stack([np.tile(wave, (48, 1)).T if label else np.tile(wave, (48, 1)) for label in y])
    return (X + rng.integers(0, 60, size=X.shape)).astype(np.uint8), y, np.repeat(range(12), 2)


def test_published_shape():
    pipeline = make_patch_resnet()
    assert list(pipeline.named_steps) == ["roi", "equalize", "features", "vote"]
    features, vote = pipeline["features"], pipeline["vote"]
    assert isinstance(features, PatchDeepFeatures)
    assert (features.model, features.layers) == ("resnet50", ("avgpool", "fc"))
    assert (features.patch_sizes, features.pool) == ((32, 56, 112), "concat")
    assert isinstance(vote, IterativeMajorityVoting)
    assert vote.ranking == "inner_cv"
    assert len(vote.estimators) == 18
    kinds = {"nca": DiagonalNCA, "chi2": SelectKBest, "relieff": ReliefF}
    for name, member in vote.estimators:
        block, kind = name.split()
        assert member["block"].text == f"{block}_"
        assert isinstance(member["select"], kinds[kind])
        neighbours = member["neighbours"]
        assert (neighbours.n_neighbors, neighbours.metric) == (1, "cityblock")


def test_members_see_their_block_and_pictures_are_embedded_once(stripes, tmp_path):
    X, y, _ = stripes
    pipeline = make_patch_resnet(**SMALL, cache=tmp_path)
    assert isinstance(pipeline["features"], CachedRows)
    pipeline.fit(X, y)
    vote = pipeline["vote"]
    assert len(vote.ranking_) == 12
    rows = pipeline[:-1].transform(X)
    assert isinstance(rows, pd.DataFrame)
    name = vote.ranking_[0]
    block = name.split()[0]
    columns = rows[[c for c in rows if c.startswith(f"{block}_")]].to_numpy()
    assert columns.shape[1] == (64 if "features.2" in name else 128)
    scaled = MinMaxScaler().fit_transform(columns)
    selector = clone(dict(vote.estimators)[name]["select"]).fit(scaled, y)
    alone = KNeighborsClassifier(1, metric="cityblock").fit(selector.transform(scaled), y)
    fitted = vote.estimators_[0]
    np.testing.assert_array_equal(fitted.predict(rows), alone.predict(selector.transform(scaled)))
    assert fitted["select"].get_support().sum() == 10


def test_it_tells_stripes_apart_out_of_fold_and_goes_on_from_a_checkpoint(stripes, tmp_path):
    X, y, groups = stripes
    options = {"groups": groups, "outer": 2, "n_bootstrap": 20, "random_state": 0}
    for _ in range(2):
        result = evaluate(make_patch_resnet(**SMALL), X, y, **options, checkpoint=tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
    (name,) = result.scores
    assert result.metrics(name)["accuracy"].value == 1


def test_blocks_of_sequences_lie_apart_and_are_found(stripes):
    X, y, _ = stripes
    both = np.stack([X, X[:, ::-1]], axis=-1)
    options = SMALL | {"fuse_sequences": "concat", "sequence_names": ("T1", "T2"), "n_selected": 90}
    pipeline = make_patch_resnet(**options, selectors=("relieff",)).fit(both, y)
    rows = pipeline[:-1].transform(both)
    columns = NamedColumns("features.2@16_").fit(rows)
    assert columns.transform(rows).shape == (24, 128)
    np.testing.assert_array_equal(columns.columns_[[0, 64]], [0, 384])
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(again.predict(both), pipeline.predict(both))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.ones((2, 3)), TypeError, "X must be a table with names"),
        (pd.DataFrame({"fc_0": [1]}), ValueError, "names hold 'avgpool_'. Got none"),
    ],
)
def test_columns_that_are_not_there_are_named(X, error, message):
    with pytest.raises(error, match=message):
        NamedColumns("avgpool_").fit(X)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"selectors": ("lasso",)}, ValueError, "selectors must be some of .* Got"),
        ({"selectors": "nca"}, ValueError, "selectors must be some of .* Got 'nca'"),
        ({"n_selected": 0}, ValueError, "n_selected must be at least 1. Got 0"),
        ({"roi": "box"}, ValueError, "roi must be one of .* Got 'box'"),
    ],
)
def test_wrong_parameters_are_named(parameters, error, message):
    with pytest.raises(error, match=message):
        make_patch_resnet(**parameters)


def test_a_block_is_not_another_whose_name_ends_alike():
    names = ["conv1@32_0", "layer1.0.conv1@32_0", "T2_conv1@32_0", "T2_layer1.0.conv1@32_0"]
    table = pd.DataFrame([[0, 1, 2, 3]], columns=names)
    assert NamedColumns("conv1@32_").fit_transform(table).tolist() == [[0, 2]]
    assert NamedColumns("layer1.0.conv1@32_").fit_transform(table).tolist() == [[1, 3]]
