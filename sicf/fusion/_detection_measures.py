"""Average precision of detectors, on fused images as on others."""

import numpy as np

from sicf.fusion._torchmetrics import check_torchmetrics

OVERLAP = 0.5


def detection_measures(predictions, targets):
    """Measure boxes that a detector drew: mAP@0.5, as in the paper's Table 4.

    Parameters
    ----------
    predictions : sequence of dict
        One for each image, with

        - ``"boxes"``: array-like of shape (k, 4), first column, first row, last column, last row
          (x1, y1, x2, y2) in pixels, with x1 <= x2 and y1 <= y2;
        - ``"scores"``: array-like of shape (k,), how sure the detector is; higher is surer;
        - ``"labels"``: array-like of int of shape (k,), classes.

        Lists that are empty say that nothing was found.
    targets : sequence of dict
        The truth for the same images in the same order: ``"boxes"`` and ``"labels"``.

    Returns
    -------
    dict
        ``"mAP@0.5"``: mean over the classes that occur in `targets`, between 0 and 1, NaN where
        there are none; ``"AP@0.5"``: dict of int to float, by class.

    Raises
    ------
    ImportError
        torchmetrics or pycocotools is not installed: ``pip install 'sicf[fusion]'``.
    ValueError
        Numbers of images differ or are 0, a part is missing or its shape is wrong, a box has its
        corners the wrong way round, or a value is not finite.

    See Also
    --------
    segmentation_measures : The other column of Table 4.

    Notes
    -----
    COCO's average precision [1]_ at one overlap, computed by torchmetrics [2]_ and pycocotools:
    precision at 101 recalls, the surest first, each true box found once, at most 100 boxes an
    image. Torchmetrics warns where there are more.

    References
    ----------
    .. [1] T.-Y. Lin et al., "Microsoft COCO: common objects in context", ECCV, 2014.
       :doi:`10.1007/978-3-319-10602-1_48`
    .. [2] N. S. Detlefsen et al., "TorchMetrics: measuring reproducibility in PyTorch", Journal of
       Open Source Software 7 (70), 2022. :doi:`10.21105/joss.04101`
    """
    check_torchmetrics("detection_measures", "pycocotools")
    from torchmetrics.detection import MeanAveragePrecision

    if len(predictions) != len(targets):
        raise ValueError(
            "predictions and targets must be of the same images. "
            f"Got {len(predictions)} and {len(targets)}."
        )
    if not len(targets):
        raise ValueError("targets must hold at least one image. Got none.")
    metric = MeanAveragePrecision(iou_thresholds=[OVERLAP], class_metrics=True)
    metric.update(
        [_image("predictions", i, found, scored=True) for i, found in enumerate(predictions)],
        [_image("targets", i, truth, scored=False) for i, truth in enumerate(targets)],
    )
    found = metric.compute()
    classes = np.atleast_1d(found["classes"].numpy())
    values = np.atleast_1d(found["map_per_class"].numpy())
    # -1 stands for a class that is nowhere in the targets.
    precisions = {
        int(label): float(value) for label, value in zip(classes, values, strict=True) if value >= 0
    }
    mean = float(np.mean(list(precisions.values()))) if precisions else np.nan
    return {"mAP@0.5": mean, "AP@0.5": precisions}


def _image(name, index, parts, scored):
    """Parts of one image as tensors."""
    import torch

    where = f"{name}[{index}]"
    wanted = ("boxes", "scores", "labels") if scored else ("boxes", "labels")
    missing = [part for part in wanted if part not in parts]
    if missing:
        raise ValueError(f"{where} must have {', '.join(wanted)}. It lacks {', '.join(missing)}.")
    arrays = {part: np.asarray(parts[part]) for part in wanted}
    arrays["boxes"] = _check_boxes(where, arrays["boxes"])
    _check_lengths(where, arrays)
    dtypes = {"boxes": np.float32, "scores": np.float32, "labels": np.int64}
    return {part: torch.from_numpy(array.astype(dtypes[part])) for part, array in arrays.items()}


def _check_boxes(where, boxes):
    if boxes.size == 0:
        return np.zeros((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes of {where} must have shape (k, 4). Got {boxes.shape} instead.")
    if not np.isfinite(boxes).all():
        raise ValueError(f"boxes of {where} must be finite.")
    if (boxes[:, :2] > boxes[:, 2:]).any():
        raise ValueError(f"boxes of {where} must be x1, y1, x2, y2, with x1 <= x2 and y1 <= y2.")
    return boxes


def _check_lengths(where, arrays):
    n = len(arrays["boxes"])
    for part, array in arrays.items():
        if part != "boxes" and array.shape != (n,):
            raise ValueError(
                f"{part} of {where} must have shape ({n},), one for each box. "
                f"Got {array.shape} instead."
            )
    if n and arrays["labels"].dtype.kind not in "iu":
        raise ValueError(
            f"labels of {where} must be whole numbers. Got {arrays['labels'].dtype} instead."
        )
    if n and "scores" in arrays and not np.isfinite(arrays["scores"]).all():
        raise ValueError(f"scores of {where} must be finite.")
