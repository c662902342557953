"""The whole system: reachable in every parameter, the same however it is run, blind to noise."""

import pickle

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from sicf import (
    AugmentedFit,
    CachedRows,
    DenseFuse,
    HistEqualize,
    MaskROI,
    MRIAugmenter,
    ReadImages,
    TorchEmbedder,
    TrainingRecipe,
    VGG16Embedder,
    evaluate,
    explain,
    make_sicf,
    make_sicf_lorf,
    make_spine_phantoms,
)
from sicf.evaluation import permute_by_group

SMALL_NETWORK = {"model": "squeezenet1_1", "layer": "features.2", "input_size": 48}
SMALL_NETWORK_STEP = TorchEmbedder(**SMALL_NETWORK)


@pytest.fixture(scope="module")
def patients():
    """18 patients with 3 slices of one sequence; a patient's neck is the same in all."""
    return make_spine_phantoms(24, n_slices=3, sequences=("T2",), shape=(96, 96), random_state=0)


def small_lorf(cache=None, **parameters):
    """The whole pipeline with a network of milliseconds and a short search."""
    search = {"population_size": 4, "max_iter": 2, "cv": 3}
    pipeline = make_sicf_lorf(n_words=16, cache=cache, random_state=0, **search | parameters)
    deep = CachedRows(TorchEmbedder(**SMALL_NETWORK), cache)
    few = {"roi__size": 64, "forest__n_estimators": 20, "selector__reserve": 0}
    return pipeline.set_params(sicf__vgg16=deep, **few)


def fitted(pipeline, data):
    with sklearn.config_context(enable_metadata_routing=True):
        return pipeline.fit(data.images, data.target, groups=data.groups)


def test_forest_is_the_papers():
    forest = make_sicf_lorf()["forest"]
    assert type(forest) is RandomForestClassifier
    assert (forest.n_estimators, forest.max_depth) == (100, 20)
    assert (forest.criterion, forest.class_weight) == ("gini", "balanced")


def test_every_parameter_of_every_step_can_be_set():
    pipeline = make_sicf_lorf(weights=None)
    values = pipeline.get_params(deep=True)
    for name in (
        "roi__size",
        "equalize__method",
        "sicf__sift__n_words",
        "sicf__vgg16__layer",
        "selector__population_size",
        "forest__max_depth",
    ):
        assert name in values
    changed = clone(pipeline).set_params(sicf__vgg16__layer="fc6", sicf__sift__n_words=64)
    assert changed["sicf"].get_params()["vgg16"].transformer.layer == "fc6"
    assert pipeline["sicf"].get_params()["vgg16"].transformer.layer == "fc7"


def test_mask_is_told_to_every_step_that_sees_pictures():
    pipeline = make_sicf(roi="mask", mask=3, weights=None)
    assert isinstance(pipeline["roi"], MaskROI)
    assert isinstance(pipeline["equalize"], HistEqualize)
    parameters = pipeline.get_params(deep=True)
    masks = {name: value for name, value in parameters.items() if name.endswith("__mask")}
    assert set(masks.values()) == {3}, masks
    assert len(masks) == 5, masks  # the row cache names its step twice


def test_frozen_steps_are_kept_where_there_is_a_cache(patients, tmp_path):
    pipeline = make_sicf(n_words=16, cache=tmp_path, cache_max_bytes=1 << 30, random_state=0)
    assert list(pipeline.named_steps) == ["roi", "equalize", "sicf"]
    values = pipeline.get_params(deep=True)
    bounds = {name: value for name, value in values.items() if name.endswith("max_bytes")}
    assert set(bounds.values()) == {1 << 30}
    assert len(bounds) == 4, bounds
    pipeline.set_params(roi__size=48, equalize__method="clahe", sicf__vgg16=SMALL_NETWORK_STEP)
    plain = make_sicf(n_words=16, random_state=0)
    plain.set_params(roi__size=48, equalize__method="clahe", sicf__vgg16=SMALL_NETWORK_STEP)
    images = patients.images[:9]
    for _ in range(2):
        assert_array_equal(pipeline.fit_transform(images), plain.fit_transform(images))
    assert_array_equal(pipeline["roi"].transformer_.locate(images), plain["roi"].locate(images))


def test_pictures_are_read_by_a_first_step(patients, tmp_path):
    paths = []
    for number, image in enumerate(patients.images[:9]):
        paths.append(tmp_path / f"{number}.npy")
        np.save(paths[-1], image)
    expected = make_sicf(weights=None, random_state=0).set_params(sicf__vgg16=SMALL_NETWORK_STEP)
    expected = expected.fit_transform(patients.images[:9])
    for cache in (None, tmp_path / "rows"):
        pipeline = make_sicf(read=ReadImages(), weights=None, cache=cache, random_state=0)
        pipeline.set_params(sicf__vgg16=SMALL_NETWORK_STEP)
        assert list(pipeline.named_steps) == ["read", "roi", "equalize", "sicf"]
        assert_array_equal(pipeline.fit_transform(paths), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"roi": "circle"}, "roi must be one of .*Got 'circle'"),
        ({"equalize": "local"}, "method must be one of .*Got 'local'"),
    ],
)
def test_wrong_choices_are_named(patients, parameters, message):
    with pytest.raises(ValueError, match=message):
        make_sicf(weights=None, **parameters).fit(patients.images[:4])


