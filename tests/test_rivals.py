"""The compared systems, the ablations and the control: what is in them, and that they work."""

import numpy as np
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from sicf import (
    SIFTBoVW,
    TorchEmbedder,
    evaluate,
    make_dwt_svm,
    make_glcm_rbf,
    make_lbp_svm,
    make_sicf_lorf,
    make_sicf_variant,
    make_thumbnail_forest,
)

TEXTURE = {make_dwt_svm: 40, make_glcm_rbf: 36, make_lbp_svm: 54}


@pytest.fixture(scope="module")
def stripes():
    """Fine and coarse stripes, turned anyhow, through noise: texture alone tells them apart."""
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    rows, columns = np.mgrid[:64, :64]
    pictures = []
    for kind in y:
        angle, wave = rng.uniform(0, np.pi), (5, 11)[kind]
        phase = (rows * np.sin(angle) + columns * np.cos(angle)) * 2 * np.pi / wave
        pictures.append(np.sin(phase) + rng.normal(0, 0.3, rows.shape))
    return np.array(pictures), np.array(["fine", "coarse"])[y]


@pytest.mark.parametrize("make", TEXTURE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("classifier", ["svm", "knn"])
def test_texture_is_told_apart(make, classifier, stripes):
    X, y = stripes
    pipeline = make(classifier=classifier, roi=None, size=64).fit(X[:16], y[:16])
    assert balanced_accuracy_score(y[16:], pipeline.predict(X[16:])) > 0.8
    assert pipeline["scale"].n_features_in_ == TEXTURE[make]
    assert len(evaluate(pipeline, X, y, outer=2, n_bootstrap=10).metrics()) >= 6


@pytest.mark.parametrize("make", TEXTURE, ids=lambda make: make.__name__)
def test_classifiers_are_as_the_docs_say(make):
    svm, knn = make()["classifier"], make(classifier="knn")["classifier"]
    assert isinstance(svm, SVC)
    assert (svm.kernel, svm.C, svm.gamma, svm.class_weight) == ("rbf", 1, "scale", "balanced")
    assert isinstance(knn, KNeighborsClassifier)
    assert (knn.n_neighbors, knn.weights) == (5, "distance")
    assert (knn.metric, knn.p) == ("minkowski", 2)  # Euclidean


def test_cache_and_sequences_and_mask_reach_the_features(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 255, size=(6, 64, 64, 3), dtype=np.uint8)
    X[..., 2] = 0
    X[:, 20:50, 20:50, 2] = 1
    options = {"roi": "mask", "mask": 2, "fuse_sequences": "concat", "sequence_names": ("a", "b")}
    plain, kept = make_lbp_svm(**options), make_lbp_svm(**options, cache=tmp_path)
    rows = plain[:-1].fit_transform(X)
    np.testing.assert_array_equal(kept[:-1].fit_transform(X), rows)
    np.testing.assert_array_equal(kept[:-1].fit_transform(X), rows)
    assert rows.shape == (6, 108)
    names = plain["features"].get_feature_names_out()
    assert names[[0, 54]].tolist() == ["a_p8_r1_00", "b_p8_r1_00"]
    assert any(tmp_path.iterdir())


def test_unknown_classifier_is_named():
    with pytest.raises(ValueError, match=r"classifier must be one of .* Got 'forest'"):
        make_dwt_svm(classifier="forest")


def test_defaults_make_the_whole_system():
    options = {"random_state": 0, "population_size": 4, "n_words": 64, "cache": "rows"}
    assert repr(make_sicf_variant(**options).get_params()) == repr(
        make_sicf_lorf(**options).get_params()
    )


@pytest.mark.parametrize("selector", [None, "lyrebird"])
@pytest.mark.parametrize("descriptors", [("sift",), ("vgg16",), ("sift", "vgg16")])
def test_all_six_cells_can_be_made(descriptors, selector):
    pipeline = make_sicf_variant(descriptors=descriptors, selector=selector, weights=None)
    assert [name for name, _ in pipeline["sicf"].transformer_list] == list(descriptors)
    assert ("selector" in pipeline.named_steps) == (selector is not None)
    whole = make_sicf_lorf()["forest"]
    assert pipeline["forest"].get_params() == whole.get_params()


def test_variant_takes_another_selector_and_works(stripes):
    X, y = stripes
    pipeline = make_sicf_variant(
        descriptors=["vgg16"], selector=SelectKBest(k=9), roi=None, weights=None, random_state=0
    ).set_params(
        sicf__vgg16=TorchEmbedder("squeezenet1_1", "features.2", input_size=32),
        forest__n_estimators=20,
    )
    pipeline.fit(X, y)
    assert pipeline["forest"].n_features_in_ == 9
    sift = make_sicf_variant(descriptors=["sift"], selector=None, roi=None, n_words=16)
    assert isinstance(sift["sicf"].transformer_list[0][1], SIFTBoVW)
    assert sift.fit(X, y)["forest"].n_features_in_ == 16


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"descriptors": ()}, r"descriptors must be different ones of .* Got \(\)"),
        ({"descriptors": "sift"}, "descriptors must be different ones"),
        ({"descriptors": ("sift", "lbp")}, "descriptors must be different ones"),
        ({"selector": "boruta"}, 'selector must be "lyrebird", None or a selector. Got'),
        ({"roi": "box"}, "roi must be one of .* Got 'box'"),
    ],
)
def test_wrong_variants_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_sicf_variant(**parameters)


def test_control_is_a_forest_on_pixels(stripes):
    X, y = stripes
    control = make_thumbnail_forest(size=16, random_state=0).fit(X, y)
    assert control["forest"].n_features_in_ == 256
    assert control["forest"].get_params() == make_sicf_lorf(random_state=0)["forest"].get_params()
