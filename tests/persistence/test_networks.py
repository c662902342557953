"""Networks in a file, of whatever class: whose code they are, and which weights they stand on."""

import inspect
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV

import sicf
from sicf import (
    CachedRows,
    DenseFuse,
    FusionGAN,
    LyrebirdSearchCV,
    MedFusionGAN,
    PatchDeepFeatures,
    PersistenceError,
    TorchEmbedder,
    TSJNet,
)
from sicf.features._network_weights import sha256
from sicf.features._on_weights import OnWeights
from tests.persistence.altered_file import members_of
from tests.test_image_contracts import FUSERS, small_embedder, small_patches

PUBLIC = [getattr(sicf, name) for name in sicf.__all__]
ESTIMATORS = [
    thing for thing in PUBLIC if isinstance(thing, type) and issubclass(thing, BaseEstimator)
]
WITH_MODEL = [kind for kind in ESTIMATORS if "model" in inspect.signature(kind).parameters]
ON_WEIGHTS = [kind for kind in ESTIMATORS if "weights_fingerprint_" in (kind.__doc__ or "")]


def made(kind, **parameters):
    """An estimator, with something for each parameter that has no default."""
    asked = inspect.signature(kind).parameters.values()
    needed = {each.name: "features" for each in asked if each.default is each.empty}
    return kind(**needed | parameters)


def refused_without_trust(estimator, path, model="os:abort"):
    with pytest.raises(PersistenceError, match=f"trusted=\\['{model}'\\]"):
        sicf.save(estimator, path)
    sicf.save(estimator, path, trusted=[model])
    with pytest.raises(PersistenceError, match="must be trusted: it is imported and called"):
        sicf.load(path)
    return sicf.load(path, trusted=[model])


@pytest.mark.parametrize("kind", WITH_MODEL)
def test_every_class_with_a_model_has_its_function_trusted_or_refused(kind, tmp_path):
    estimator = made(kind, model="os:abort")
    assert refused_without_trust(estimator, tmp_path / "net.sicf").model == "os:abort"


def test_there_are_such_classes():
    assert {TorchEmbedder, PatchDeepFeatures} <= set(WITH_MODEL)
    assert {TorchEmbedder, PatchDeepFeatures, DenseFuse, FusionGAN, MedFusionGAN, TSJNet} <= set(
        ON_WEIGHTS
    )