def test_union_has_the_papers_4608_columns(patients):
    rows = make_sicf(weights=None, random_state=0).set_output(transform="pandas")
    frame = rows.fit_transform(patients.images[:6])
    assert frame.shape == (6, 4608)
    assert frame.columns[[0, 511, 512, -1]].tolist() == [
        "sift__word_000",
        "sift__word_511",
        "vgg16__fc7_0000",
        "vgg16__fc7_4095",
    ]


def test_same_answer_for_any_number_of_jobs_and_any_cache(patients, tmp_path):
    alone = fitted(small_lorf(), patients)
    for other in (
        small_lorf(n_jobs=2),
        small_lorf(cache=tmp_path),
        small_lorf(cache=tmp_path, n_jobs=2),
    ):
        fitted(other, patients)
        assert_array_equal(other["selector"].support_, alone["selector"].support_)
        # scikit-learn's forest adds its trees' votes in the order in which its threads end.
        assert_allclose(
            other.predict_proba(patients.images),
            alone.predict_proba(patients.images),
            rtol=1e-12,
        )


def test_one_new_patient_gets_the_answer_it_has_in_a_batch(patients):
    pipeline = fitted(small_lorf(), patients)
    together = pipeline.predict_proba(patients.images[:9])
    again = pickle.loads(pickle.dumps(pipeline))
    assert_array_equal(again.predict_proba(patients.images[4:5]), together[4:5])


def test_grid_search_hands_groups_to_the_selector(patients):
    search = GridSearchCV(
        small_lorf(),
        {"sicf__sift__n_words": [8, 16], "selector__mode": ["paper"]},
        cv=StratifiedGroupKFold(2),
        error_score="raise",
    )
    fitted(search, patients)
    assert search.best_params_["sicf__sift__n_words"] in (8, 16)
    assert search.predict(patients.images[:2]).shape == (2,)


def test_labels_shuffled_by_patient_are_at_chance(patients, tmp_path):
    """Six permutations; what a leak would give is measured beside three of them."""
    grouped, leaking = [], []
    for seed in range(9):
        scores, groups = (grouped, patients.groups) if seed < 6 else (leaking, None)
        y = permute_by_group(patients.target, patients.groups, random_state=seed % 6)
        result = evaluate(
            small_lorf(tmp_path),
            patients.images,
            y,
            groups=groups,
            outer=3,
            n_bootstrap=2,
            # It would warn of the leak, and be right.
            check_duplicates=groups is not None,
            random_state=seed,
        )
        scores.append(result.metrics()["balanced accuracy"].value)
    error = np.std(grouped, ddof=1) / np.sqrt(len(grouped))
    assert abs(np.mean(grouped) - 1 / 3) < 3 * error
    assert np.mean(leaking) > 0.45


def test_fine_tuning_reaches_the_network_and_no_cache(tmp_path):
    recipe, augmenter = TrainingRecipe(epochs=3), MRIAugmenter()
    pipeline = make_sicf_lorf(
        fine_tune="head", training=recipe, augmenter=augmenter, cache=tmp_path, random_state=4
    )
    deep = dict(pipeline.named_steps["sicf"].transformer_list)["vgg16"]
    assert isinstance(deep, VGG16Embedder)
    assert (deep.fine_tune, deep.training, deep.augmenter) == ("head", recipe, augmenter)
    assert isinstance(pipeline.named_steps["equalize"], CachedRows)
    assert pipeline.set_params(sicf__vgg16__training__epochs=5) is pipeline
    assert recipe.epochs == 5


@pytest.mark.slow
def test_augmented_and_fine_tuned_the_whole_system_keeps_patients_together(patients, monkeypatch):
    """The sources of variants, or their patients, arrive at the network and at the search."""
    from sicf.features import _fine_tuning
    from sicf.selection import _lyrebird_selector

    seen = {}
    own_split, own_plan = _fine_tuning.split_validation, _lyrebird_selector.draw_plan

    def split(share, target, groups, seed):
        seen["network"] = groups
        return own_split(share, target, groups, seed)

    def plan(seed, y, groups, **options):
        seen["search"] = groups
        return own_plan(seed, y, groups, **options)

    monkeypatch.setattr(_fine_tuning, "split_validation", split)
    monkeypatch.setattr(_lyrebird_selector, "draw_plan", plan)
    deep = TorchEmbedder(
        **SMALL_NETWORK, fine_tune="head", training=TrainingRecipe(epochs=1), random_state=0
    )
    quick = {"mode": "paper", "engine": "sklearn", "estimator": RandomForestClassifier(3)}
    search = {f"selector__{name}": value for name, value in quick.items()}
    pipeline = small_lorf(population_size=2, max_iter=0)
    pipeline.set_params(sicf__vgg16=deep, **search)
    model = AugmentedFit(pipeline, MRIAugmenter(random_state=0), n_copies=1)
    model.fit(patients.images, patients.target, groups=patients.groups)
    for groups in seen.values():
        np.testing.assert_array_equal(groups, np.tile(patients.groups, 2))
    assert set(seen) == {"network", "search"}
    assert model.predict_proba(patients.images[:2]).shape == (2, 3)


