"""What torchvision's detector and segmenter make of fused pictures: the measures of Table 4."""

import numpy as np
import torch

from sicf import detection_measures, segmentation_measures
from sicf.features._network_weights import read_state_dict

# What ImageNet's networks are given.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def detect(weights, pictures, labels, names):
    """Measure mAP@0.5 of a Faster R-CNN.

    Parameters
    ----------
    weights : path
        A state dict of `fasterrcnn_resnet50_fpn` with one output for each of `names`.
    pictures : list of ndarray of uint8 of shape (H, W, 3)
    labels : list of dict
        Boxes, as :func:`load_fusion_pairs` gives them.
    names : list of str
        The classes, the background first.

    Returns
    -------
    float
    """
    from torchvision.models.detection import fasterrcnn_resnet50_fpn

    if not isinstance(labels, list) or not isinstance(labels[0], dict):
        raise ValueError("--detector needs boxes. This part of the set has none.")
    network = _with_weights(
        fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=len(names)),
        weights,
    )
    found = [
        {part: values.numpy() for part, values in network([_tensor(picture)])[0].items()}
        for picture in pictures
    ]
    return detection_measures(found, labels)["mAP@0.5"]


def segment(weights, pictures, labels, names):
    """Measure mIoU of a DeepLabV3; parameters are those of :func:`detect`, labels of pixels."""
    from torchvision.models.segmentation import deeplabv3_resnet101
    from torchvision.transforms.functional import normalize

    if labels is None or isinstance(labels[0], dict):
        raise ValueError("--segmenter needs labels of pixels. This part of the set has none.")
    network = _with_weights(
        deeplabv3_resnet101(
            weights=None, weights_backbone=None, num_classes=len(names), aux_loss=True
        ),
        weights,
    )
    found = []
    for picture in pictures:
        maps = network(normalize(_tensor(picture), MEAN, STD)[None])["out"]
        found.append(maps[0].argmax(0).numpy())
    truth = [np.asarray(label, np.int64) for label in labels]
    return segmentation_measures(found, truth, len(names))["mIoU"]


def _with_weights(network, weights):
    network.load_state_dict(read_state_dict(weights))
    return network.eval().requires_grad_(False)


def _tensor(picture):
    return torch.from_numpy(picture).permute(2, 0, 1).float() / 255
