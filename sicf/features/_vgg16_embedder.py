"""The paper's deep stream: VGG16 without its last layer."""

from typing import NamedTuple

from sicf.features._network import NetworkSource
from sicf.features._torch_embedder import TorchEmbedder


class _Layer(NamedTuple):
    path: str
    width: int


LAYERS = {
    "fc7": _Layer("classifier.4", 4096),
    "fc6": _Layer("classifier.1", 4096),
    "pool5": _Layer("features.30", 512),
}


class VGG16Embedder(TorchEmbedder):
    """Embed each image by torchvision's VGG16 [1]_ without its last layer: 4,096 columns.

    Parameters
    ----------
    weights : str, path, torchvision's enum member or None, default="IMAGENET1K_V1"
        torchvision's name or member (``VGG16_Weights.IMAGENET1K_V1``), fetched on first use
        (528 MB); a state dict in a ``.pth``, ``.pt`` or ``.safetensors`` file; or None for a seeded
        initialisation, which is not pretrained.
    layer : {"fc7", "fc6", "pool5"}, default="fc7"
        The second or the first fully connected layer, after its ReLU (4,096 columns), or the last
        pooling, averaged over its 7 x 7 places (512 columns).
    fuse_sequences : {"mean", "max", "concat", "rgb"}, default="mean"
        Each sequence is put into all three channels and embedded, and the rows become one; or,
        by "rgb", three sequences are the three channels of one picture.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    batch_size : int, default=16
        Pictures in one forward pass. No part of the result.
    device : str or None, default=None
        As torch names it. None is "cuda" where there is one, else "cpu".
    dtype : {"float32", "bfloat16"}, default="float32"
        Precision of the network. Rows are float32 in any case. A device that has no bfloat16
        computes in float32, as a warning in `fit` says: it would be slower otherwise.
    backend : {"torch", "openvino"}, default="torch"
        What computes the network. OpenVINO (``pip install "sicf[openvino]"``) runs on the CPU.
    fine_tune : {None, "head", "all"}, default=None
        None learns nothing. Otherwise `fit` puts a classifier of dropout and one linear layer on
        the rows, trains it on y together with a part of the network, and throws it away. "all"
        trains every weight that the layer depends on; "head" the layer of `layer` itself: of "fc7"
        the second fully connected layer (16.8 million weights), of "fc6" the first (102.8 million),
        of "pool5" the last convolution (2.4 million). What comes below is frozen and, where
        nothing is augmented, computed once a picture.
    training : TrainingRecipe, default=None
        Epochs, learning rate and so on. None is ``TrainingRecipe()``, the paper's.
    augmenter : MRIAugmenter, default=None
        Makes a variant of each training picture for each epoch. It is cloned; without an int as
        its `random_state` it gets the embedder's.
    checkpoint : path-like, default=None
        A folder in which each training keeps one file, named after its data and parameters. A
        `fit` that was ended, by whatever, goes on from there and comes to the same weights.
    verbose : int, default=0
        Above 0, a progress bar over the epochs.
    random_state : int, default=0
        Seed of the initialisation where `weights` is None, and of all that training draws.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.
    weights_fingerprint_ : str
        SHA-256 of the weights' file, or seed and versions of a seeded initialisation; fine-tuned,
        the SHA-256 of `weights_` and, for "head", that of what it was trained on.
    weights_ : bytes
        Fine-tuned only: the learnt weights, as safetensors; of "head" those that were trained.
    loss_curve_ : DataFrame
        Fine-tuned only: for each `epoch` the `training_loss` (with dropout, while it trains), the
        `validation_loss` (nan where nobody is validated on) and the `learning_rate`.
    best_epoch_ : int
        Fine-tuned only: the epoch whose weights were kept.

    See Also
    --------
    TorchEmbedder : Any other network; its notes hold here too.

    Notes
    -----
    The whole picture is resized to 224 x 224 pixels, without torchvision's centre crop: the canal
    may lie anywhere in a slice. The paper replicates a grey picture into three channels; so does
    this.

    References
    ----------
    .. [1] K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
       recognition", ICLR 2015. :doi:`10.48550/arXiv.1409.1556`

    Examples
    --------
    >>> from sicf import VGG16Embedder
    >>> embedder = VGG16Embedder(weights=None)
    >>> [str(name) for name in embedder.get_feature_names_out()[[0, 4095]]]
    ['fc7_0000', 'fc7_4095']
    """

    def __init__(
        self,
        *,
        weights="IMAGENET1K_V1",
        layer="fc7",
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        batch_size=16,
        device=None,
        dtype="float32",
        backend="torch",
        fine_tune=None,
        training=None,
        augmenter=None,
        checkpoint=None,
        verbose=0,
        random_state=0,
    ):
        self.weights = weights
        self.layer = layer
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.batch_size = batch_size
        self.device = device
        self.dtype = dtype
        self.backend = backend
        self.fine_tune = fine_tune
        self.training = training
        self.augmenter = augmenter
        self.checkpoint = checkpoint
        self.verbose = verbose
        self.random_state = random_state

    # VGG16's first fully connected layer fixes the size of the picture.
    input_size = 224

    def _source(self):
        return NetworkSource("vgg16", self.weights, self.random_state)

    def _layer_path(self):
        return LAYERS[self.layer].path

    def _width(self):
        return LAYERS[self.layer].width

    def _pool(self):
        return "avg"

    def _check_parameters(self):
        if self.layer not in tuple(LAYERS):
            raise ValueError(f"layer must be one of {tuple(LAYERS)}. Got {self.layer!r} instead.")
        super()._check_parameters()
