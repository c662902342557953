"""The loop that trains every fuser: its order, its learning rate, and going on after a kill."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from sicf import DenseFuse, FusionGAN, TSJNet
from sicf._batch import check_images
from sicf.fusion._fuser_training import FuserRecipe, FuserTraining, Phase, steps
from sicf.fusion._scaled_planes import pad_planes, scaled_planes
from sicf.fusion._training_patches import TrainingPatches

SMALL = {"base_channels": 4, "patch_size": 16, "epochs": 4, "batch_size": 3}


class Killed(BaseException):
    """Stands for whatever ends a process."""


def test_last_batch_of_one_joins_the_one_before():
    assert [len(rows) for rows in steps(np.arange(7), 3)] == [3, 4]
    assert [len(rows) for rows in steps(np.arange(8), 3)] == [3, 3, 2]
    assert [len(rows) for rows in steps(np.arange(2), 1)] == [1, 1]


def test_learning_rate_is_that_of_torchs_plateau():
    losses = [5, 4, 4.1, 4, 4, 3.9999, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    recipe = FuserRecipe(30, 1, 0.5, patience=3)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=3)
    for n, loss in enumerate(losses, 1):
        plateau.step(loss)
        assert recipe.rate_after(losses[:n]) == pytest.approx(plateau.get_last_lr()[0])
    assert FuserRecipe(30, 1, 0.5).rate_after(losses) == 0.5


def test_falling_learning_rate_is_torchs_cosine():
    recipe = FuserRecipe(6, 1, 0.5, is_falling=True)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)
    for epoch in range(6):
        assert recipe.rate_after([1.0] * epoch) == pytest.approx(cosine.get_last_lr()[0])
        optimizer.step()
        cosine.step()


def test_phases_train_their_own_network_so_often(pairs):
    calls = []

    def phase(name, repeats):
        network = torch.nn.Linear(1, 1)

        def loss(patches):
            calls.append(name)
            return network(patches.pictures.mean().reshape(1, 1)).square().sum()

        return Phase(name, network, loss, repeats)

    class NoFile:
        def load(self):
            return None

        def save(self, tensors, text, *, must):
            pass

    patches = TrainingPatches(check_images(pairs), 16, 1, 0, torch.device("cpu"))
    phases = [phase("judge", 2), phase("maker", 1)]
    training = FuserTraining(phases, patches, FuserRecipe(1, 2, 0.01), 0, NoFile())
    training.run()
    assert calls == ["judge", "judge", "maker"] * 2
    assert list(training.curve[0]) == ["epoch", "judge", "maker", "learning_rate"]


def test_patches_are_parts_of_their_pictures(pairs):
    mask = np.arange(32 * 40).reshape(1, 32, 40, 1).repeat(4, 0)
    batch = check_images(np.concatenate([pairs, mask], axis=3), mask=2)
    patches = TrainingPatches(batch, 16, 3, 7, torch.device("cpu"), flips=True)
    assert len(patches) == 12
    taken = patches.take(range(12), epoch=1)
    again = patches.take([5], epoch=1)
    assert torch.equal(taken.pictures[5], again.pictures[0])
    places = taken.labels[:, 0, 0]
    assert len(set(places.tolist())) > 3
    for row in range(12):
        whole = scaled_planes(batch, row // 3).reshape(2, -1)
        found = whole[:, taken.labels[row].numpy().ravel()].reshape(2, 16, 16)
        np.testing.assert_array_equal(taken.pictures[row].numpy(), found)


def test_every_pair_of_three_sequences_is_trained_on(pairs):
    three = np.concatenate([pairs, pairs[..., :1]], axis=3)
    patches = TrainingPatches(check_images(three), 16, 1, 0, torch.device("cpu"))
    assert [channels for _, channels in patches.units[::4]] == [(0, 1), (0, 2), (1, 2)]
    alone = TrainingPatches(check_images(three), 16, 1, 0, torch.device("cpu"), in_pairs=False)
    assert [channels for _, channels in alone.units[::4]] == [(0,), (1,), (2,)]


def test_padding_is_by_mirror_image_and_only_where_needed():
    plane = np.arange(6.0).reshape(1, 2, 3)
    assert pad_planes(plane, 1, 2) is plane
    padded = pad_planes(plane, 4, 2)
    np.testing.assert_array_equal(
        padded[0], [[0, 1, 2, 1], [3, 4, 5, 4], [0, 1, 2, 1], [3, 4, 5, 4]]
    )
    assert pad_planes(plane, 1, 5).shape == (1, 5, 5)


def test_one_seed_gives_one_result_and_another_another(pairs):
    weights = [DenseFuse(**SMALL, random_state=seed).fit(pairs).weights_ for seed in (0, 0, 1)]
    assert weights[0] == weights[1] != weights[2]
    state = torch.random.get_rng_state()
    DenseFuse(**SMALL).fit(pairs).transform(pairs)
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    "fuser",
    [
        DenseFuse(**SMALL),
        FusionGAN(8, patch_size=43, n_patches=1, batch_size=4, epochs=4),
        TSJNet(16, depths=(1,), window=3, patch_size=16, batch_size=4, epochs=4),
    ],
    ids=lambda fuser: type(fuser).__name__,
)
def test_killed_training_goes_on_to_equal_bits(fuser, pairs, tmp_path, monkeypatch):
    # Every epoch is written, however long that takes.
    monkeypatch.setattr("sicf.features._training_state.SHARE", 1e9)
    expected = clone(fuser).fit(pairs)
    train, epochs = FuserTraining._run_epoch, []

    def die_after_two(self, epoch):
        if len(epochs) == 2:
            raise Killed
        epochs.append(epoch)
        train(self, epoch)

    fuser = clone(fuser).set_params(checkpoint=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(FuserTraining, "_run_epoch", die_after_two)
        with pytest.raises(Killed):
            fuser.fit(pairs)

    def count(self, epoch):
        epochs.append(epoch)
        train(self, epoch)

    monkeypatch.setattr(FuserTraining, "_run_epoch", count)
    assert fuser.fit(pairs).weights_ == expected.weights_
    assert epochs == [0, 1, 2, 3]
    assert fuser.loss_curve_.equals(expected.loss_curve_)
    assert len(list(tmp_path.iterdir())) == 1


def test_checkpoint_is_of_one_training_alone(pairs, tmp_path):
    settings = SMALL | {"epochs": 1, "checkpoint": tmp_path}
    first = DenseFuse(**settings).fit(pairs)
    for other in (DenseFuse(**settings, ssim_weight=1), DenseFuse(**settings, random_state=1)):
        assert other.fit(pairs).weights_ != first.weights_
    DenseFuse(**settings).fit(pairs[::-1])
    assert len(list(tmp_path.iterdir())) == 4


def test_loss_that_is_no_number_is_named(pairs):
    with pytest.raises(ValueError, match="The loss must stay finite.*Epoch 0, step"):
        DenseFuse(**SMALL, learning_rate=1e30).fit(pairs)


def test_bar_is_shown_when_asked_for(pairs, capsys):
    DenseFuse(**SMALL).fit(pairs)
    assert capsys.readouterr().err == ""
    DenseFuse(**SMALL, verbose=1).fit(pairs)
    assert "DenseFuse: training on 4 images" in capsys.readouterr().err
