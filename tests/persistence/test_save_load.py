"""What is saved comes back, and answers to the bit as it did."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_array_equal
from scipy.stats import loguniform, randint
from sklearn._loss._loss import CyHalfMultinomialLoss
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, TunedThresholdClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, SVR, OneClassSVM
from torchvision.models import SqueezeNet1_1_Weights

import sicf
from sicf import (
    AugmentedFit,
    BorutaSelector,
    CachedRows,
    GLCMFeatures,
    LyrebirdSearchCV,
    LyrebirdSelector,
    MaskROI,
    MRIAugmenter,
    RandomColumns,
    ReadImages,
    SIFTBoVW,
    TorchEmbedder,
    TrainingRecipe,
    VGG16Embedder,
)
from tests.test_image_contracts import ALL, SMALL_NETWORK, small_embedder

FOREST = RandomForestClassifier(3, random_state=0)
SMALL_SEARCH = {"population_size": 3, "max_iter": 1, "cv": 2, "random_state": 0}
ON_ROWS = {
    "Lyrebird": LyrebirdSelector(**SMALL_SEARCH | {"cv": StratifiedKFold(2)}),
    "Lyrebird, sklearn": LyrebirdSelector(FOREST, engine="sklearn", mode="paper", **SMALL_SEARCH),
    "Boruta": BorutaSelector(FOREST, max_iter=8, random_state=np.random.RandomState(1)),
    "random columns": RandomColumns(2, random_state=0),
    "search": LyrebirdSearchCV(
        FOREST,
        {"max_depth": randint(1, 9), "max_features": loguniform(0.1, 1), "criterion": ["gini"]},
        scoring=["accuracy", "roc_auc_ovr"],
        refit="accuracy",
        **SMALL_SEARCH,
    ),
    "grid": GridSearchCV(
        make_pipeline(RandomColumns(2, random_state=0), FOREST),
        {"randomcolumns__n_features_to_select": [1, 2]},
        cv=2,
    ),
    "sigmoid": CalibratedClassifierCV(FOREST, cv=2),
    "isotonic": CalibratedClassifierCV(FOREST, cv=StratifiedKFold(2), method="isotonic"),
    "extra trees": ExtraTreesClassifier(3, max_leaf_nodes=6, random_state=0),
    "stack": StackingClassifier([("forest", FOREST), ("machine", SVC())], cv=2),
    "filter": make_pipeline(SelectKBest(k=2), LogisticRegression(max_iter=500)),
    "threshold": TunedThresholdClassifierCV(FOREST, cv=2),
    "boosting": GradientBoostingClassifier(n_estimators=2, random_state=0),
    "isolation": IsolationForest(n_estimators=3, max_features=0.5, random_state=0),
    "SVC": SVC(),
    "SVR": SVR(),
    "one class": OneClassSVM(),
    "k-d tree": KNeighborsClassifier(weights="distance"),
    "ball tree": KNeighborsClassifier(algorithm="ball_tree", p=3),
    "brute": KNeighborsClassifier(algorithm="brute"),
}


def again(estimator, folder, **options):
    path = folder / "estimator.sicf"
    sicf.save(estimator, path, **options)
    return sicf.load(path, **options)


def answers(estimator, X):
    return [
        getattr(estimator, name)(X)
        for name in ("transform", "predict", "predict_proba", "decision_function")
        if hasattr(estimator, name)
    ]


def assert_same_answers(one, other, X):
    expected = answers(one, X)
    assert expected
    for mine, theirs in zip(answers(other, X), expected, strict=True):
        assert mine.dtype == theirs.dtype
        assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", list(ALL))
def test_steps_on_pictures(name, pictures, tmp_path):
    estimator = clone(ALL[name][0]).fit(*pictures)
    back = again(estimator, tmp_path)
    assert type(back) is type(estimator)
    assert repr(back.get_params()) == repr(estimator.get_params())
    assert_same_answers(estimator, back, pictures[0])


def named_without_their_package(name):
    """Losses of which scikit-learn 1.8 does not tell the package: skops 0.13 does not know them."""
    return name == "boosting" and CyHalfMultinomialLoss.__module__ == "_loss"


@pytest.mark.parametrize("name", list(ON_ROWS))
def test_selectors_searches_and_models_on_rows(name, iris, tmp_path):
    X, y = iris
    y = y > 0 if name == "threshold" else y
    estimator = clone(ON_ROWS[name]).fit(X, y)
    if named_without_their_package(name):
        with pytest.raises(sicf.PersistenceError, match="CyHalfMultinomialLoss"):
            sicf.save(estimator, tmp_path / "kept.sicf")
        return
    assert_same_answers(estimator, again(estimator, tmp_path), X)


@pytest.mark.parametrize("rival", [sicf.make_dwt_svm, sicf.make_glcm_rbf, sicf.make_lbp_svm])
@pytest.mark.parametrize("classifier", ["svm", "knn"])
def test_rivals(rival, classifier, pictures, tmp_path):
    pipeline = rival(roi=None, size=64, classifier=classifier)
    if classifier == "knn":
        pipeline.set_params(classifier__n_neighbors=2)
    pipeline.fit(*pictures)
    assert_same_answers(pipeline, again(pipeline, tmp_path), pictures[0])


def test_whole_system_calibrated_and_augmented(pictures, tmp_path):
    X, y = pictures
    search = {"population_size": 2, "max_iter": 1, "cv": 2, "n_words": 8, "mode": "paper"}
    lorf = sicf.make_sicf_lorf(cache=tmp_path / "rows", random_state=0, **search)
    lorf.set_params(roi__size=48, sicf__vgg16=small_embedder(), forest__n_estimators=5)
    augmented = AugmentedFit(lorf, MRIAugmenter(random_state=0)).fit(X, y)
    calibrated = sicf.calibrate(lorf, X, y, cv=2, random_state=0)
    for estimator in (augmented, calibrated):
        assert_same_answers(estimator, again(estimator, tmp_path), X)


def test_another_process_gives_the_same(pictures, tmp_path):
    X, y = pictures
    model = make_pipeline(SIFTBoVW(8, random_state=0), FOREST).fit(X, y)
    sicf.save(model, tmp_path / "model.sicf")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import sicf, numpy as np, sys; f = sys.argv[1];"
        "print(sicf.load(f + '/model.sicf').predict_proba(np.load(f + '/X.npy')).tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(model.predict_proba(X).tolist())


def test_mask_and_reader(pictures, tmp_path):
    X, _ = pictures
    mask = np.zeros((*X.shape[:3], 1), X.dtype)
    mask[:, 20:40, 10:40] = 1
    batch = np.concatenate([X, mask], axis=3)
    roi = MaskROI(size=32, mask=2).fit(batch)
    assert_same_answers(roi, again(roi, tmp_path), batch)
    reader = ReadImages().fit(list(X[..., 0]))
    assert_same_answers(reader, again(reader, tmp_path), list(X[..., 0]))


@pytest.mark.parametrize("fine_tune", ["head", "all"])
def test_learnt_weights_travel(fine_tune, pictures, tmp_path):
    X, y = pictures
    recipe = TrainingRecipe(epochs=1)
    embedder = TorchEmbedder(**SMALL_NETWORK, fine_tune=fine_tune, training=recipe).fit(X, y)
    for back in (again(embedder, tmp_path), pickle.loads(pickle.dumps(embedder))):
        assert back.weights_ == embedder.weights_
        pd.testing.assert_frame_equal(back.loss_curve_, embedder.loss_curve_)
        assert_same_answers(embedder, back, X)


def test_paths_frames_members_and_distributions_come_back(iris, pictures, tmp_path):
    X, y = iris
    selector = LyrebirdSelector(checkpoint=tmp_path / "kept", **SMALL_SEARCH).fit(X, y)
    for back in (again(selector, tmp_path), pickle.loads(pickle.dumps(selector))):
        assert back.checkpoint == tmp_path / "kept"
        pd.testing.assert_frame_equal(back.history_, selector.history_)
    rows = CachedRows(GLCMFeatures(8), tmp_path / "rows").fit(pictures[0])
    assert again(rows, tmp_path).location == tmp_path / "rows"
    member = SqueezeNet1_1_Weights.IMAGENET1K_V1
    assert again(TorchEmbedder("squeezenet1_1", "features", weights=member), tmp_path).weights is (
        member
    )
    search = clone(ON_ROWS["search"]).fit(X, y)
    back = again(search, tmp_path)
    drawn = [
        found.param_distributions["max_depth"].rvs(9, random_state=0) for found in (search, back)
    ]
    assert_array_equal(*drawn)
    assert_array_equal(clone(back).fit(X, y).predict_proba(X), search.predict_proba(X))


def test_saving_changes_nothing_and_the_file_is_whole_or_absent(forest, tmp_path, monkeypatch):
    before = pickle.dumps(forest)
    sicf.save(forest, tmp_path / "forest.sicf")
    assert pickle.dumps(forest) == before
    whole = (tmp_path / "forest.sicf").read_bytes()

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        sicf.save(forest, tmp_path / "forest.sicf")
    assert os.listdir(tmp_path) == ["forest.sicf"]
    assert (tmp_path / "forest.sicf").read_bytes() == whole


def test_skops_reads_the_file_too(forest, iris, tmp_path):
    sicf.save(forest, tmp_path / "forest.sicf")
    back = skops.io.load(tmp_path / "forest.sicf", trusted=sicf.trusted_types())
    assert_same_answers(forest, back, iris[0])
    skops.io.dump(forest, tmp_path / "forest.skops")
    back = skops.io.load(tmp_path / "forest.skops", trusted=sicf.trusted_types())
    assert_same_answers(forest, back, iris[0])


def test_pretrained_weights_are_not_in_the_file(pictures, tmp_path):
    embedder = VGG16Embedder(weights=None, layer="pool5", batch_size=2).fit(pictures[0][:2])
    sicf.save(embedder, tmp_path / "vgg16.sicf")
    assert (tmp_path / "vgg16.sicf").stat().st_size < 5_000


class Own(BaseEstimator):
    """A user's own step."""

    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        return self

    def transform(self, X):
        return X - self.mean_


