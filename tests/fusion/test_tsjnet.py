"""TSJNet: its losses, the tasks behind them, and a smoke run."""

import numpy as np
import pytest
import torch

from sicf import SemanticLoss, TargetLoss, TSJNet
from sicf.fusion import _task_losses
from sicf.fusion._fusion_losses import sobel_strength, ssim
from sicf.fusion._task_losses import boxes_of
from sicf.fusion._tsjnet_training import diversity, fusion_loss

SMALL = {"width": 16, "depths": (1,), "window": 3, "patch_size": 16, "batch_size": 4}


def mean_of_tumour(fused, labels):
    """A task that wants what the mask marks to be dark."""
    return 100 * (fused[:, 0] * (labels > 0)).mean()


@pytest.fixture
def masked(pairs):
    mask = np.zeros((4, 32, 40, 1), np.uint8)
    mask[:, :, 10:20] = 1
    return np.concatenate([pairs, mask], axis=3)


def test_fusion_loss_of_hand_made_pictures():
    torch.manual_seed(0)
    first = torch.rand(2, 1, 16, 16)
    assert fusion_loss(first, first, first).item() == pytest.approx(0, abs=1e-5)
    flat = torch.full_like(first, 0.5)
    # Of a flat picture beside one with edges, all of the similarity's weight is the latter's.
    expected = (
        20 * (flat - torch.maximum(first, flat)).abs().mean()
        + 20 * sobel_strength(first).mean()
        + 10 * (1 - ssim(flat, first).mean())
    )
    assert fusion_loss(first, flat, flat).item() == pytest.approx(float(expected), rel=1e-5)
    assert fusion_loss(flat, flat, flat).item() == pytest.approx(0, abs=1e-5)


def test_diversity_is_low_where_one_gate_is_open():
    one_open = torch.zeros(1, 8, 4, 4)
    one_open[:, 2] = 1
    assert diversity(one_open).item() == pytest.approx(1 / 8)
    assert diversity(torch.ones(1, 8, 4, 4)).item() == pytest.approx(1)


def test_small_run_learns_and_fuses(pairs):
    fuser = TSJNet(**SMALL, epochs=8, learning_rate=1e-3).fit(pairs)
    losses = fuser.loss_curve_["loss"]
    assert losses.iloc[-1] < losses.iloc[0]
    fused = fuser.transform(pairs)
    assert fused.shape == (4, 32, 40)
    assert np.isfinite(fused).all()


@pytest.mark.parametrize(
    ("box_class", "boxes", "classes"),
    [(2, [[0, 0, 6, 4]], [2]), ("label", [[0, 0, 3, 4], [3, 0, 6, 4]], [1, 3])],
)
def test_boxes_have_the_class_that_was_asked_for(box_class, boxes, classes):
    mask = np.zeros((10, 10), int)
    mask[:4, :3], mask[:4, 3:6] = 1, 3
    found = TargetLoss(None, n_classes=4, box_class=box_class)._boxes(mask)
    np.testing.assert_array_equal(found[0], boxes)
    np.testing.assert_array_equal(found[1], classes)
    empty = TargetLoss(None, n_classes=4, box_class=box_class)._boxes(np.zeros((4, 4), int))
    assert [part.shape for part in empty] == [(0, 4), (0,)]


def test_the_detector_corrects_boxes_class_by_class():
    fused = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(1, 64, 64, dtype=torch.int64)
    labels[:, 10:50, 10:40] = 2
    losses = []
    for box_class in (1, 2, "label"):
        torch.manual_seed(0)  # the detector draws proposals
        loss = TargetLoss(None, n_classes=3, box_class=box_class, min_size=64)
        losses.append(loss(fused, labels).item())
    assert losses[0] != losses[1]
    assert losses[1] == losses[2]


