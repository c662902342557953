"""TargetLoss and SemanticLoss: what a frozen detector and segmenter make of fused pictures."""

import numpy as np
from scipy import ndimage
from sklearn.base import BaseEstimator

from sicf._batch import check_mask_labels
from sicf._number_checks import check_whole_number
from sicf._plain_state import PlainState
from sicf.features._cache_key import describe
from sicf.features._kept import Kept
from sicf.features._network_weights import (
    find_weights,
    is_file_name,
    read_state_dict,
    sha256,
)
from sicf.features._seeded_torch import seeded_torch

_networks = Kept(2)


class TaskLoss(PlainState, BaseEstimator):
    """Base of the losses behind a frozen network of torchvision's.

    A subclass has the parameters `weights`, `n_classes` and `random_state`, and writes `_name`,
    `_construct` and `_loss`.
    """

    def __call__(self, fused, labels):
        """Compute the loss, with a gradient that reaches the fused pictures.

        Parameters
        ----------
        fused : Tensor of shape (b, 1, h, w)
            In [0, 1].
        labels : Tensor of int64 of shape (b, h, w)

        Returns
        -------
        Tensor, a scalar
        """
        self.check()
        key = (self._name, describe(self), str(fused.device))
        network = _networks.get(key, lambda: self._build().to(fused.device))
        return self._loss(network, fused, labels)

    def check(self):
        """Raise where a parameter is out of its range."""
        check_whole_number("n_classes", self.n_classes, least=2)

    def rows_depend_on(self):
        """Say what the loss depends on, for a checkpoint: the content of the weights' file too.

        Returns
        -------
        dict
        """
        parameters = self.get_params()
        if self.weights is None:
            return parameters
        return parameters | {"weights": sha256(find_weights(self._name, self.weights))}

    def _build(self):
        with seeded_torch(self.random_state):
            network = self._construct()
        if self.weights is not None:
            path = find_weights(self._name, self.weights)
            try:
                network.load_state_dict(read_state_dict(path))
            except RuntimeError as exc:
                raise ValueError(
                    f"weights must be those of {self._name} with {self.n_classes} classes. "
                    f"{path} holds others."
                ) from exc
        return network.eval().requires_grad_(False)


class TargetLoss(TaskLoss):
    """How badly a frozen detector finds the parts of the mask in fused pictures.

    Box, objectness and proposal losses of Faster R-CNN [1]_ with a ResNet50 and a feature pyramid;
    as in TSJNet the classification is left out. Each connected part of the mask is a box. The class
    of a box still counts: the detector has corrections of its own for the boxes of each class.

    Parameters
    ----------
    weights : str, path or None, default="COCO_V1"
        torchvision's name, a file with a state dict, or None for a seeded initialisation.
    n_classes : int, default=91
        Outputs of the detector, the background included.
    mask_labels : sequence of int, default=None
        Labels of the mask that count. None takes all above 0.
    box_class : int or "label", default=1
        The detector's class of all boxes, below `n_classes`; "label": the labels of the mask are
        the detector's classes, and parts of two labels are two boxes, also where they touch.
    min_size : int, default=None
        Pixels that the shorter side is enlarged to. None is torchvision's, 800.
    random_state : int, default=0
        Seed of the initialisation.

    See Also
    --------
    TSJNet : Takes it as `target_loss`.

    References
    ----------
    .. [1] S. Ren et al., "Faster R-CNN: towards real-time object detection with region proposal
       networks", NeurIPS 2015. :doi:`10.48550/arXiv.1506.01497`

    Examples
    --------
    >>> from sicf import TSJNet
    >>> from sicf.fusion import TargetLoss
    >>> TSJNet(target_loss=TargetLoss(weights="detector.pth", n_classes=2), mask=2).target_loss
    TargetLoss(n_classes=2, weights='detector.pth')
    """

    _name = "fasterrcnn_resnet50_fpn"

    def __init__(
        self,
        weights="COCO_V1",
        *,
        n_classes=91,
        mask_labels=None,
        box_class=1,
        min_size=None,
        random_state=0,
    ):
        self.weights = weights
        self.n_classes = n_classes
        self.mask_labels = mask_labels
        self.box_class = box_class
        self.min_size = min_size
        self.random_state = random_state

    def check(self):
        """Raise where a parameter is out of its range."""
        super().check()
        check_mask_labels(self.mask_labels)
        if self.box_class != "label":
            check_whole_number("box_class", self.box_class)
            self._check_class(self.box_class)
        if self.min_size is not None:
            check_whole_number("min_size", self.min_size)

    def _construct(self):
        from torchvision.models.detection import fasterrcnn_resnet50_fpn

        size = {} if self.min_size is None else {"min_size": self.min_size}
        return fasterrcnn_resnet50_fpn(
            weights=None, weights_backbone=None, num_classes=self.n_classes, **size
        )

    def _build(self):
        import torch

        network = super()._build()
        if self.weights is not None and not is_file_name(self.weights):
            # So does torchvision with these weights, which were learnt without it.
            for module in network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eps = 0.0
        return network

    def _loss(self, network, fused, labels):
        import torch

        targets = [
            {
                "boxes": torch.from_numpy(boxes).to(fused.device),
                "labels": torch.from_numpy(classes).to(fused.device),
            }
            for boxes, classes in map(self._boxes, labels.cpu().numpy())
        ]
        _give_losses(network)
        losses = network(list(fused.expand(-1, 3, -1, -1)), targets)
        return sum(loss for name, loss in losses.items() if name != "loss_classifier")

    def _boxes(self, mask):
        """Boxes of a mask, and their classes."""
        if self.box_class != "label":
            boxes = boxes_of(mask, self.mask_labels)
            return boxes, np.full(len(boxes), self.box_class, np.int64)
        wanted = np.unique(mask[mask > 0]) if self.mask_labels is None else self.mask_labels
        parts = {int(label): boxes_of(mask, [label]) for label in wanted}
        for label in parts:
            self._check_class(label)
        boxes = np.concatenate([np.zeros((0, 4), np.float32), *parts.values()])
        classes = np.repeat(np.array([*parts], np.int64), [len(each) for each in parts.values()])
        return boxes, classes

    def _check_class(self, label):
        if not 0 < label < self.n_classes:
            raise ValueError(
                f"Classes of boxes must lie in 1 to {self.n_classes - 1} for n_classes="
                f"{self.n_classes}. Got {label}."
            )