def test_own_classes_are_trusted_by_name_or_by_themselves(iris, tmp_path):
    own = Own().fit(iris[0])
    with pytest.raises(sicf.PersistenceError, match=r"Own cannot be saved.*Own'.*pass trusted="):
        sicf.save(own, tmp_path / "own.sicf")
    assert not os.listdir(tmp_path)
    for trusted in ([Own], [f"{Own.__module__}.Own"]):
        assert_same_answers(own, again(own, tmp_path, trusted=trusted), iris[0])
    with pytest.raises(sicf.PersistenceError, match=r"Own'.*pass trusted="):
        sicf.load(tmp_path / "estimator.sicf")
    with pytest.raises(TypeError, match="trusted must be a list"):
        sicf.load(tmp_path / "estimator.sicf", trusted="Own")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda found: None, "<lambda>"),
        ({True: 1, False: 2}, "Keys of a dict must be text or numbers"),
        ({1: "a", "1": "b"}, "read alike as text"),
        (np.array("a", dtype=object), "A list is"),
    ],
    ids=["lambda", "bool keys", "equal keys", "object"],
)
def test_what_cannot_come_back_is_refused_while_it_is_there(value, message, forest, tmp_path):
    with pytest.raises(sicf.PersistenceError, match=f"cannot be saved.*({message})"):
        sicf.save(
            clone(forest).set_params(randomforestclassifier__class_weight=value),
            tmp_path / "forest.sicf",
        )
    assert not os.listdir(tmp_path)


def test_metadata_requests_are_refused_with_their_name(forest, tmp_path):
    import sklearn

    with sklearn.config_context(enable_metadata_routing=True):
        request = RandomForestClassifier().set_fit_request(sample_weight=True)
    with pytest.raises(sicf.PersistenceError, match="as what set_fit_request leaves behind"):
        sicf.save(request, tmp_path / "forest.sicf")


def test_only_estimators_are_saved(tmp_path):
    for wrong in (RandomForestClassifier, np.zeros(3), "forest"):
        with pytest.raises(TypeError, match="estimator must be an estimator. Got"):
            sicf.save(wrong, tmp_path / "wrong.sicf")


def test_without_skops_the_extra_is_named(forest, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skops.io", None)
    for work in (lambda: sicf.save(forest, tmp_path / "a"), lambda: sicf.load(tmp_path / "a")):
        with pytest.raises(ImportError, match=r"needs skops: pip install 'sicf\[persist\]'"):
            work()
