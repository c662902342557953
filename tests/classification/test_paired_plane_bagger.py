import pickle

import cv2
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.svm import LinearSVC

from sicf import (
    LyrebirdSelector,
    PairedPlaneBagger,
    ResNetSTClassifier,
    evaluate,
    make_bgnet,
    make_sicf_variant,
    make_thumbnail_forest,
)
from sicf.classification._pair_votes import keep_highest, shares_by_decade, with_age
from sicf.classification._paired_planes import check_patients


@pytest.fixture
def patients(rng):
    """Twelve patients; the axial crops of every second one are bright."""
    y = np.array(["benign", "malignant"])[np.arange(12) % 2]
    X = [
        {
            "axial": rng.integers(
                0, 120 if k == "benign" else 255, size=(2, 40, 30), dtype=np.uint8
            ),
            "sagittal": [rng.integers(0, 255, size=(30, 20 + n), dtype=np.uint8) for n in range(3)],
        }
        for k in y
    ]
    return X, y


def small_forest():
    return make_thumbnail_forest(size=16, random_state=0).set_params(forest__n_estimators=10)


def forest_bagger(**parameters):
    return PairedPlaneBagger(small_forest(), random_state=0, **parameters)


class FirstPixel(ClassifierMixin, BaseEstimator):
    """Says of each pair, with certainty or not, what its pixels at two fixed places are."""

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        self.seen_ = X
        return self

    def predict_proba(self, X):
        malignant = X[:, 56, 112] / 255
        return np.column_stack([1 - malignant, malignant])


def flat(value):
    return np.full((20, 20), value, np.uint8)


