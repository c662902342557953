import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sicf import (
    CachedRows,
    HistEqualize,
    MaskROI,
    QuadrantROI,
    ReadImages,
    SIFTBoVW,
    SIFTDescriptors,
    VisualWords,
    explain,
)
from sicf.explanation._forest_shap import load_shap
from tests.explanation.conftest import CALLS, chain, network, union


def with_mask(X):
    mask = np.zeros((*X.shape[:3], 1), X.dtype)
    mask[:, 6:40, 4:30] = 1
    return np.concatenate([X, mask], axis=3)


def thumbnails(X):
    return np.asarray(X)[:, ::8, ::8].reshape(len(X), -1)


PIPELINES = {
    "union, mean": lambda: chain(union()),
    "union, max": lambda: chain(union("max")),
    "union, concat": lambda: chain(union("concat", ("T1", "T2")), k=20),
    "no selector": lambda: chain(union(), k=None),
    "region of interest": lambda: chain(union(), before=[("roi", QuadrantROI(32))]),
    "no network": lambda: chain(SIFTBoVW(12, random_state=0), k=6),
    "no SIFT": lambda: chain(network(), k=6),
    "SIFT in two steps": lambda: Pipeline(
        [
            ("describe", SIFTDescriptors(detector="dense")),
            ("words", VisualWords(12, encoding="quadrants")),
            ("forest", ExtraTreesClassifier(10, random_state=0)),
        ]
    ),
    "a part that has no map": lambda: chain(
        FeatureUnion([("thumbnail", FunctionTransformer(thumbnails)), ("net", network())])
    ),
    "scaled, one tree": lambda: make_pipeline(
        network(), StandardScaler(), SelectKBest(k=5), DecisionTreeClassifier(max_depth=3)
    ),
    "pipelines in pipelines": lambda: make_pipeline(
        make_pipeline(HistEqualize(), make_pipeline("passthrough", union())),
        ExtraTreesClassifier(10, random_state=0),
    ),
    "weighted union": lambda: chain(union().set_params(transformer_weights={"sift": 3.0})),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_contributions_sum_to_what_the_pipeline_predicts(name, pictures):
    X, y = pictures
    pipeline = PIPELINES[name]().fit(X, y)
    explanation = explain(pipeline, X[:5])
    expected = pipeline.predict_proba(X[:5])
    np.testing.assert_allclose(explanation.probabilities, expected, atol=1e-12)
    np.testing.assert_array_equal(explanation.target, pipeline.predict(X[:5]))
    frame = explanation.to_frame()
    total = frame["base value"] + explanation.contributions.sum(axis=1)
    np.testing.assert_allclose(total, expected.max(axis=1), atol=1e-6)


def test_contributions_are_shap_values_summed_by_the_names_of_columns(pictures):
    X, y = pictures
    pipeline = PIPELINES["union, concat"]().fit(X, y)
    columns = pipeline[:-1].get_feature_names_out()
    values = (
        load_shap()
        .TreeExplainer(pipeline[-1])
        .shap_values(pipeline[:-1].transform(X).astype(float))
    )
    contributions = explain(pipeline, X, target="b").contributions
    assert contributions.columns.tolist() == ["sift: T1", "sift: T2", "net: T1", "net: T2"]
    for name in contributions:
        prefix = name.replace(": ", "__")
        own = [column.startswith(prefix) for column in columns]
        np.testing.assert_allclose(contributions[name], values[:, own, 1].sum(axis=1), atol=1e-9)


def test_maps_lie_in_the_box_of_the_original_picture(pictures):
    X, y = pictures
    X = with_mask(X)
    roi = MaskROI(40, margin=0, square=False, mask=2)
    before = [("roi", roi), ("equal", HistEqualize(mask=2))]
    pipeline = Pipeline([*before, ("features", union(mask=2)), ("f", ExtraTreesClassifier(10))])
    image = explain(pipeline.fit(X, y), X[:2])[1]
    assert image.image.shape == (48, 48, 2)
    assert image.box.tolist() == [6, 4, 40, 30]
    assert {name: maps.shape for name, maps in image.maps.items()} == {
        "sift": (2, 48, 48),
        "net": (2, 48, 48),
    }
    heat = image.heat_map()
    outside = np.ones((48, 48), bool)
    outside[6:40, 4:30] = False
    assert np.abs(heat).max() > 0
    assert not heat[outside].any()


def test_a_region_inside_a_part_is_its_own(pictures):
    X, y = pictures
    part = make_pipeline(MaskROI(32, margin=0, mask=2), SIFTBoVW(8, mask=2, random_state=0))
    features = FeatureUnion([("inner", part), ("net", network(mask=2))])
    pipeline = make_pipeline(features, ExtraTreesClassifier(10, random_state=0))
    X = with_mask(X)
    image = explain(pipeline.fit(X, y), X[:1])[0]
    assert image.box.tolist() == [0, 0, 48, 48]
    assert not image.maps["inner"][:, :6].any()
    assert image.maps["net"][:, :6].any()


def test_cached_steps_give_the_same_explanation(pictures, tmp_path):
    X, y = pictures
    plain = chain(union(), before=[("roi", QuadrantROI(32))]).fit(X, y)
    features = FeatureUnion(
        [
            ("sift", SIFTBoVW(12, random_state=0, cache=tmp_path)),
            ("net", CachedRows(network(), tmp_path)),
        ]
    )
    cached = chain(features, before=[("roi", CachedRows(QuadrantROI(32), tmp_path))]).fit(X, y)
    for one, other in zip(explain(plain, X[:3]), explain(cached, X[:3]), strict=True):
        pd.testing.assert_series_equal(one.contributions, other.contributions)
        np.testing.assert_allclose(one.heat_map(), other.heat_map(), atol=1e-7)


def test_occlusion_writes_nothing_into_a_row_cache(pictures, tmp_path):
    X, y = pictures
    sift = SIFTBoVW(12, random_state=0, cache=tmp_path)
    features = FeatureUnion([("sift", sift), ("net", CachedRows(network(), tmp_path))])
    pipeline = chain(features).fit(X, y)
    explain(pipeline, X[:1])
    before = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    image = explain(pipeline, X[:1], occlusion=True, occlusion_grid=3)[0]
    assert before == {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    assert image.occlusion.shape == (48, 48)


@pytest.mark.parametrize("fuse", ["mean", "concat"])
def test_at_most_three_forward_passes_a_sequence(pictures, fuse):
    X, y = pictures
    pipeline = chain(union(fuse), k=None).fit(X, y)
    CALLS.clear()
    explain(pipeline, X[:1])
    assert sum(CALLS) <= 3 * 2
    CALLS.clear()
    explain(pipeline, X[:6])
    assert sum(CALLS) <= 2 * 2 * 6


def test_explanation_of_an_image_does_not_depend_on_the_others(pictures):
    X, y = pictures
    pipeline = chain(union()).fit(X, y)
    together, alone = explain(pipeline, X[:4])[2], explain(pipeline, X[2:3])[0]
    np.testing.assert_allclose(together.heat_map(), alone.heat_map(), atol=1e-6)
    pd.testing.assert_series_equal(together.contributions, alone.contributions)


def test_two_classes_mirror_each_other(pictures):
    X, y = pictures
    pipeline = chain(union()).fit(X, y == "a")
    yes, no = explain(pipeline, X[:3], target=True), explain(pipeline, X[:3], target=False)
    np.testing.assert_allclose(yes.contributions, -no.contributions, atol=1e-9)


def test_a_target_for_each_image(pictures):
    X, y = pictures
    pipeline = chain(union()).fit(X, y)
    assert explain(pipeline, X[:3], target=["c", "a", "b"]).target.tolist() == ["c", "a", "b"]


def test_a_part_of_which_nothing_was_selected_contributes_zero(pictures):
    X, y = pictures
    pipeline = chain(union(), k=3).fit(X, y)
    pipeline["selector"].scores_[:12] = -1
    pipeline["forest"].fit(pipeline[:-1].transform(X), y)
    with pytest.warns(UserWarning, match="kept none of the 12 columns of sift: it contributes 0"):
        explanation = explain(pipeline, X[:2])
    assert (explanation.contributions["sift"] == 0).all()
    assert not explanation[0].maps["sift"].any()
    assert "contributes 0" in explanation.notes[0]
    assert "contributes 0" in explanation[0].notes[0]


def test_a_part_without_a_map_is_named(pictures):
    X, y = pictures
    image = explain(PIPELINES["a part that has no map"]().fit(X, y), X[:1])[0]
    assert list(image.maps) == ["net"]
    assert image.notes == [
        "thumbnail has no map: it has neither keypoints nor a convolutional map."
    ]
    with pytest.raises(ValueError, match=r"must have a map: \['net'\]. Got 'thumbnail'"):
        image.heat_map(["thumbnail"])


def test_unfitted_pipeline(pictures):
    with pytest.raises(NotFittedError, match="must be fitted before it can be explained"):
        explain(chain(union()), pictures[0])


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        (SVC(), "pipeline must be a Pipeline from images to a forest.*Got SVC instead"),
        (make_pipeline(network(), SVC()), "must be a forest of classification trees.*Got SVC"),
        (make_pipeline(DecisionTreeClassifier()), "fitted"),
    ],
)
def test_no_forest_at_the_end(pipeline, message, pictures):
    with pytest.raises((TypeError, NotFittedError), match=message):
        explain(pipeline, pictures[0])


