"""ResNetSTClassifier: half a ResNet50 and two Swin stages, BgNet's network, for images."""

import hashlib
import os

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from sicf._batch import check_images
from sicf._number_checks import check_number, check_whole_number
from sicf._one_for_each import one_for_each
from sicf.features import CosineRecipe
from sicf.features._halving_batches import compute_in_batches
from sicf.features._kept import Kept
from sicf.features._network_engine import NetworkEngine

FUSIONS = ("mean", "rgb")
PAIRS = ("blocks", "depths", "heads")
_networks = Kept(1)


class ResNetSTClassifier(ClassifierMixin, BaseEstimator):
    """Classify images by a ResNet50 up to its second layer and two stages of a Swin transformer.

    Parameters
    ----------
    width : int, default=64
        Channels after the stem: 64 is ResNet50's.
    blocks : (int, int), default=(3, 4)
        Bottlenecks of the ResNet's two layers.
    dim : int, default=192
        Channels of the first transformer stage, a multiple of its heads; twice as many in the
        second.
    depths : (int, int), default=(2, 18)
        Transformer blocks of the two stages.
    heads : (int, int), default=(6, 12)
        Of the attention in both stages.
    window : int, default=7
        Side of the attention's windows.
    hidden : int, default=512
        Width between the two linear layers of the head.
    stochastic_depth : float, default=0.3
        Probability with which the last transformer block is skipped in training, in [0, 1); it
        rises evenly from 0.
    input_size : int, default=224
        Side in pixels to which pictures are resized, a multiple of 8.
    fuse_sequences : {"mean", "rgb"}, default="mean"
        Each sequence is put into all three channels, and an image's score is the mean of theirs;
        or, by "rgb", three sequences are the three channels of one picture.
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    weights : path, default=None
        A state dict of the whole network in a ``.pth``, ``.pt`` or ``.safetensors`` file, to begin
        with. None is a seeded initialisation.
    training : CosineRecipe, default=None
        Epochs, learning rate, class weights and so on. None is ``CosineRecipe()``.
    augmenter : MRIAugmenter, default=None
        Makes a variant of each training picture for each epoch. It is cloned; without an int as
        its `random_state` it gets the classifier's.
    checkpoint : path-like, default=None
        A folder in which each training keeps one file, named after its data and parameters. A
        `fit` that was ended, by whatever, goes on from there and comes to the same weights.
    batch_size : int, default=16
        Images predicted at once. No part of the result.
    device : str or None, default=None
        As torch names it. None is "cuda" where there is one, else "cpu".
    verbose : int, default=0
        Above 0, a progress bar over the epochs.
    random_state : int, default=0
        Seed of the initialisation and of all that training draws.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    weights_ : bytes
        The learnt weights, as safetensors.
    loss_curve_ : DataFrame
        For each `epoch` the `training_loss`, the `validation_loss` (nan where nobody is validated
        on) and the `learning_rate` of its last step.
    best_epoch_ : int
        The epoch whose weights were kept.
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    make_bgnet : Pairs of planes classified by it, and a vote.

    Notes
    -----
    With its defaults and two classes the network is that of BgNet [1]_ as its repository has it,
    without the layers that are computed there and thrown away: 37,224,325 weights. Two classes have
    one output and the binary cross-entropy, more classes an output each. Pictures are brought to
    mean 0 and standard deviation 1, each by itself. Training such a network on a few dozen patients
    cannot be expected to work, and on a CPU it takes days: the sizes can be made small.

    `fit` asks for `groups` by itself where metadata routing is switched on: a group is on one side
    of the validation split. On the CPU one seed gives one result; on a GPU training runs in mixed
    precision, and is not repeatable to the last digit.

    References
    ----------
    .. [1] H. Liu et al., "BgNet: classification of benign and malignant tumors with MRI multi-plane
       attention learning", Frontiers in Oncology 12, 2022. :doi:`10.3389/fonc.2022.971871`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import CosineRecipe, ResNetSTClassifier
    >>> X = np.random.default_rng(0).integers(0, 256, size=(4, 32, 32), dtype=np.uint8)
    >>> small = {"width": 4, "blocks": (1, 1), "dim": 8, "depths": (1, 1), "heads": (1, 2)}
    >>> recipe = CosineRecipe(epochs=1, batch_size=2)
    >>> model = ResNetSTClassifier(**small, hidden=8, input_size=32, training=recipe)
    >>> model.fit(X, [0, 0, 1, 1]).predict_proba(X).shape
    (4, 2)
    """

    # Asked for by itself, so that groups reach the validation split.
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(
        self,
        *,
        width=64,
        blocks=(3, 4),
        dim=192,
        depths=(2, 18),
        heads=(6, 12),
        window=7,
        hidden=512,
        stochastic_depth=0.3,
        input_size=224,
        fuse_sequences="mean",
        mask=None,
        weights=None,
        training=None,
        augmenter=None,
        checkpoint=None,
        batch_size=16,
        device=None,
        verbose=0,
        random_state=0,
    ):
        self.width = width
        self.blocks = blocks
        self.dim = dim
        self.depths = depths
        self.heads = heads
        self.window = window
        self.hidden = hidden
        self.stochastic_depth = stochastic_depth
        self.input_size = input_size
        self.fuse_sequences = fuse_sequences
        self.mask = mask
        self.weights = weights
        self.training = training
        self.augmenter = augmenter
        self.checkpoint = checkpoint
        self.batch_size = batch_size
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X, y, *, groups=None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : array-like of shape (n,)
        groups : array-like of shape (n,), default=None
            Such as patients, each on one side of the validation split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a parameter is out of its range, y holds one class, the weights are of
            another network, or the checkpoint is damaged. Later: the loss is no longer finite.
        """
        import pandas as pd

        from sicf.classification._resnet_st_training import ResNetSTTraining
        from sicf.features._fine_tuning import encode_labels

        self._check_parameters()
        batch = check_images(X, mask=self.mask)
        self._check_sequences(batch)
        y = one_for_each(y, "y")
        groups = None if groups is None else one_for_each(groups, "groups")
        check_consistent_length(batch, y, groups)
        check_classification_targets(y)
        target = encode_labels(y)
        training = ResNetSTTraining(self, self._recipe(), batch, target, groups, self._device())
        learnt = training.run()
        self.classes_ = np.unique(y)
        self.n_channels_in_ = batch.n_channels
        self.weights_ = learnt.weights
        self.loss_curve_ = pd.DataFrame(learnt.curve)
        self.best_epoch_ = learnt.best_epoch
        return self

    def predict(self, X):
        """Classify each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of shape (n,)
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X):
        """Probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of float64 of shape (n, n_classes)
        """
        import torch

        from sicf.features._training_pictures import TrainingPictures

        check_is_fitted(self)
        batch = check_images(X, mask=self.mask, n_channels=self.n_channels_in_)
        pictures = TrainingPictures(
            batch, self.input_size, self.fuse_sequences == "rgb", self._device()
        )
        scores = self._fitted_network(pictures.per_image)

        def compute(start, stop):
            with torch.inference_mode():
                found = scores(pictures.take(range(start, stop)))
            return torch.softmax(found.double(), dim=1).cpu().numpy()

        return compute_in_batches(compute, len(batch), self.batch_size)

    def network_shape(self, n_classes):
        """What `ResNetST` is built with.

        Parameters
        ----------
        n_classes : int

        Returns
        -------
        dict
        """
        names = ("width", "blocks", "dim", "depths", "heads", "window", "hidden", "input_size")
        shape = {name: getattr(self, name) for name in (*names, "stochastic_depth")}
        return {"n_outputs": 1 if n_classes == 2 else n_classes, **shape}

    def _fitted_network(self, per_image):
        """The network with its learnt weights; the last one is kept for the life of the process."""
        import torch
        from safetensors.torch import load

        from sicf.classification._resnet_st import ResNetST
        from sicf.classification._resnet_st_training import ImageScores

        def build():
            # Without numbers at first: those of an initialisation would be thrown away.
            with torch.device("meta"):
                network = ResNetST(**shape)
            network.load_state_dict(load(self.weights_), assign=True)
            return network.to(device).eval()

        shape, device = self.network_shape(len(self.classes_)), self._device()
        key = (hashlib.sha256(self.weights_).hexdigest(), repr(shape), str(device))
        return ImageScores(_networks.get(key, build), per_image).eval()

    def _device(self):
        return NetworkEngine("torch", self.device, "float32").used_device()

    def _recipe(self):
        return CosineRecipe() if self.training is None else self.training

    def _check_sequences(self, batch):
        n_sequences = len(batch.sequence_channels)
        if self.fuse_sequences == "rgb" and n_sequences != 3:
            raise ValueError(f"fuse_sequences='rgb' needs 3 sequences. Got {n_sequences} instead.")

    def _check_parameters(self):
        for name in ("width", "dim", "window", "hidden", "batch_size", "input_size"):
            check_whole_number(name, getattr(self, name))
        for name in PAIRS:
            self._check_pair(name, getattr(self, name))
        if self.dim % self.heads[0] or 2 * self.dim % self.heads[1]:
            raise ValueError(
                "dim must be a multiple of the first of heads, and twice dim of the second. "
                f"Got dim={self.dim} and heads={self.heads} instead."
            )
        if self.input_size % 8:
            raise ValueError(f"input_size must be a multiple of 8. Got {self.input_size} instead.")
        check_number("stochastic_depth", self.stochastic_depth)
        if not 0 <= self.stochastic_depth < 1:
            raise ValueError(
                f"stochastic_depth must lie in 0 below 1. Got {self.stochastic_depth} instead."
            )
        if self.fuse_sequences not in FUSIONS:
            raise ValueError(
                f"fuse_sequences must be one of {FUSIONS}. Got {self.fuse_sequences!r} instead."
            )
        NetworkEngine("torch", self.device, "float32").check()
        self._check_training()

    def _check_training(self):
        if not isinstance(self._recipe(), CosineRecipe):
            raise TypeError(f"training must be a CosineRecipe. Got {self.training!r} instead.")
        self._recipe().check()
        if self.augmenter is not None and not hasattr(self.augmenter, "augment"):
            raise TypeError(
                "augmenter must have a method augment, as MRIAugmenter has. "
                f"Got {self.augmenter!r} instead."
            )
        if self.checkpoint is not None and not isinstance(self.checkpoint, (str, os.PathLike)):
            raise TypeError(
                f"checkpoint must be None or the name of a folder. Got {self.checkpoint!r} instead."
            )
        if not isinstance(self.random_state, (int, np.integer)):
            raise TypeError(f"random_state must be an int. Got {self.random_state!r} instead.")

    def _check_pair(self, name, value):
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ValueError(f"{name} must be 2 whole numbers. Got {value!r} instead.")
        for number in value:
            check_whole_number(name, number)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.no_validation = True
        return tags
