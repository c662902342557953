import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import load
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict

from sicf import CosineRecipe, MRIAugmenter, ResNetSTClassifier, evaluate
from sicf.classification import _resnet_st_classifier

SMALL = {
    "width": 4,
    "blocks": (1, 1),
    "dim": 8,
    "depths": (1, 1),
    "heads": (1, 2),
    "window": 4,
    "hidden": 8,
    "input_size": 32,
    "stochastic_depth": 0.1,
}
FEW = {"epochs": 3, "batch_size": 4, "warm_up": 2, "learning_rate": 0.01}


def small(training=None, **parameters):
    recipe = CosineRecipe(**(FEW if training is None else FEW | training))
    return ResNetSTClassifier(**(SMALL | parameters), training=recipe)


@pytest.fixture(scope="module")
def stripes():
    rng = np.random.default_rng(0)
    y = np.array(["across", "down"])[np.arange(16) % 2]
    wave = 120 * (np.sin(np.arange(32)) > 0)
    X = np.stack([np.tile(wave, (32, 1)).T if k == "across" else np.tile(wave, (32, 1)) for k in y])
    return (X + rng.integers(0, 60, size=X.shape)).astype(np.uint8), y


def test_stripes_are_learnt(stripes):
    X, y = stripes
    model = small({"epochs": 25, "learning_rate": 0.03}).fit(X[:12], y[:12])
    assert model.predict(X[12:]).tolist() == y[12:].tolist()
    proba = model.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert model.classes_.tolist() == ["across", "down"]
    assert list(model.loss_curve_) == ["epoch", "training_loss", "validation_loss", "learning_rate"]
    assert model.loss_curve_["training_loss"].iloc[-1] < 0.3


def test_one_seed_gives_one_network_and_another_another(stripes):
    X, y = stripes
    one, two = (small().fit(X, y) for _ in range(2))
    assert one.weights_ == two.weights_
    assert small(random_state=1).fit(X, y).weights_ != one.weights_
    again = pickle.loads(pickle.dumps(one))
    _resnet_st_classifier._networks.clear()
    np.testing.assert_array_equal(again.predict_proba(X), one.predict_proba(X))


def test_batch_size_is_no_part_of_the_answer(stripes):
    X, y = stripes
    model = small().fit(X, y)
    expected = model.predict_proba(X)
    np.testing.assert_allclose(
        model.set_params(batch_size=3).predict_proba(X), expected, rtol=1e-4, atol=1e-6
    )


def test_two_classes_have_one_output_and_the_binary_loss(stripes):
    X, y = stripes
    model = small({"epochs": 1, "batch_size": 16, "class_weight": (0.2, 0.8)})
    network = model.fit(X, y)._fitted_network(1).network
    assert network.head.out_features == 1
    pictures = torch.rand(6, 3, 32, 32)
    scores = model._fitted_network(1)(pictures)
    target = torch.tensor([0, 1, 1, 0, 0, 1])
    torch.testing.assert_close(
        torch.nn.functional.cross_entropy(scores, target),
        torch.nn.functional.binary_cross_entropy_with_logits(network(pictures)[:, 0], target * 1.0),
    )


def test_three_classes_several_sequences_and_a_mask(stripes):
    X, _ = stripes
    y = np.arange(16) % 3
    stack = np.stack([X, X[::-1]], axis=-1)
    model = small().fit(stack, y)
    proba = model.predict_proba(stack)
    assert proba.shape == (16, 3)
    # The mean of both sequences' scores knows no order.
    np.testing.assert_allclose(model.predict_proba(stack[..., ::-1]), proba, rtol=1e-4, atol=1e-6)
    masked = np.concatenate([stack, np.zeros_like(X)[..., None]], axis=-1)
    with_mask = small(mask=2).fit(masked, y)
    np.testing.assert_array_equal(with_mask.predict_proba(masked), proba)
    with pytest.raises(ValueError, match="fuse_sequences='rgb' needs 3 sequences. Got 2"):
        small(fuse_sequences="rgb").fit(stack, y)


class Killed(Exception):
    pass


def test_a_training_that_was_killed_goes_on_to_the_same_weights(stripes, tmp_path, monkeypatch):
    from sicf.features._training_loop import TrainingLoop

    X, y = stripes
    augmenter = MRIAugmenter(random_state=0)
    expected = small(augmenter=augmenter).fit(X, y).weights_
    run = TrainingLoop._run_epoch

    def die_at_two(loop, epoch):
        if epoch == 2:
            raise Killed
        run(loop, epoch)

    kept = small(augmenter=augmenter, checkpoint=tmp_path)
    monkeypatch.setattr("sicf.features._training_state.SHARE", 1e9)
    monkeypatch.setattr(TrainingLoop, "_run_epoch", die_at_two)
    with pytest.raises(Killed):
        clone(kept).fit(X, y)
    epochs = []
    monkeypatch.setattr(
        TrainingLoop, "_run_epoch", lambda loop, epoch: (epochs.append(epoch), run(loop, epoch))
    )
    assert clone(kept).fit(X, y).weights_ == expected
    assert epochs == [2]
    assert len(list(tmp_path.iterdir())) == 1


def test_training_begins_with_given_weights(stripes, tmp_path):
    X, y = stripes
    first = small().fit(X, y)
    path = tmp_path / "first.safetensors"
    path.write_bytes(first.weights_)
    still = small({"learning_rate": 1e-12, "weight_decay": 0.0}, weights=path).fit(X, y)
    for name, tensor in load(still.weights_).items():
        if "running" not in name and "tracked" not in name:
            torch.testing.assert_close(tensor, load(first.weights_)[name])
    with pytest.raises(ValueError, match="are of another network"):
        small(weights=path, hidden=9).fit(X, y)


def test_groups_are_kept_together_in_the_validation_split(stripes):
    X, y = stripes
    groups = np.arange(16) // 2 % 4 * 2 + np.arange(16) % 2
    model = small({"validation": 0.25})
    result = evaluate(model, X, y, groups=groups, outer=2, n_bootstrap=10, random_state=0)
    assert result.predicted
    assert cross_val_predict(small(), X, y, cv=2).shape == (16,)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"width": 0}, ValueError, "width must be at least 1. Got 0"),
        ({"depths": (2,)}, ValueError, r"depths must be 2 whole numbers. Got \(2,\)"),
        ({"heads": (3, 2)}, ValueError, "dim must be a multiple of the first of heads"),
        ({"input_size": 36}, ValueError, "input_size must be a multiple of 8. Got 36"),
        ({"stochastic_depth": 1}, ValueError, "stochastic_depth must lie in 0 below 1. Got 1"),
        ({"fuse_sequences": "max"}, ValueError, "fuse_sequences must be one of"),
        ({"training": {"epochs": 2}}, TypeError, "training must be a CosineRecipe"),
        ({"augmenter": 3}, TypeError, "augmenter must have a method augment"),
        ({"random_state": None}, TypeError, "random_state must be an int"),
        ({"checkpoint": 3}, TypeError, "checkpoint must be None or the name of a folder"),
    ],
)
def test_wrong_parameters_are_named(stripes, parameters, error, message):
    with pytest.raises(error, match=message):
        ResNetSTClassifier(**(SMALL | parameters)).fit(*stripes)


def test_wrong_labels_are_named(stripes):
    X, _ = stripes
    with pytest.raises(ValueError, match="y must hold at least 2 classes to train on"):
        small().fit(X, [1] * 16)
    with pytest.raises(ValueError, match="class_weight must hold a weight for each of 4 classes"):
        small({"class_weight": (1, 2)}).fit(X, np.arange(16) % 4)