class SemanticLoss(TaskLoss):
    """How badly a frozen segmenter sees the labels of the mask in fused pictures.

    Cross-entropy of DeepLabV3 [1]_ with a ResNet101.

    Parameters
    ----------
    weights : str, path or None, default="COCO_WITH_VOC_LABELS_V1"
        torchvision's name, a file with a state dict, or None for a seeded initialisation.
    n_classes : int, default=21
        Outputs of the segmenter, the background included; labels of the mask are below this.
    random_state : int, default=0
        Seed of the initialisation.

    See Also
    --------
    TSJNet : Takes it as `semantic_loss`.

    References
    ----------
    .. [1] L.-C. Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017.
       :doi:`10.48550/arXiv.1706.05587`

    Examples
    --------
    >>> from sicf import TSJNet
    >>> from sicf.fusion import SemanticLoss
    >>> TSJNet(semantic_loss=SemanticLoss("tumours.pth", n_classes=4), mask=2).semantic_loss
    SemanticLoss(n_classes=4, weights='tumours.pth')
    """

    _name = "deeplabv3_resnet101"

    def __init__(self, weights="COCO_WITH_VOC_LABELS_V1", *, n_classes=21, random_state=0):
        self.weights = weights
        self.n_classes = n_classes
        self.random_state = random_state

    def _construct(self):
        from torchvision.models.segmentation import deeplabv3_resnet101

        return deeplabv3_resnet101(
            weights=None, weights_backbone=None, num_classes=self.n_classes, aux_loss=True
        )

    def _loss(self, network, fused, labels):
        from torch.nn.functional import cross_entropy

        from sicf.fusion._perception import in_imagenet_colours

        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= self.n_classes:
            raise ValueError(
                f"Labels of the mask must lie in 0 to {self.n_classes - 1} for n_classes="
                f"{self.n_classes}. Got {low} to {high}."
            )
        return cross_entropy(network(in_imagenet_colours(fused))["out"], labels)


def boxes_of(mask, mask_labels=None):
    """Boxes round the connected parts of a mask.

    Parameters
    ----------
    mask : ndarray of int of shape (H, W)
    mask_labels : sequence of int, default=None
        Labels that count. None takes all above 0.

    Returns
    -------
    ndarray of float32 of shape (n, 4)
        Left, top, right and bottom, ends excluded.
    """
    region = mask > 0 if mask_labels is None else np.isin(mask, list(mask_labels))
    found = ndimage.find_objects(ndimage.label(region, np.ones((3, 3)))[0])
    boxes = [(c.start, r.start, c.stop, r.stop) for r, c in found]
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def _give_losses(network):
    """In training mode a detector gives its losses; its normalisations stay as they are."""
    import torch

    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
