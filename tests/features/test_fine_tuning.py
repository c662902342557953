"""Fine-tuning: what is trained, as what, and that it comes to the same however it is run."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import sklearn
import torch
from joblib import Parallel, delayed
from safetensors.torch import load
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline

from sicf import CachedRows, MRIAugmenter, TorchEmbedder, TrainingRecipe, VGG16Embedder
from sicf.features import _fine_tuning, _network, _training_loop
from sicf.features._trained_part import find_trained

TINY = """
import torch

class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 4, 5, stride=2)
        self.rest = torch.nn.Sequential(
            torch.nn.ReLU(), torch.nn.Conv2d(4, 6, 3, stride=2), torch.nn.ReLU()
        )
        self.norm = torch.nn.BatchNorm2d(6)
        self.drop = torch.nn.Dropout(0.5)
        self.later = torch.nn.Linear(6, 3)

    def forward(self, pictures):
        hidden = self.norm(self.rest(self.first(pictures))).mean(dim=(2, 3))
        return self.later(self.drop(hidden))

def tiny():
    return Tiny()
"""
exec(TINY)  # the test that kills a process gives it the same text as a module
tiny = globals()["tiny"]


def embedder(**parameters):
    recipe = parameters.pop("recipe", {})
    quick = {"epochs": 4, "learning_rate": 0.01, "validation": 0.25} | recipe
    defaults = {"model": tiny, "layer": "norm", "input_size": 24, "fine_tune": "all"}
    return TorchEmbedder(**(defaults | {"training": TrainingRecipe(**quick)} | parameters))


def stripes(n, seed):
    """Faint stripes in noise, upright or level; the phase is drawn."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    wave = np.sin(np.arange(24) * np.pi / 2 + rng.uniform(0, 2 * np.pi, (n, 1)))
    pattern = np.where(y[:, None, None] == 1, wave[:, :, None], wave[:, None, :])
    return np.clip(128 + 30 * pattern + rng.normal(0, 40, (n, 24, 24)), 0, 255).astype(np.uint8), y


@pytest.fixture(scope="module")
def data():
    return stripes(24, 0)


def trained(fitted):
    return set(load(fitted.weights_))


