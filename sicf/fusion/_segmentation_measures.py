"""Overlap of segmentations, on fused images as on others."""

import numpy as np

from sicf._number_checks import check_whole_number
from sicf.fusion._torchmetrics import check_torchmetrics


def segmentation_measures(predictions, targets, n_classes, *, ignore=None):
    """Measure masks of several classes: mIoU, as in the paper's Table 4.

    Parameters
    ----------
    predictions, targets : array-like of int of shape (n, H, W), or sequences of shape (H, W)
        The class of each pixel, 0 to ``n_classes - 1``; in `targets` also `ignore`. Images of a
        sequence may differ in size.
    n_classes : int
        Number of classes, the background included.
    ignore : int, default=None
        Label in `targets` of pixels that do not count. A class of its own, such as 255, or one of
        the classes, which is then left out of the mean.

    Returns
    -------
    dict
        ``"mIoU"``: mean over classes, between 0 and 1; ``"IoU"``: ndarray of shape (n_classes,),
        intersection over union, NaN for a class that is neither predicted nor true anywhere. Such
        classes do not enter the mean; where there are no others it is NaN.

    Raises
    ------
    ImportError
        torchmetrics is not installed: ``pip install 'sicf[fusion]'``.
    TypeError
        Labels are not whole numbers.
    ValueError
        Shapes differ, there is no image, or a label is none of the classes.

    See Also
    --------
    detection_measures : The other column of Table 4.

    Notes
    -----
    Intersections and unions are added up over all images before they are divided (the Jaccard
    index of torchmetrics [1]_), as is usual for scenes. A mean over images is another figure.

    References
    ----------
    .. [1] N. S. Detlefsen et al., "TorchMetrics: measuring reproducibility in PyTorch", Journal of
       Open Source Software 7 (70), 2022. :doi:`10.21105/joss.04101`
    """
    check_torchmetrics("segmentation_measures")
    import torch
    from torchmetrics.classification import MulticlassJaccardIndex

    check_whole_number("n_classes", n_classes, 2)
    if len(predictions) != len(targets):
        raise ValueError(
            "predictions and targets must be of the same images. "
            f"Got {len(predictions)} and {len(targets)}."
        )
    if not len(targets):
        raise ValueError("targets must hold at least one image. Got none.")
    index = MulticlassJaccardIndex(
        n_classes, average="none", ignore_index=ignore, validate_args=False, zero_division=np.nan
    )
    for i, (predicted, true) in enumerate(zip(predictions, targets, strict=True)):
        predicted, true = np.asarray(predicted), np.asarray(true)
        _check_labels(f"predictions[{i}]", predicted, n_classes)
        _check_labels(f"targets[{i}]", true, n_classes, ignore)
        if predicted.shape != true.shape:
            raise ValueError(
                f"predictions[{i}] and targets[{i}] must have one shape. "
                f"Got {predicted.shape} and {true.shape}."
            )
        index.update(*(torch.from_numpy(x.astype(np.int64)) for x in (predicted, true)))
    overlaps = index.compute().numpy().astype(np.float64)
    if ignore is not None and 0 <= ignore < n_classes:
        overlaps[ignore] = np.nan
    known = overlaps[~np.isnan(overlaps)]
    return {"mIoU": float(known.mean()) if len(known) else np.nan, "IoU": overlaps}


def _check_labels(where, labels, n_classes, ignore=None):
    if labels.dtype.kind not in "iub":
        raise TypeError(f"{where} must hold whole numbers. Got dtype {labels.dtype} instead.")
    if labels.ndim != 2 or labels.size == 0:
        raise ValueError(f"{where} must have shape (H, W). Got {labels.shape} instead.")
    strange = set(np.unique(labels).tolist()) - set(range(n_classes)) - {ignore}
    if strange:
        raise ValueError(
            f"Labels of {where} must lie between 0 and {n_classes - 1}. Got {sorted(strange)}."
        )