def test_every_edge_is_a_pair_and_axial_lies_on_top(rng):
    axial = [rng.integers(0, 255, size=(30, 50 + n), dtype=np.uint8) for n in range(2)]
    sagittal = [rng.integers(0, 255, size=(200, 300), dtype=np.uint8) for _ in range(3)]
    (patient,) = check_patients([{"axial": axial, "sagittal": sagittal}], 112, 224)
    assert patient.n_edges == 6
    pairs = patient.pairs(range(6))
    assert pairs.shape == (6, 224, 224)
    for edge, pair in enumerate(pairs):
        above, below = axial[edge // 3], sagittal[edge % 3]
        grown = cv2.resize(above, (224, 112), interpolation=cv2.INTER_LINEAR)
        shrunk = cv2.resize(below, (224, 112), interpolation=cv2.INTER_AREA)
        np.testing.assert_array_equal(pair, np.vstack([grown, shrunk]))


def test_flips_are_a_third_each_and_of_each_crop_alone(rng):
    crop = np.arange(16 * 16, dtype=np.uint8).reshape(16, 16)
    (patient,) = check_patients([{"axial": [crop], "sagittal": [crop]}], 16, 16)
    pairs = patient.pairs(np.zeros(3000, int), rng)
    ways = {"not": crop, "up": crop[::-1], "left": crop[:, ::-1]}
    counts = {}
    for pair in pairs:
        found = tuple(
            next(name for name, way in ways.items() if (part == way).all())
            for part in (pair[:16], pair[16:])
        )
        counts[found] = counts.get(found, 0) + 1
    assert len(counts) == 9
    # Each has probability 1/9; five standard errors of 3,000 draws.
    np.testing.assert_allclose(np.array(list(counts.values())) / 3000, 1 / 9, atol=0.029)


def test_patients_are_told_apart_out_of_sample(patients):
    X, y = patients
    assert (cross_val_predict(forest_bagger(), X, y, cv=3) == y).mean() >= 0.9
    model = forest_bagger().fit(X[:8], y[:8])
    assert model.predict(X[8:]).tolist() == y[8:].tolist()
    assert model.source_.tolist() == np.repeat(range(8), 8).tolist()
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_score_is_the_share_of_malignant_votes_after_age():
    # Six pairs: three axial crops of scores 0.2, 0.5 and 0.9, two sagittal ones.
    X = [{"axial": [flat(51), flat(128), flat(230)], "sagittal": [flat(0)] * 2, "age": 64.5}]
    train = [{"axial": [flat(9)], "sagittal": [flat(9)], "age": a} for a in (61, 62, 69, 65, 30)]
    model = PairedPlaneBagger(FirstPixel(), random_state=0).fit(train, [0, 1, 1, 1, 0])
    assert {k: v.tolist() for k, v in model.age_shares_.items()} == {3: [1, 0], 6: [0.25, 0.75]}
    edges = model.edge_proba(X)[0][:, 1]
    scores = np.repeat([51, 128, 230], 2) / 255
    np.testing.assert_allclose(edges, 0.6 * scores + 0.4 * 0.75)
    assert (
        model.predict_proba(X)[0, 1] == pytest.approx(np.mean(edges > 0.5)) == pytest.approx(4 / 6)
    )
    for age in (None, np.nan, 91):
        unknown = [X[0] | {"age": age}]
        np.testing.assert_allclose(model.edge_proba(unknown)[0][:, 1], scores)
    clinical = clone(model).set_params(weight_clinical=1).fit(train, [0, 1, 1, 1, 0])
    assert clinical.predict_proba(X)[0, 1] == 1


def test_highest_scores_are_kept_as_published(rng):
    malignant = rng.random(700)
    proba = np.column_stack([1 - malignant, malignant])
    kept = keep_highest(proba, 0.5, 300)[:, 1]
    np.testing.assert_allclose(kept, np.sort(malignant)[::-1][:350])
    assert len(keep_highest(proba[:400], 0.5, 300)) == 300
    assert len(keep_highest(proba[:200], 0.5, 300)) == 200
    assert keep_highest(proba, None, 300) is proba


def test_dropping_low_scores_favours_malignancy():
    X = [{"axial": [flat(10), flat(20), flat(30), flat(250)], "sagittal": [flat(0)]}]
    train = [{"axial": [flat(9)], "sagittal": [flat(9)]}] * 2
    scores = {}
    for fraction in (None, 0.25, 0.5):
        model = PairedPlaneBagger(FirstPixel(), top_fraction=fraction, min_top=1)
        scores[fraction] = model.fit(train, [0, 1]).predict_proba(X)[0, 1]
    assert scores == {None: 0.25, 0.25: 1, 0.5: 0.5}


def test_ages_on_a_decades_edge():
    shares = shares_by_decade(np.array([59.9, 60, 69.9, np.nan]), np.array([0, 1, 0, 1]), 2)
    assert {k: v.tolist() for k, v in shares.items()} == {5: [1, 0], 6: [0.5, 0.5]}
    proba = np.array([[0.5, 0.5]])
    np.testing.assert_allclose(with_age(proba, 60.0, {6: np.array([0, 1])}, 0.4), [[0.3, 0.7]])
    assert with_age(proba, np.nan, shares, 0.4) is proba


def test_all_pairs_are_seen_before_one_is_seen_again_and_bounds_hold(patients):
    X, y = patients
    model = PairedPlaneBagger(FirstPixel(), n_visits=7, flip=False, random_state=0).fit(X, y)
    seen = model.estimator_.seen_[:7]
    assert len(np.unique(seen[:6].reshape(6, -1), axis=0)) == 6
    assert len(np.unique(seen.reshape(7, -1), axis=0)) == 6
    bounded = clone(model).set_params(max_pairs=4).fit(X, y)
    some, every = bounded.edge_proba(X[:1])[0], model.edge_proba(X[:1])[0]
    assert len(some) == 4
    assert {tuple(row) for row in some} <= {tuple(row) for row in every}
    np.testing.assert_array_equal(bounded.edge_proba(X)[0], some)


def test_seed_draws_pairs_and_another_draws_others(patients):
    X, y = patients
    first, again, other = (
        PairedPlaneBagger(FirstPixel(), random_state=seed).fit(X, y).estimator_.seen_
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_more_classes_vote_for_the_likeliest(patients):
    X, _ = patients
    y = np.arange(12) % 3
    model = forest_bagger().fit(X, y)
    votes = [np.bincount(p.argmax(axis=1), minlength=3) / 6 for p in model.edge_proba(X)]
    np.testing.assert_allclose(model.predict_proba(X), votes)
    with pytest.raises(ValueError, match="top_fraction must be None with more than 2 classes"):
        forest_bagger(top_fraction=0.5).fit(X, y)


def test_sicf_and_a_selector_that_wants_groups_work(patients):
    X, y = patients
    selector = LyrebirdSelector(
        RandomForestClassifier(5, random_state=0),
        population_size=2, max_iter=1, cv=2, reserve=0, random_state=0,
    )  # fmt: skip
    sicf = make_sicf_variant(
        descriptors=("sift",), selector=selector, roi=None, n_words=16, random_state=0
    )
    model = PairedPlaneBagger(sicf, n_visits=2, height=32, width=64, random_state=0).fit(X, y)
    assert model.predict_proba(X).shape == (12, 2)


def test_groups_are_the_patient_or_what_is_given(patients):
    X, y = patients

    class Asks(FirstPixel):
        __metadata_request__fit = {"groups": True}  # noqa: RUF012

        def fit(self, X, y, *, groups=None):
            self.groups_ = groups
            return super().fit(X, y)

    model = PairedPlaneBagger(Asks(), n_visits=2, random_state=0)
    np.testing.assert_array_equal(model.fit(X, y).estimator_.groups_, np.repeat(range(12), 2))
    sites = np.repeat(["a", "b", "c"], 4)
    model.fit(X, y, groups=sites)
    np.testing.assert_array_equal(model.estimator_.groups_, np.repeat(sites, 2))


def test_evaluation_and_grids_take_lists_of_patients(patients):
    X, y = patients
    models = {"forest": forest_bagger(), "no age": forest_bagger(weight_clinical=0)}
    result = evaluate(models, X, y, outer=3, n_bootstrap=20, random_state=0)
    assert result.metrics("forest")["accuracy"].value >= 0.9
    search = GridSearchCV(forest_bagger(), {"n_visits": [1, 2]}, cv=2, error_score="raise")
    assert search.fit(X, y).best_params_["n_visits"] in (1, 2)


@pytest.mark.filterwarnings("error")
def test_equal_patients_on_both_sides_are_warned_of_and_others_are_not(patients):
    X, y = patients
    for sample in X:
        sample["axial"][:, :5] = 0  # alike where a short description would look
    evaluate(forest_bagger(n_visits=1), X, y, outer=2, n_bootstrap=5, random_state=0)
    X[1] = X[0]
    halves = [0, 2, 3, 4, 5, 6], [1, 7, 8, 9, 10, 11]
    with pytest.warns(UserWarning, match="1 equal"):
        evaluate(forest_bagger(n_visits=1), X, y, outer=[halves, halves[::-1]], n_bootstrap=5)


def test_several_sequences_reach_the_estimator(rng):
    X = [
        {name: rng.integers(0, 4000, size=(2, 30, 30, 3), dtype=np.uint16) for name in planes}
        for planes in [("axial", "sagittal")] * 4
    ]
    model = PairedPlaneBagger(small_forest(), n_visits=1).fit(X, [0, 1] * 2)
    assert model.n_channels_in_ == 3
    assert model.estimator_["forest"].n_features_in_ == 16 * 16 * 3
    with pytest.raises(ValueError, match="same number of channels. Patient 0 has 1 .* not 3"):
        model.predict([{"axial": [flat(1)], "sagittal": [flat(1)]}])


@pytest.mark.parametrize(
    ("sample", "error", "message"),
    [
        ([flat(1)], TypeError, "A patient must be a dict .* Patient 1 is list"),
        ({"axial": [flat(1)]}, ValueError, r"Patient 1 has \['axial'\]"),
        ({"axial": [], "sagittal": [flat(1)]}, ValueError, "patient 1, plane 'axial'"),
        ({"axial": [flat(1)], "sagittal": [np.ones((4, 9))]}, ValueError, "at least 16 pixels"),
        ({"axial": [flat(1)], "sagittal": ["a.png"]}, TypeError, "patient 1, plane 'sagittal'"),
        ({"axial": [flat(1)] , "sagittal": [flat(1)], "age": "old"}, TypeError, "age must be a"),
        ({"axial": [flat(1)] , "sagittal": [flat(1)], "age": -3}, ValueError, "Patient 1 has -3"),
    ],
)  # fmt: skip
def test_wrong_patients_are_named(sample, error, message):
    right = {"axial": [flat(1)], "sagittal": [flat(2)]}
    with pytest.raises(error, match=message):
        forest_bagger().fit([right, sample], [0, 1])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"estimator": LinearSVC()}, TypeError, "estimator must have predict_proba"),
        ({"weight_clinical": 1.5}, ValueError, "weight_clinical must lie in 0 to 1. Got 1.5"),
        ({"top_fraction": -1}, ValueError, "top_fraction must lie in 0 to 1. Got -1"),
        ({"weight_clinical": None}, TypeError, "weight_clinical must be a number. Got None"),
        ({"n_visits": 0}, ValueError, "n_visits must be at least 1. Got 0"),
        ({"max_pairs": 0}, ValueError, "max_pairs must be at least 1. Got 0"),
    ],
)
def test_wrong_parameters_are_named(patients, parameters, error, message):
    with pytest.raises(error, match=message):
        forest_bagger().set_params(**parameters).fit(*patients)


def test_one_class_and_no_list_are_refused(patients):
    X, _ = patients
    with pytest.raises(ValueError, match="y must hold at least 2 classes. Got 1 class"):
        forest_bagger().fit(X, [1] * 12)
    with pytest.raises(TypeError, match="X must be a list of patients"):
        forest_bagger().fit(X[0], [1])


def test_bgnet_is_the_bagger_with_its_network(patients):
    model = make_bgnet()
    assert (model.weight_clinical, model.top_fraction, model.min_top) == (0.4, None, 300)
    network = model.estimator
    assert isinstance(network, ResNetSTClassifier)
    assert (network.width, network.depths, network.training.epochs) == (64, (2, 18), 20)
    assert network.training.class_weight == "balanced"
    small = {"width": 4, "blocks": (1, 1), "dim": 8, "depths": (1, 1), "heads": (1, 2), "hidden": 8}
    model = make_bgnet(network=small, input_size=32, epochs=1, n_visits=1, random_state=3)
    assert model.estimator.random_state == model.random_state == 3
    X, y = patients
    assert model.fit(X, y).predict_proba(X).shape == (12, 2)
