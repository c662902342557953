"""Images to rows by a network of torch, read at one of its layers: frozen, or fine-tuned in fit."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sicf._batch import check_images
from sicf._number_checks import check_whole_number
from sicf._spread import has_workers_elsewhere, spread_in_order
from sicf._worker_threads import one_torch_thread_in_workers
from sicf.features._fine_tunable import TRAINING, FineTunable
from sicf.features._halving_batches import compute_in_batches
from sicf.features._network import NetworkSource, check_weights, find_factory
from sicf.features._network_code import code_of_model
from sicf.features._network_engine import NetworkEngine
from sicf.features._network_pictures import NetworkPictures, as_tensor
from sicf.features._sequence_fusion import (
    FUSIONS,
    check_fusion,
    check_sequence_names,
    fuse_sequences,
    fused_names,
)

ENGINE = ("device", "dtype", "backend")
POOLS = ("avg", "max", None)


class TorchEmbedder(FineTunable, TransformerMixin, BaseEstimator):
    """Embed each image by a network, read at one of its layers: frozen, or fine-tuned in `fit`.

    Parameters
    ----------
    model : str or callable
        torchvision's name ("resnet18"), "package.module:function", or an importable function that
        takes nothing and returns a `torch.nn.Module`. Never the module itself.
    layer : str
        Dotted name of the module whose output is taken, as in `named_modules()`. Later layers are
        not computed.
    weights : str, path, torchvision's enum member or None, default=None
        torchvision's name ("IMAGENET1K_V1") or member (``ResNet18_Weights.IMAGENET1K_V1``), a state
        dict in a ``.pth``, ``.pt`` or ``.safetensors`` file, or None for torch's own initialisation
        under `random_state`.
    pool : {"avg", "max", None}, default="avg"
        How an output of shape (b, C, h, w) becomes C columns; None flattens it.
    fuse_sequences : {"mean", "max", "concat", "rgb"}, default="mean"
        Each sequence is put into all three channels and embedded, and the rows become one; or,
        by "rgb", three sequences are the three channels of one picture.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    input_size : int, default=224
        The whole picture is resized to a square of so many pixels, with antialiasing.
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
        trains every weight that the layer depends on; "head" the last layer that has a matrix or a
        kernel on the way to `layer`, and what is run after it.
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
    VGG16Embedder : The paper's network.
    CachedRows : Keeps the rows of a frozen network, so that a picture is embedded once.
    TrainingRecipe : How it is fine-tuned.

    Notes
    -----
    Eight-bit pictures are divided by 255; any other dtype is first stretched to eight bits, each
    sequence of each image from its own minimum and maximum. Then ImageNet's mean and standard
    deviation are taken off.

    Pictures that are equal are embedded once in a call. On the CPU and in float32, convolutions of
    3 x 3 over many channels go by Winograd's minimal filtering [1]_, which multiplies a quarter as
    often and rounds about as another order of summation does; it keeps transformed filters, four
    times as large as the filters themselves. Where memory runs out the batch is halved, with one
    warning.

    Where the name of a weights' file ends as torchvision's do, in a hyphen and the first eight
    digits of its SHA-256, the file is held to them.

    The network is loaded on first use, once in a process, and is no part of a pickle: the estimator
    keeps its name and the hash of its weights. If the file has changed since `fit`, `transform`
    refuses to go on. What was fine-tuned travels with the estimator, in `weights_`; a clone has
    none. The rows of a fine-tuned network depend on the data of its `fit`, so
    :class:`CachedRows` refuses it.

    Fine-tuning takes a validation set out of the training data (`TrainingRecipe.validation`) and
    keeps the weights with the lowest loss on it. `fit` asks for `groups` by itself where metadata
    routing is switched on: a group is on one side of that split. On the CPU one seed gives one
    result whatever the number of threads or workers, on one kind of processor and version of torch;
    on a GPU training runs in mixed precision, and is not repeatable to the last digit.

    The learnt rows fit the labels of the pictures they were learnt on. A score that is
    cross-validated on those rows, such as a selector's inside a pipeline, is therefore optimistic;
    one of the whole pipeline, as by :func:`evaluate`, is not.

    References
    ----------
    .. [1] A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
       :doi:`10.1109/CVPR.2016.435`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import TorchEmbedder
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> embedder = TorchEmbedder("squeezenet1_1", "features.2", input_size=32)
    >>> embedder.fit_transform(X).shape
    (2, 64)
    """

    def __init__(
        self,
        model,
        layer,
        *,
        weights=None,
        pool="avg",
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        input_size=224,
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
        self.model = model
        self.layer = layer
        self.weights = weights
        self.pool = pool
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.input_size = input_size
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

    def fit(self, X, y=None, *, groups=None):
        """Check the images and find the weights; fine-tune them where `fine_tune` is not None.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : array-like of shape (n,), default=None
            Classes, for fine-tuning; ignored otherwise.
        groups : array-like of shape (n,), default=None
            Such as patients, each on one side of the validation split; ignored otherwise.

        Returns
        -------
        self

        Raises
        ------
        WeightsUnavailableError
            Pretrained weights are not here and cannot be fetched.
        ValueError
            A weights' file is damaged or another network's. For fine-tuning, before any work: y is
            missing or holds one class, a class has too few patients for the validation split, or
            the checkpoint is damaged or cannot be written. Later: the loss is no longer finite.
        """
        self._check_parameters()
        source = self._source()
        find_factory(source.model)
        batch = check_images(X, mask=self.mask)
        self._check_sequences(batch)
        fingerprint = source.fingerprint()
        check_weights(source, fingerprint)
        self._engine().warn_of_other_dtype()
        learnt = None if self.fine_tune is None else self._fine_tune(batch, y, groups)
        self.n_channels_in_ = batch.n_channels
        self.weights_fingerprint_ = fingerprint
        self._keep(learnt)
        return self

    def transform(self, X):
        """Embed each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of float32 of shape (n, n_features)
        """
        self._check_parameters()
        self._check_learnt()
        seen = getattr(self, "n_channels_in_", None)
        batch = check_images(X, mask=self.mask, n_channels=seen)
        self._check_sequences(batch)
        with one_torch_thread_in_workers():
            pictures = NetworkPictures(batch, self.input_size, self.fuse_sequences == "rgb")
            rows = self._embed_all(pictures)[pictures.place]
        rows = rows.reshape(len(batch), -1, rows.shape[1])
        if not np.isfinite(rows).all():
            bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=(1, 2)))[0])
            raise ValueError(f"The network gave a non-finite number for image {bad}.")
        how = "mean" if self.fuse_sequences == "rgb" else self.fuse_sequences
        return np.ascontiguousarray(fuse_sequences(rows, how), dtype=np.float32)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns: the layer and a number, as in ``features.2_00``.

        Parameters
        ----------
        input_features : Ignored

        Returns
        -------
        ndarray of str objects of shape (n_features,)
        """
        self._check_parameters()
        width = self._width()
        digits = len(str(width - 1))
        names = [f"{self.layer}_{column:0{digits}d}" for column in range(width)]
        seen = getattr(self, "n_channels_in_", 1 + (self.mask is not None))
        sequence_names = check_sequence_names(self.sequence_names, seen - (self.mask is not None))
        return fused_names(names, self.fuse_sequences, sequence_names)

    def rows_depend_on(self):
        """Say what the rows depend on, for a cache.

        Returns
        -------
        dict
            The parameters that change the rows, with the weights by their fingerprint and with the
            device and the precision that are really used.
        """
        # The fingerprint holds the seed where there are no weights.
        free = ("batch_size", "weights", "random_state", "sequence_names", *ENGINE, *TRAINING)
        parameters = self.get_params(deep=False)
        return (
            {name: value for name, value in parameters.items() if name not in free}
            | {"weights": self._fingerprint(), "code": self._code_of_model()}
            | self._engine().rows_depend_on()
        )

    def _code_of_model(self):
        """Of a function that is given by its name; torchvision's go by the version."""
        return code_of_model(self._source().model)

    def _embed_all(self, pictures):
        # On this machine torch's own threads do what workers with a network each would.
        if not has_workers_elsewhere():
            return self._embed_planes(pictures.planes, len(pictures))
        starts = range(0, len(pictures), self.batch_size)
        batches = [pictures.planes(start, start + self.batch_size) for start in starts]
        return np.concatenate(spread_in_order(_embed_batch, self, batches))

    def _embed_planes(self, planes, n_pictures):
        def embed(start, stop):
            return self._embed(as_tensor(planes(start, stop), self.input_size))

        return compute_in_batches(embed, n_pictures, self.batch_size)

    def _embed(self, pictures):
        output = self._engine().read_layer(
            self._network(), self._fingerprint(), self._layer_path(), pictures
        )
        return self._flatten(output).float().cpu().numpy()

    def _flatten(self, output):
        import torch

        if not isinstance(output, torch.Tensor):
            raise TypeError(
                f"layer must give a tensor. {self._layer_path()!r} gave {type(output).__name__}."
            )
        pool = self._pool()
        if pool is None or output.ndim == 2:
            return output.flatten(1)
        if output.ndim != 4:
            raise ValueError(
                f"pool={pool!r} needs an output of shape (b, C, h, w). {self._layer_path()!r} "
                f"gives {tuple(output.shape)}; use pool=None."
            )
        return output.mean(dim=(2, 3)) if pool == "avg" else output.amax(dim=(2, 3))

    def _width(self):
        """Columns of one sequence, from a black picture."""
        import torch

        with one_torch_thread_in_workers():
            return self._embed(torch.zeros(1, 3, self.input_size, self.input_size)).shape[1]

    def _fingerprint_now(self):
        return self._network().fingerprint()

    def _source(self):
        return NetworkSource(self.model, self.weights, self.random_state)

    def _engine(self):
        return NetworkEngine(self.backend, self.device, self.dtype)

    def _layer_path(self):
        return self.layer

    def _pool(self):
        return self.pool

    def _check_sequences(self, batch):
        n_sequences = len(batch.sequence_channels)
        if self.fuse_sequences == "rgb" and n_sequences != 3:
            raise ValueError(f"fuse_sequences='rgb' needs 3 sequences. Got {n_sequences} instead.")
        check_sequence_names(self.sequence_names, n_sequences)

    def _check_parameters(self):
        check_fusion(self.fuse_sequences, (*FUSIONS, "rgb"))
        if self._pool() not in POOLS:
            raise ValueError(f"pool must be one of {POOLS}. Got {self._pool()!r} instead.")
        for name in ("batch_size", "input_size"):
            check_whole_number(name, getattr(self, name))
        self._engine().check()
        self._check_training()
        if not isinstance(self.random_state, (int, np.integer)):
            raise TypeError(
                "random_state must be an int: a frozen network is the same whenever it is built. "
                f"Got {self.random_state!r} instead."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = self.fine_tune is not None
        tags.target_tags.required = self.fine_tune is not None
        tags.no_validation = True
        return tags


def _embed_batch(embedder, pictures):
    """Rows of one batch, on a worker, which loads the network the first time."""
    with one_torch_thread_in_workers():
        return embedder._embed_planes(lambda start, stop: pictures[start:stop], len(pictures))