def test_other_numbers_of_sequences(pictures):
    X, y = pictures
    pipeline = chain(union(), before=[("roi", QuadrantROI(32))]).fit(X, y)
    with pytest.raises(ValueError, match=r"must have the 2 channel\(s\) that fit saw. Got 1"):
        explain(pipeline, X[..., 0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"evidence": "none"}, "evidence must be one of"),
        ({"cam": "score"}, "cam must be one of"),
        ({"occlusion_grid": 1}, "occlusion_grid must be at least 2"),
        ({"target": "d"}, r"target must be among \['a', 'b', 'c'\]. Got 'd' instead"),
        ({"target": ["a", "b"]}, "or 3, one for each image. Got 2 instead"),
    ],
)
def test_wrong_options(parameters, message, pictures):
    X, y = pictures
    pipeline = chain(network(), k=None).fit(X, y)
    with pytest.raises(ValueError, match=message):
        explain(pipeline, X[:3], **parameters)


def test_a_step_that_mixes_columns_leaves_contributions(pictures):
    X, y = pictures
    features = FeatureUnion([("pca", make_pipeline(network(), PCA(3))), ("net", network())])
    image = explain(chain(features, k=None).fit(X, y), X[:1])[0]
    assert list(image.maps) == ["net"]
    assert image.contributions.index.tolist() == ["pca", "net"]