SMALL_FUSER = DenseFuse(4, patch_size=32, epochs=4, learning_rate=5e-3)


@pytest.fixture(scope="module")
def sequences():
    """9 patients with 2 slices of three sequences and a mask."""
    data = make_spine_phantoms(9, n_slices=2, shape=(64, 64), random_state=1)
    data.images = np.concatenate([data.images, data.masks[..., None].astype(np.uint16)], axis=3)
    return data


def fusing(**parameters):
    pipeline = make_sicf(n_words=8, weights=None, random_state=0, mask=3, **parameters)
    return pipeline.set_params(sicf__vgg16=TorchEmbedder(**SMALL_NETWORK, mask=1), roi__size=48)


def test_fuser_leaves_one_sequence_and_the_mask(sequences):
    pipeline = fusing(fuser=SMALL_FUSER, roi="mask", sequence_names=("T1", "T2", "T1ce"))
    # A small tumour that fills the picture may be too smooth for keypoints.
    pipeline.set_params(sicf__sift__detector="dense")
    assert list(pipeline.named_steps) == ["roi", "equalize", "fuse", "sicf"]
    assert pipeline["fuse"] is not SMALL_FUSER
    assert (pipeline["fuse"].mask, SMALL_FUSER.mask) == (3, None)
    rows = pipeline.fit_transform(sequences.images)
    fused = pipeline[:-1].transform(sequences.images)
    assert fused.shape == (18, 48, 48, 2)
    crops = pipeline[:1].transform(sequences.images)
    assert_array_equal(fused[..., 1], crops[..., 3])
    alone = clone(pipeline["sicf"]).set_params(sift__mask=None, vgg16__mask=None)
    assert_array_equal(rows, alone.fit_transform(fused[..., 0]))
    assert rows.shape == (18, 8 + 64)


@pytest.mark.parametrize("name", ["densefuse", "fusiongan", "medfusiongan", "tsjnet"])
def test_fuser_by_name_is_the_network_at_full_width(name):
    step = make_sicf_lorf(fuser=name, mask=-1, random_state=3, weights=None)["fuse"]
    assert type(step).__name__.lower() == name
    assert step.get_params() == type(step)(mask=-1, random_state=3).get_params()
    assert make_sicf_lorf(weights=None).named_steps.get("fuse") is None


def test_whole_system_with_a_fuser_learns_and_answers(sequences):
    pipeline = small_lorf(fuser=SMALL_FUSER, mask=3)
    pipeline.set_params(sicf__vgg16__transformer__mask=1, roi__size=48)
    answers = fitted(pipeline, sequences).predict_proba(sequences.images)
    np.testing.assert_allclose(answers.sum(axis=1), np.ones(18))


def test_fused_pictures_are_explained(sequences):
    forest = ("forest", RandomForestClassifier(5, random_state=0))
    pipeline = Pipeline([*fusing(fuser=SMALL_FUSER).steps, forest])
    pipeline.fit(sequences.images, sequences.target)
    explained = explain(pipeline, sequences.images[:1], occlusion=True, occlusion_grid=2)[0]
    assert explained.image.shape == (64, 64, 3)
    assert explained.occlusion.shape == (64, 64)
    assert {part: len(maps) for part, maps in explained.maps.items()} == {"sift": 1, "vgg16": 1}


def test_fuser_with_weights_is_kept_where_there_is_a_cache(sequences, tmp_path):
    path = tmp_path / "fuser.safetensors"
    path.write_bytes(clone(SMALL_FUSER).fit(sequences.images[..., :3]).weights_)
    frozen = clone(SMALL_FUSER).set_params(weights=path)
    expected = fusing(fuser=frozen).fit_transform(sequences.images)
    pipeline = fusing(fuser=frozen, cache=tmp_path / "rows")
    assert isinstance(pipeline["fuse"], CachedRows)
    for _ in range(2):
        assert_array_equal(pipeline.fit_transform(sequences.images), expected)
    assert type(fusing(fuser=SMALL_FUSER, cache=tmp_path / "rows")["fuse"]) is DenseFuse


@pytest.mark.parametrize("fuser", ["nsct", DenseFuse, 3])
def test_unknown_fusers_are_named(fuser):
    with pytest.raises(ValueError, match="fuser must be None, one of .*densefuse"):
        make_sicf(fuser=fuser)


def test_fused_sequences_cannot_be_colours():
    with pytest.raises(ValueError, match="a fuser leaves one"):
        make_sicf(fuser="densefuse", fuse_sequences="rgb")