@pytest.mark.parametrize(("weights", "eps"), [("COCO_V1", 0.0), ("own.pth", 1e-5)])
def test_published_weights_are_normalised_as_torchvision_does(monkeypatch, weights, eps):
    state = TargetLoss(None, n_classes=2)._construct().state_dict()
    monkeypatch.setattr(_task_losses, "find_weights", lambda name, given: given)
    monkeypatch.setattr(_task_losses, "read_state_dict", lambda path: state)
    network = TargetLoss(weights, n_classes=2)._build()
    norms = [part for part in network.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert {part.eps for part in norms} == {eps}


def test_tasks_shape_the_picture(masked):
    training = {"epochs": 8, "learning_rate": 3e-3, "mask": 2}
    inside = masked[0, ..., 2] > 0
    fused = [
        TSJNet(**SMALL, **training, semantic_loss=loss).fit(masked).transform(masked)[..., 0]
        for loss in (None, mean_of_tumour)
    ]
    assert fused[1][:, inside].mean() < fused[0][:, inside].mean()


def test_boxes_are_those_of_connected_parts():
    mask = np.zeros((12, 14), int)
    mask[2:5, 3:9] = 1
    mask[5, 9] = 2
    mask[8:10, 1:3] = 3
    np.testing.assert_array_equal(boxes_of(mask), [[3, 2, 10, 6], [1, 8, 3, 10]])
    np.testing.assert_array_equal(boxes_of(mask, [2]), [[9, 5, 10, 6]])
    assert boxes_of(np.zeros((4, 4), int)).shape == (0, 4)


@pytest.mark.parametrize(
    "task",
    [TargetLoss(None, n_classes=2, min_size=32), SemanticLoss(None, n_classes=3)],
    ids=lambda task: type(task).__name__,
)
def test_torchvisions_networks_give_a_gradient_and_stay_as_they_are(task):
    torch.manual_seed(0)
    fused = torch.rand(2, 1, 32, 32, requires_grad=True)
    labels = torch.zeros(2, 32, 32, dtype=torch.int64)
    labels[0, 8:20, 8:20] = 2
    loss = task(fused, labels)
    assert loss.isfinite()
    (gradient,) = torch.autograd.grad(loss, fused)
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 0
    torch.manual_seed(0)
    first = float(task(fused, labels).detach())
    torch.manual_seed(0)
    assert float(task(fused, labels).detach()) == first


def test_labels_that_a_segmenter_does_not_know_are_named():
    labels = torch.full((1, 32, 32), 5)
    with pytest.raises(ValueError, match="must lie in 0 to 2 for n_classes=3. Got 5 to 5"):
        SemanticLoss(None, n_classes=3)(torch.rand(1, 1, 32, 32), labels)


def test_weights_of_another_segmenter_are_refused(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    task = SemanticLoss(tmp_path / "other.pth", n_classes=3)
    with pytest.raises(ValueError, match="must be those of deeplabv3_resnet101 with 3 classes"):
        task(torch.rand(1, 1, 32, 32), torch.zeros(1, 32, 32, dtype=torch.int64))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"width": 24}, ValueError, "width must be a multiple of 16. Got 24"),
        ({"depths": 3}, ValueError, "depths must be whole numbers, one a level. Got 3"),
        ({"depths": (1, 0)}, ValueError, "A level's depth must be at least 1. Got 0"),
        ({"window": 4}, ValueError, "window must be odd. Got 4"),
        ({"patch_size": 18}, ValueError, "patch_size must be a multiple of 4. Got 18"),
        ({"depths": (1, 1, 1)}, ValueError, "patch_size must be at least 48. Got 16"),
        ({"batch_size": 1}, ValueError, "batch_size must be at least 2. Got 1"),
        ({"weight_decay": -1}, ValueError, "weight_decay must be at least 0. Got -1"),
        ({"target_loss": "box"}, TypeError, "target_loss must be None or a callable. Got 'box'"),
        ({"semantic_loss": mean_of_tumour}, ValueError, "semantic_loss needs a mask"),
        ({"target_loss": TargetLoss(n_classes=1), "mask": 1}, ValueError, "n_classes must be at"),
        (
            {"target_loss": TargetLoss(n_classes=2, box_class=2), "mask": 1},
            ValueError,
            "Classes of boxes must lie in 1 to 1 for n_classes=2. Got 2",
        ),
    ],
)
def test_bad_parameters_are_named(pairs, change, error, message):
    with pytest.raises(error, match=message):
        TSJNet(**SMALL | change).fit(pairs)


def test_checkpoint_needs_a_task_that_can_be_named(masked, tmp_path):
    settings = SMALL | {"epochs": 1, "mask": 2, "checkpoint": tmp_path}
    with pytest.raises(ValueError, match="checkpoint needs losses that can be imported"):
        TSJNet(**settings, target_loss=lambda fused, labels: fused.mean()).fit(masked)
    TSJNet(**settings, target_loss=mean_of_tumour).fit(masked)
    assert len(list(tmp_path.iterdir())) == 1