def test_all_trains_what_the_layer_depends_on_and_nothing_after_it(data):
    fitted = embedder().fit(*data)
    names = {
        f"{part}.{kind}" for part in ("first", "rest.1", "norm") for kind in ("weight", "bias")
    }
    buffers = {"norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}
    assert trained(fitted) == names | buffers
    before = _network.NetworkSource(tiny, None, 0).build().state_dict()
    assert all(not torch.equal(now, before[name]) for name, now in load(fitted.weights_).items())


def test_head_trains_from_the_last_kernel_on_and_leaves_the_rest_alone(data):
    fitted = embedder(fine_tune="head").fit(*data)
    assert {name.rpartition(".")[0] for name in trained(fitted)} == {"rest.1", "norm"}
    below = clone(fitted).set_params(layer="first", fine_tune=None).fit(data[0])
    whole = fitted._network().build()
    assert torch.equal(whole.first.weight, below._network().build().first.weight)
    assert not np.allclose(
        fitted.transform(data[0]), clone(fitted).set_params(fine_tune=None).fit_transform(data[0])
    )


@pytest.mark.parametrize(
    ("layer", "modules", "chained"),
    [("fc7", "classifier.3", True), ("fc6", "classifier.0", True), ("pool5", "features.28", True)],
)
def test_head_of_vgg16_is_its_own_layer(layer, modules, chained):
    from torchvision.models import vgg16

    with torch.device("meta"):
        network, picture = vgg16(), torch.zeros(1, 3, 224, 224)
    path = VGG16Embedder(layer=layer)._layer_path()
    part = find_trained(network.requires_grad_(False), path, "head", picture)
    assert part.parameters == [f"{modules}.weight", f"{modules}.bias"]
    assert (part.chain[0] == modules) == chained
    every = find_trained(network, path, "all", picture).parameters
    expected = [n for n, _ in network.named_parameters() if n <= f"{modules}.z" or "feat" in n]
    assert set(part.parameters) < set(every) <= set(expected)


def test_residual_network_is_no_chain():
    from torchvision.models import resnet18

    with torch.device("meta"):
        network, picture = resnet18().requires_grad_(False), torch.zeros(1, 3, 64, 64)
    part = find_trained(network, "avgpool", "head", picture)
    assert part.chain is None
    assert {name.rpartition(".")[0] for name in part.parameters} == {
        "layer4.1.conv2",
        "layer4.1.bn2",
    }


def test_training_is_that_of_a_plain_loop(data):
    """Adam, its falling rate, balanced weights and the loss, in torch's own words."""
    X, y = data[0][:15], data[1][:15]
    recipe = {"validation": 0, "dropout": 0, "batch_size": 100, "epochs": 5, "weight_decay": 0.1}
    recipe |= {"step_size": 2, "gamma": 0.5}
    fitted = embedder(layer="rest", recipe=recipe).fit(X, y)

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = tiny()
        torch.manual_seed(0)
        head = torch.nn.Linear(6, 2)
    mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[..., None, None]
    pictures = (torch.from_numpy(X)[:, None] / 255 - mean) / std
    trained = [*network.first.parameters(), *network.rest.parameters(), *head.parameters()]
    adam = torch.optim.Adam(trained, lr=0.01, weight_decay=0.1)
    steps = torch.optim.lr_scheduler.StepLR(adam, 2, 0.5)
    weight = torch.tensor([15 / (2 * 8), 15 / (2 * 7)])
    losses, rates = [], []
    for _ in range(5):
        rows = network.rest(network.first(pictures)).mean(dim=(2, 3))
        loss = torch.nn.functional.cross_entropy(head(rows), torch.from_numpy(y), weight=weight)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
        rates.append(steps.get_last_lr()[0])
        steps.step()
    curve = fitted.loss_curve_
    np.testing.assert_allclose(curve["training_loss"], losses, rtol=1e-4)
    np.testing.assert_allclose(curve["learning_rate"], rates)
    assert curve["validation_loss"].isna().all()
    assert fitted.best_epoch_ == 4
    for name, tensor in load(fitted.weights_).items():
        torch.testing.assert_close(tensor, network.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_head_computed_beforehand_is_the_head_of_the_whole_network(data, monkeypatch):
    """The frozen part once a picture, and in each step: the same to rounding."""
    once = embedder(layer="rest", fine_tune="head").fit(*data)
    part = _fine_tuning.find_trained

    def unchained(*args):
        found = part(*args)
        return type(found)(found.parameters, found.buffers, found.modules, None)

    monkeypatch.setattr(_fine_tuning, "find_trained", unchained)
    each = embedder(layer="rest", fine_tune="head").fit(*data)
    np.testing.assert_allclose(
        once.loss_curve_.to_numpy(), each.loss_curve_.to_numpy(), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(once.transform(data[0]), each.transform(data[0]), rtol=1e-3)


def test_what_can_be_learnt_is_learnt():
    """On pictures that the training has not seen."""
    X, y = stripes(80, 1)
    X_new, y_new = stripes(60, 2)
    recipe = {"epochs": 25, "patience": None}
    scores = {}
    for scope in (None, "all"):
        rows = embedder(layer="rest", fine_tune=scope, recipe=recipe)
        model = make_pipeline(rows, LogisticRegression(C=100, max_iter=5000)).fit(X, y)
        scores[scope] = model.score(X_new, y_new)
    assert scores["all"] >= 0.95
    assert scores["all"] > scores[None] + 0.1


def test_several_sequences_are_fused_before_the_classifier(data):
    X = np.stack([data[0], data[0][:, ::-1], 255 - data[0]], axis=-1)
    curves = {}
    for how, width in (("mean", 6), ("max", 6), ("concat", 18), ("rgb", 6)):
        fitted = embedder(fuse_sequences=how, recipe={"epochs": 2}).fit(X, data[1])
        assert fitted.transform(X).shape == (24, width)
        curves[how] = fitted.loss_curve_["training_loss"].tolist()
    assert len({tuple(curve) for curve in curves.values()}) == 4


@pytest.mark.parametrize("augmenter", [None, MRIAugmenter()])
def test_one_seed_one_result_whatever_the_threads_and_workers(data, augmenter):
    settings = {"augmenter": augmenter, "recipe": {"epochs": 2}, "random_state": 3}
    expected = embedder(**settings).fit(*data)
    before = torch.get_num_threads()
    torch.manual_seed(11)
    state = torch.random.get_rng_state()
    try:
        torch.set_num_threads(3)
        other = embedder(**settings, batch_size=5).fit(*data)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert other.weights_ == expected.weights_
    for fitted in Parallel(2, backend="threading")(
        delayed(embedder(**settings).fit)(*data) for _ in range(2)
    ):
        assert fitted.weights_ == expected.weights_
    assert embedder(**settings | {"random_state": 4}).fit(*data).weights_ != expected.weights_


def test_augmenter_changes_the_training_pictures_of_each_epoch_and_no_others(data):
    seen = []

    class Spy(MRIAugmenter):
        def augment(self, X, copies=1, *, numbers=None, first_copy=0):
            seen.extend((first_copy, number) for number in numbers)
            return super().augment(X, copies, numbers=numbers, first_copy=first_copy)

    fitted = embedder(augmenter=Spy(), recipe={"epochs": 3}).fit(*data)
    per_epoch = [{number for epoch, number in seen if epoch == t} for t in range(3)]
    assert per_epoch[0] == per_epoch[1] == per_epoch[2]
    assert len(per_epoch[0]) == 18
    assert len(seen) == 3 * 18
    seen.clear()
    fitted.transform(data[0])
    assert seen == []


def test_early_stopping_keeps_the_best_epoch(data, monkeypatch):
    losses = iter([0.9, 0.5, 0.7, 0.6, 0.8, 0.1])
    kept = []

    def validate(self):
        kept.append({name: t.clone() for name, t in self.tensors.items()})
        return next(losses)

    monkeypatch.setattr(_training_loop.TrainingLoop, "_validate", validate)
    fitted = embedder(recipe={"epochs": 50, "patience": 3}).fit(*data)
    assert fitted.loss_curve_["validation_loss"].tolist() == [0.9, 0.5, 0.7, 0.6, 0.8]
    assert fitted.best_epoch_ == 1
    for name, tensor in load(fitted.weights_).items():
        assert torch.equal(tensor, kept[1][name])


def test_patients_stand_on_one_side_of_the_validation_split(data, monkeypatch):
    splits = []
    own = _fine_tuning.split_validation

    def spy(share, target, groups, seed):
        splits.append((groups, own(share, target, groups, seed)))
        return splits[-1][1]

    monkeypatch.setattr(_fine_tuning, "split_validation", spy)
    patients = np.arange(24) // 4
    union = FeatureUnion([("deep", embedder(recipe={"epochs": 1}))])
    with sklearn.config_context(enable_metadata_routing=True):
        make_pipeline(union, LogisticRegression()).fit(*data, groups=patients)
    ((groups, (training, validation)),) = splits
    np.testing.assert_array_equal(groups, patients)
    assert not set(patients[training]) & set(patients[validation])
    assert validation.size


def test_frozen_embedder_asks_for_no_groups():
    asks = embedder(fine_tune=None).get_metadata_routing().consumes("fit", ["groups"])
    assert (asks, embedder().get_metadata_routing().consumes("fit", ["groups"])) == (
        set(),
        {"groups"},
    )


def test_learnt_weights_travel_in_a_pickle_and_not_in_a_clone(data):
    fitted = embedder().fit(*data)
    rows = fitted.transform(data[0])
    text = pickle.dumps(fitted)
    _network._networks.clear()
    np.testing.assert_array_equal(pickle.loads(text).transform(data[0]), rows)
    with pytest.raises(NotFittedError):
        clone(fitted).transform(data[0])
    assert fitted.rows_depend_on()["weights"] == fitted.weights_fingerprint_
    frozen = fitted.set_params(fine_tune=None).fit(data[0])
    assert not hasattr(frozen, "weights_")
    assert not hasattr(frozen, "loss_curve_")


def test_weights_that_are_no_longer_what_fit_learnt_are_refused(data):
    fitted = embedder().fit(*data)
    fitted.weights_ = fitted.weights_[:-1] + bytes([fitted.weights_[-1] ^ 1])
    _network._networks.clear()
    with pytest.raises(ValueError, match="weights_ must be what fit learnt"):
        fitted.transform(data[0])


@pytest.mark.parametrize("scope", ["head", "all"])
def test_file_that_it_was_trained_on_counts_for_the_head_alone(data, tmp_path, scope):
    path = tmp_path / "tiny.pth"
    torch.manual_seed(1)
    torch.save(tiny().state_dict(), path)
    fitted = embedder(weights=path, fine_tune=scope).fit(*data)
    rows = fitted.transform(data[0])
    torch.save(tiny().state_dict(), path)
    _network._networks.clear()
    if scope == "all":
        np.testing.assert_array_equal(fitted.transform(data[0]), rows)
    else:
        with pytest.raises(ValueError, match="weights must be those that fit saw"):
            fitted.transform(data[0])


def test_row_cache_refuses_what_learns(data, tmp_path):
    with pytest.raises(TypeError, match="TorchEmbedder learns"):
        CachedRows(embedder(), tmp_path).fit(*data)


def test_mixed_precision_is_close(data, monkeypatch):
    """The way of a GPU, by the processor's own bfloat16."""
    expected = embedder().fit(*data).loss_curve_["training_loss"]
    monkeypatch.setattr(_training_loop, "_half_precision", lambda device: torch.bfloat16)
    curve = embedder().fit(*data).loss_curve_["training_loss"]
    assert not np.array_equal(curve, expected)
    np.testing.assert_allclose(curve, expected, rtol=0.05)


def test_loss_curve_is_drawn(data):
    fitted = embedder().fit(*data)
    ax = fitted.plot_loss_curve()
    training, validation = ax.get_lines()[:2]
    np.testing.assert_array_equal(training.get_ydata(), fitted.loss_curve_["training_loss"])
    np.testing.assert_array_equal(validation.get_ydata(), fitted.loss_curve_["validation_loss"])
    assert ax.get_xlabel() == "epoch"
    with pytest.raises(NotFittedError):
        embedder(fine_tune=None).fit(data[0]).plot_loss_curve()


def test_progress_is_shown_on_demand(data, capsys):
    embedder(recipe={"epochs": 1}, verbose=1).fit(*data)
    assert "TorchEmbedder: fine-tuning on 18 images" in capsys.readouterr().err
    embedder(recipe={"epochs": 1}).fit(*data)
    assert capsys.readouterr().err == ""


def missing(y):
    return [None, *y[1:]]


@pytest.mark.parametrize(
    ("change", "parameters", "error", "message"),
    [
        (lambda y: None, {}, ValueError, "fine_tune='all' needs y, the class of each image"),
        (missing, {}, ValueError, "y must hold a value for every sample. Sample 0 has None"),
        (lambda y: y * 0, {}, ValueError, "y must hold at least 2 classes to train on. Got 1"),
        (lambda y: y[:-1], {}, ValueError, "inconsistent numbers of samples"),
        (lambda y: y + 0.5, {}, ValueError, "Unknown label type: continuous"),
        (lambda y: np.arange(24) == 0, {}, ValueError, "at least 2 rows of every class"),
        (lambda y: y, {"fine_tune": "tail"}, ValueError, "fine_tune must be one of"),
        (lambda y: y, {"training": {"epochs": 3}}, TypeError, "must be a TrainingRecipe"),
        (lambda y: y, {"augmenter": 3}, TypeError, "must have a method augment"),
        (lambda y: y, {"checkpoint": 3}, TypeError, "checkpoint must be None or the name"),
        (lambda y: y, {"checkpoint": "/proc/none"}, ValueError, "folder that can be written to"),
        (lambda y: y, {"recipe": {"dropout": 1}}, ValueError, "dropout must lie in 0 below 1"),
        (lambda y: y, {"recipe": {"epochs": 0}}, ValueError, "epochs must be at least 1"),
        (lambda y: y, {"recipe": {"gamma": 0}}, ValueError, "gamma must be above 0"),
        (lambda y: y, {"recipe": {"weight_decay": -1}}, ValueError, "must be at least 0. Got -1"),
        (lambda y: y, {"recipe": {"class_weight": {}}}, ValueError, "class_weight must be"),
        (lambda y: y, {"recipe": {"patience": 0}}, ValueError, "patience must be at least 1"),
    ],
)
def test_bad_input_is_named_before_any_work(data, monkeypatch, change, parameters, error, message):
    monkeypatch.setattr(_network.NetworkSource, "build", None)
    with pytest.raises(error, match=message):
        embedder(**parameters).fit(data[0], change(data[1]))


def test_loss_that_explodes_is_named(data):
    X, y = data
    with pytest.raises(ValueError, match="loss must stay finite; try a lower learning_rate"):
        embedder(layer="rest", recipe={"learning_rate": 1e30, "epochs": 20}).fit(X, y)


def test_ended_training_goes_on_from_any_epoch(data, tmp_path, monkeypatch):
    settings = {"recipe": {"epochs": 6, "step_size": 2}, "augmenter": MRIAugmenter()}
    expected = embedder(**settings).fit(*data)
    monkeypatch.setattr("sicf.features._training_state.SHARE", np.inf)
    run_epoch = _training_loop.TrainingLoop._run_epoch
    ran = []

    def ends(self, epoch):
        if epoch == last:
            raise KeyboardInterrupt
        ran.append(epoch)
        run_epoch(self, epoch)

    monkeypatch.setattr(_training_loop.TrainingLoop, "_run_epoch", ends)
    for last in (2, 5):  # noqa: B007 - `ends` reads it
        with pytest.raises(KeyboardInterrupt):
            embedder(**settings, checkpoint=tmp_path).fit(*data)
    last = None
    resumed = embedder(**settings, checkpoint=tmp_path, verbose=0).fit(*data)
    assert ran == list(range(6))
    assert resumed.weights_ == expected.weights_
    np.testing.assert_array_equal(resumed.loss_curve_, expected.loss_curve_)
    again = embedder(**settings, checkpoint=tmp_path).fit(*data)
    assert len(ran) == 6
    assert again.weights_ == expected.weights_


def test_each_training_has_its_file(data, tmp_path):
    few = {"epochs": 1}
    embedder(recipe=few, checkpoint=tmp_path).fit(*data)
    embedder(recipe=few, checkpoint=tmp_path, batch_size=3, verbose=0).fit(*data)
    assert len(list(tmp_path.iterdir())) == 1
    embedder(recipe=few, checkpoint=tmp_path, augmenter=MRIAugmenter()).fit(*data)
    embedder(recipe=few, checkpoint=tmp_path, augmenter=MRIAugmenter(degrees=3)).fit(*data)
    embedder(recipe=few | {"batch_size": 9}, checkpoint=tmp_path).fit(*data)
    embedder(recipe=few, checkpoint=tmp_path).fit(data[0], 1 - data[1])
    embedder(recipe=few, checkpoint=tmp_path).fit(data[0][:, ::-1], data[1])
    embedder(recipe=few, checkpoint=tmp_path).fit(*data, groups=np.arange(24) // 3)
    assert len(list(tmp_path.iterdir())) == 7
    assert {path.suffix for path in tmp_path.iterdir()} == {".sicf"}


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "other"])
def test_damaged_or_foreign_file_is_refused_and_left_alone(data, tmp_path, damage):
    embedder(recipe={"epochs": 1}, checkpoint=tmp_path).fit(*data)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[:-100]
    elif damage == "bit":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content = bytearray()
    else:
        embedder(recipe={"epochs": 1}, checkpoint=tmp_path, random_state=1).fit(*data)
        (other,) = set(tmp_path.iterdir()) - {path}
        content = bytearray(other.read_bytes())
    path.write_bytes(content)
    word = "by another training" if damage == "other" else "is damaged"
    with pytest.raises(ValueError, match=f"Checkpoint .*{path.name}.* {word}"):
        embedder(recipe={"epochs": 1}, checkpoint=tmp_path).fit(*data)
    assert path.read_bytes() == content


SCRIPT = textwrap.dedent("""
    import sys, time
    import numpy as np
    from sicf import TorchEmbedder, TrainingRecipe
    from sicf.features import _training_loop

    run_epoch = _training_loop.TrainingLoop._run_epoch
    _training_loop.TrainingLoop._run_epoch = lambda *a: (run_epoch(*a), time.sleep(0.1))
    with np.load("data.npz") as data:
        X, y = data["X"], data["y"]
    recipe = TrainingRecipe(epochs=400, patience=None, learning_rate=0.01)
    TorchEmbedder("tiny_network:tiny", "norm", input_size=24, fine_tune="all", training=recipe,
                  checkpoint="runs").fit(X, y)
""")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killed_training_comes_to_the_same_bits(data, tmp_path, monkeypatch):
    (tmp_path / "tiny_network.py").write_text(TINY)
    np.savez(tmp_path / "data.npz", X=data[0], y=data[1])
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], cwd=tmp_path)
    wait_for(lambda: list(tmp_path.glob("runs/*.sicf")), process)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL

    monkeypatch.syspath_prepend(tmp_path)
    recipe = TrainingRecipe(epochs=400, patience=None, learning_rate=0.01)
    network = {"model": "tiny_network:tiny", "layer": "norm", "input_size": 24, "fine_tune": "all"}
    (path,) = tmp_path.glob("runs/*.sicf")
    epochs = _run_count(monkeypatch, stop=len(_saved_curve(path)) + 3)
    weights = {}
    for folder in (None, tmp_path / "runs"):
        epochs.clear()
        resumed = TorchEmbedder(**network, training=recipe, checkpoint=folder).fit(*data)
        weights[folder is None] = resumed.weights_, list(epochs)
    assert weights[True][0] == weights[False][0]
    assert 0 not in weights[False][1]
    assert len(weights[False][1]) == 3


def _saved_curve(path):
    from sicf.features._training_state import DIGEST_BYTES, _text_of

    return _text_of(path.read_bytes()[DIGEST_BYTES:])["curve"]


def _run_count(monkeypatch, stop):
    """Note which epochs are run, and end training after `stop`, without another key for it."""
    epochs = []
    run_epoch = _training_loop.TrainingLoop._run_epoch

    def noting(self, epoch):
        epochs.append(epoch)
        run_epoch(self, epoch)

    monkeypatch.setattr(_training_loop.TrainingLoop, "_run_epoch", noting)
    monkeypatch.setattr(
        _training_loop.TrainingLoop, "_is_over", lambda self: len(self.curve) >= stop
    )
    return epochs


def wait_for(condition, process, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
