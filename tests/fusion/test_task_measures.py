"""Detection and segmentation, on cases worked by hand."""

import math
import sys

import numpy as np
import pytest

from sicf import detection_measures, segmentation_measures

BOX, NEAR, FAR = [0, 0, 10, 10], [0, 0, 10, 6], [50, 50, 60, 60]


def found(boxes, scores, labels):
    return {"boxes": boxes, "scores": scores, "labels": labels}


def truth(boxes, labels):
    return {"boxes": boxes, "labels": labels}


def test_all_boxes_found():
    measures = detection_measures(
        [found([BOX, FAR], [0.9, 0.8], [1, 2]), found([], [], [])],
        [truth([BOX, FAR], [1, 2]), truth([], [])],
    )
    assert measures == {"mAP@0.5": pytest.approx(1), "AP@0.5": {1: 1.0, 2: 1.0}}


def test_half_of_the_boxes_found():
    """Precision is 1 up to a recall of 0.5: at 51 of the 101 recalls of COCO, and 0 beyond."""
    measures = detection_measures(
        [found([BOX, [20, 20, 30, 30]], [0.9, 0.8], [1, 1])], [truth([BOX, FAR], [1, 1])]
    )
    assert measures["mAP@0.5"] == pytest.approx(51 / 101)


def test_a_wrong_box_that_is_surer():
    """The first box is wrong, the second right: precision 1/2 at every recall."""
    measures = detection_measures([found([FAR, BOX], [0.9, 0.8], [1, 1])], [truth([BOX], [1])])
    assert measures["mAP@0.5"] == pytest.approx(0.5)


@pytest.mark.parametrize(("box", "expected"), [(NEAR, 1), ([0, 0, 10, 4], 0)])
def test_overlap_of_a_half_decides(box, expected):
    measures = detection_measures([found([box], [0.9], [1])], [truth([BOX], [1])])
    assert measures["mAP@0.5"] == pytest.approx(expected)


def test_mean_over_the_classes_of_the_targets():
    measures = detection_measures(
        [found(np.array([BOX, FAR, FAR]), np.array([0.9, 0.8, 0.7]), np.array([1, 2, 3]))],
        [truth(np.array([BOX, BOX]), np.array([1, 2]))],
    )
    assert measures["AP@0.5"] == {1: pytest.approx(1), 2: pytest.approx(0)}
    assert measures["mAP@0.5"] == pytest.approx(0.5)


def test_no_true_box_at_all():
    measures = detection_measures([found([BOX], [0.9], [1])], [truth([], [])])
    assert math.isnan(measures["mAP@0.5"])
    assert measures["AP@0.5"] == {}


def test_boxes_that_are_none():
    good = truth([BOX], [1])
    for bad, message in (
        ({"boxes": [BOX], "labels": [1]}, r"predictions\[0\] must have .* It lacks scores"),
        (found([[0, 0, 10]], [0.9], [1]), r"boxes of predictions\[0\] must have shape \(k, 4\)"),
        (found([[9, 0, 1, 10]], [0.9], [1]), r"must be x1, y1, x2, y2"),
        (found([[0, 0, 1, np.nan]], [0.9], [1]), r"boxes of predictions\[0\] must be finite"),
        (found([BOX], [np.inf], [1]), r"scores of predictions\[0\] must be finite"),
        (found([BOX], [0.9, 0.8], [1]), r"scores of .* must have shape \(1,\).* Got \(2,\)"),
        (found([BOX], [0.9], [1.5]), r"labels of .* must be whole numbers. Got float64"),
    ):
        with pytest.raises(ValueError, match=message):
            detection_measures([bad], [good])
    with pytest.raises(ValueError, match="of the same images. Got 1 and 2"):
        detection_measures([found([BOX], [0.9], [1])], [good, good])


def test_overlaps_worked_by_hand():
    predicted = [[[0, 0, 1, 1], [0, 0, 1, 1]], [[2, 2, 0, 0], [0, 0, 0, 0]]]
    true = [[[0, 1, 1, 1], [0, 1, 1, 1]], [[2, 0, 0, 0], [0, 0, 0, 0]]]
    measures = segmentation_measures(predicted, true, n_classes=4)
    # Over both images: class 0 shares 8 of 11, class 1 shares 4 of 6, class 2 shares 1 of 2.
    np.testing.assert_allclose(measures["IoU"], [8 / 11, 4 / 6, 1 / 2, np.nan], rtol=1e-6)
    assert measures["mIoU"] == pytest.approx((8 / 11 + 4 / 6 + 1 / 2) / 3)


def test_pixels_that_do_not_count():
    predicted = np.array([[[0, 1, 1, 1]]], dtype=np.uint8)
    true = np.array([[[0, 1, 255, 0]]], dtype=np.uint8)
    measures = segmentation_measures(predicted, true, 2, ignore=255)
    np.testing.assert_allclose(measures["IoU"], [1 / 2, 1 / 2])
    without_background = segmentation_measures(predicted[..., :2], true[..., :2], 2, ignore=0)
    assert without_background["mIoU"] == 1
    assert math.isnan(without_background["IoU"][0])


def test_images_of_different_sizes_and_the_same_ones():
    masks = [np.eye(3, dtype=int), np.ones((2, 5), dtype=bool)]
    assert segmentation_measures(masks, masks, 2)["mIoU"] == 1
    nothing = segmentation_measures([masks[1]], [9 * masks[1].astype(int)], 2, ignore=9)
    assert math.isnan(nothing["mIoU"])


def test_no_image_at_all():
    with pytest.raises(ValueError, match="targets must hold at least one image. Got none"):
        detection_measures([], [])
    with pytest.raises(ValueError, match="targets must hold at least one image. Got none"):
        segmentation_measures([], [], 3)


def test_masks_that_are_none():
    mask = np.zeros((1, 4, 4), dtype=int)
    with pytest.raises(ValueError, match=r"Labels of targets\[0\] must lie between 0 and 1"):
        segmentation_measures(mask, mask + 2, 2)
    with pytest.raises(ValueError, match=r"Labels of predictions\[0\] .* Got \[255\]"):
        segmentation_measures(mask + 255, mask, 2, ignore=255)
    with pytest.raises(TypeError, match="must hold whole numbers. Got dtype float64"):
        segmentation_measures(mask + 0.5, mask, 2)
    with pytest.raises(ValueError, match=r"one shape. Got \(4, 3\) and \(4, 4\)"):
        segmentation_measures(mask[..., 1:], mask, 2)
    with pytest.raises(ValueError, match=r"must have shape \(H, W\). Got \(4,\)"):
        segmentation_measures(mask[0], mask[0], 2)
    with pytest.raises(ValueError, match="of the same images. Got 1 and 0"):
        segmentation_measures(mask, mask[:0], 2)
    with pytest.raises(ValueError, match="n_classes must be at least 2. Got 1"):
        segmentation_measures(mask, mask, 1)


@pytest.mark.parametrize(
    ("module", "measure"),
    [
        ("torchmetrics", lambda: segmentation_measures([], [], 2)),
        ("pycocotools", lambda: detection_measures([], [])),
    ],
)
def test_what_is_not_installed_is_named(module, measure, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"needs torchmetrics: pip install 'sicf\[fusion\]'"):
        measure()