@pytest.mark.parametrize(
    "values",
    [["os:abort"], ("squeezenet1_1", "os:abort"), np.array(["os:abort"]), [["os:abort"]],
     np.ma.masked_array(np.array(["os:abort"], object), [True])],
    ids=["list", "tuple", "array", "nested", "masked"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["model", "transformer__model"])
def test_functions_that_a_search_would_try_are_found(values, key, tmp_path):
    for search in (
        GridSearchCV(CachedRows(small_embedder()), {key: values}),
        LyrebirdSearchCV(CachedRows(small_embedder()), [{key: values}]),
    ):
        refused_without_trust(search, tmp_path / "search.sicf")


def test_other_text_with_a_colon_is_no_function(tmp_path):
    embedder = small_embedder().set_params(device="cuda:0", checkpoint="C:/kept")
    sicf.save(CachedRows(embedder, "D:/rows"), tmp_path / "net.sicf")
    assert sicf.load(tmp_path / "net.sicf").transformer.device == "cuda:0"


CODE_BY_TEXT = re.compile(r"import_module\(|__import__\(|(?<![\w.])(eval|exec)\(")
IMPORTING = {
    "__init__.py",  # names of its own, by its own table
    "features/_network.py",  # `model`, which must be trusted
    "fusion/_torchmetrics.py",  # two packages
    "images/__init__.py",
    "images/files/_guarded.py",  # readers of files, by names in the code
}


def test_no_other_text_becomes_code():
    """Whoever adds a place to this list sees to it that `load` refuses what nobody has trusted."""
    house = Path(sicf.__file__).parent
    found = {
        path.relative_to(house).as_posix()
        for path in house.rglob("*.py")
        if CODE_BY_TEXT.search(path.read_text())
    }
    assert found == IMPORTING


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_functions_are_refused_in_every_parameter(kind, tmp_path):
    for name in inspect.signature(kind).parameters:
        with pytest.raises(PersistenceError, match="rmtree"):
            sicf.save(made(kind, **{name: shutil.rmtree}), tmp_path / "crafted.sicf")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("kind", ON_WEIGHTS)
def test_every_class_with_a_fingerprint_is_asked_for_its_weights(kind):
    assert issubclass(kind, OnWeights)


def squeezenet(folder):
    from torchvision.models import squeezenet1_1

    torch.manual_seed(3)
    torch.save(squeezenet1_1().state_dict(), folder / "net.pth")


@pytest.fixture
def file_for(pictures, tmp_path):
    """A function that makes a file of weights for an estimator, and names it in it."""

    def make(estimator):
        (tmp_path / "there").mkdir()
        file = tmp_path / "there" / "net.safetensors"
        if isinstance(estimator, PatchDeepFeatures):
            squeezenet(file.parent)
            file = file.with_suffix(".pth")
        else:
            file.write_bytes(estimator.fit(pictures[0]).weights_)
        return file, estimator.set_params(weights=str(file))

    return make


def assert_weights_are_looked_after(estimator, fitted_on, file, X, answer, folder):
    """Named in the header, refused where they are missing or others, and found elsewhere."""
    path = folder / "kept.sicf"
    estimator.fit(*fitted_on)
    expected = getattr(estimator, answer)(X)
    sicf.save(estimator, path)
    told = json.loads(members_of(path)["sicf.json"])["weights"]
    assert {"name": str(file), "fingerprint": sha256(file)} in told
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    os.replace(file, elsewhere / file.name)
    with pytest.raises(PersistenceError, match=r"Put the file .* there, or load with weights="):
        sicf.load(path)
    back = sicf.load(path, weights=elsewhere)
    assert_array_equal(getattr(back, answer)(X), expected)
    file.write_bytes((elsewhere / file.name).read_bytes() + b" ")
    with pytest.raises(PersistenceError, match="Fit saw .*or fit again"):
        sicf.load(path)


FITTED_ON_FILES = {name: fuser for name, (fuser, _) in FUSERS.items()} | {
    "patches": small_patches()
}


@pytest.mark.parametrize("name", FITTED_ON_FILES)
def test_files_of_weights_are_looked_after(name, file_for, pictures, tmp_path):
    file, estimator = file_for(clone(FITTED_ON_FILES[name]))
    assert_weights_are_looked_after(estimator, pictures, file, pictures[0], "transform", tmp_path)


def test_weights_of_the_rival_patch_resnet(file_for, pictures, tmp_path):
    file, features = file_for(small_patches())
    names = ("model", "layers", "weights", "size", "patch_sizes", "fuse_sequences")
    rival = sicf.make_patch_resnet(
        **{name: getattr(features, name) for name in names},
        roi=None,
        selectors=("chi2",),
        n_selected=4,
        cv=2,
        cache=tmp_path / "rows",
        random_state=0,
    )
    assert_weights_are_looked_after(rival, pictures, file, pictures[0], "predict", tmp_path)


def test_weights_of_a_fuser_in_the_whole_system(file_for, pictures, tmp_path):
    file, fuser = file_for(clone(FITTED_ON_FILES["DenseFuse"]))
    lorf = sicf.make_sicf_lorf(
        fuser=fuser, population_size=2, max_iter=1, cv=2, n_words=8, mode="paper", random_state=0
    )
    lorf.set_params(roi__size=48, sicf__vgg16=small_embedder(), forest__n_estimators=3)
    assert_weights_are_looked_after(lorf, pictures, file, pictures[0], "predict_proba", tmp_path)


def test_a_fuser_that_was_trained_needs_no_file(pictures, tmp_path):
    fuser = clone(FITTED_ON_FILES["DenseFuse"]).fit(pictures[0])
    sicf.save(fuser, tmp_path / "fuser.sicf")
    assert json.loads(members_of(tmp_path / "fuser.sicf")["sicf.json"])["weights"] == []
    back = sicf.load(tmp_path / "fuser.sicf", weights=tmp_path)
    assert_array_equal(back.transform(pictures[0]), fuser.transform(pictures[0]))