def test_files_are_read_by_the_first_step(pictures, tmp_path):
    X, y = pictures
    paths = [tmp_path / f"{number}.npy" for number in range(len(X))]
    for path, image in zip(paths, X, strict=True):
        np.save(path, image[..., 0])
    before = [("read", ReadImages()), ("roi", QuadrantROI(32))]
    image = explain(chain(network(), k=None, before=before).fit(paths, y), paths[3:5])[1]
    np.testing.assert_array_equal(image.image, X[4, :, :, :1])


def test_gaps_that_a_step_fills_are_no_error(pictures):
    X, y = pictures
    X = X[..., 0].astype(float)
    X[:, 0, 0] = np.nan
    pipeline = chain(network(), k=None).set_params(equalize__fill_nan=0.0)
    assert np.isfinite(explain(pipeline.fit(X, y), X[:1])[0].image).all()


def test_an_unknown_step_that_changes_the_size_is_taken_for_a_resizing(pictures):
    X, y = pictures
    half = FunctionTransformer(halve)
    pipeline = chain(union(), k=None, before=[("half", half)]).fit(X, y)
    with pytest.warns(UserWarning, match="FunctionTransformer changes the size of pictures"):
        image = explain(pipeline, X[:1])[0]
    assert image.box.tolist() == [0, 0, 48, 48]
    assert image.heat_map().shape == (48, 48)


def halve(X):
    return X[:, ::2, ::2]
