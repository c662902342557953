"""TSJNet: fusion by two branches of features, driven by the tasks that the picture is for."""

from sicf._number_checks import check_number, check_whole_number
from sicf.fusion._image_fuser import ImageFuser
from sicf.fusion._task_losses import TaskLoss

WIDTH_STEP = 16


class TSJNet(ImageFuser):
    """Fuse the sequences of each image by TSJNet [1]_.

    One encoder gives each source's features, from which two branches take what is large, by
    neighbourhood attention, and what is fine, by convolutions and pooling. Each kind is added up
    over the sources and goes through a branch of its own, and a decoder makes the picture. It may
    be trained for tasks too: a detector's and a segmenter's losses on the fused picture. 45.1
    million parameters at full width; without a GPU, it is to be tried out small.

    Parameters
    ----------
    width : int, default=64
        Maps of each branch, a multiple of 16.
    depths : sequence of int, default=(3, 4, 6, 5)
        Blocks of neighbourhood attention in each level; each level has half the resolution of the
        one before.
    window : int, default=7
        Odd side of the attention's window, at least 3. Pictures are padded to multiples of
        ``step = 2 ** (len(depths) + 1)``, and to ``step * window`` at least: 32 and 224.
    target_loss : callable, default=None
        Takes the fused pictures, a Tensor of shape (b, 1, h, w) in [0, 1], and the mask, one of
        int64 of shape (b, h, w), and gives a scalar that is added to the loss; such as
        :class:`TargetLoss`, a detector's. It needs a `mask`.
    semantic_loss : callable, default=None
        Likewise, such as :class:`SemanticLoss`, a segmenter's.
    weight_decay : float, default=0.01
        Of Adam: added to the gradient, times the weight.
    weights : path, default=None
        None trains in `fit`. A ``.safetensors``, ``.pth`` or ``.pt`` file with the network's state
        dict is taken as it is, and `fit` learns nothing.
    mask : int, default=None
        The channel that holds a mask; it is handed on and never fused.
    patch_size : int, default=224
        Side of the square patches that are trained on, a multiple of ``step`` and at least
        ``step * window``.
    n_patches : int, default=1
        Patches of each pair in each epoch.
    epochs : int, default=100
        Passes over the training pairs.
    batch_size : int, default=2
        Patches in one step of training, at least 2.
    learning_rate : float, default=1e-4
        Of Adam; a tenth, whenever the loss has not fallen for more than three epochs.
    n_threads : int, default=1
        Threads of torch while it trains on the CPU. The weights' last digits depend on it.
    device : str or None, default=None
        As torch names it. None is "cuda" where there is one, else "cpu".
    checkpoint : path-like, default=None
        A folder in which each training keeps one file, named after its data and parameters. A
        `fit` that was ended, by whatever, goes on from there and comes to the same weights.
    verbose : int, default=0
        Above 0, a progress bar over the epochs.
    random_state : int, RandomState instance or None, default=0
        Seed of the initialisation and of all that training draws.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.
    weights_ : bytes
        Where `fit` has trained: the network's state dict, as safetensors. Written to a file, it is
        what `weights` takes.
    weights_fingerprint_ : str
        SHA-256 of `weights_` or of the file.
    loss_curve_ : DataFrame
        Where `fit` has trained: for each `epoch` the `loss` and the `learning_rate`.

    See Also
    --------
    DenseFuse : Trains in minutes on a CPU.
    sicf.fusion.TargetLoss, sicf.fusion.SemanticLoss : What `target_loss` and `semantic_loss` take.

    Notes
    -----
    Eight-bit images are divided by 255; any other dtype is stretched, each sequence of each image
    from its own minimum to its maximum, so that a constant one becomes 0. More than two sequences
    are fused in turn: the first two, then what came of them with the third, and so on; every pair
    of them is trained on. Images of any size are taken: they are
    continued by their own mirror image to a size that the network takes, and cut afterwards.

    Network and losses are the published code's. Its gate of corners is commented out there, and
    absent here. It adds the detector's losses on the two sources, which have no gradient that
    reaches the network: they are left out. Its masks are all 0 by the time they are compared; here
    they stay what they are. Neighbourhood attention is written in plain torch and needs no compiled
    package. 17,040 parameters are never used, as in the published network.

    On the CPU one seed gives one result, on one kind of processor and version of torch. On a GPU
    training is not repeatable to the last digit.

    References
    ----------
    .. [1] Y. Jie et al., "TSJNet: a multi-modality target and semantic awareness joint-driven image
       fusion network", 2024. :doi:`10.48550/arXiv.2402.01212`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import TSJNet
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 20, 30, 2), dtype=np.uint8)
    >>> fuser = TSJNet(16, depths=(1, 1), window=3, patch_size=24, epochs=1)
    >>> fuser.fit_transform(X).shape
    (2, 20, 30)
    """

    _least_batch = 2

    def __init__(
        self,
        width=64,
        *,
        depths=(3, 4, 6, 5),
        window=7,
        target_loss=None,
        semantic_loss=None,
        weight_decay=0.01,
        weights=None,
        mask=None,
        patch_size=224,
        n_patches=1,
        epochs=100,
        batch_size=2,
        learning_rate=1e-4,
        n_threads=1,
        device=None,
        checkpoint=None,
        verbose=0,
        random_state=0,
    ):
        self.width = width
        self.depths = depths
        self.window = window
        self.target_loss = target_loss
        self.semantic_loss = semantic_loss
        self.weight_decay = weight_decay
        self.weights = weights
        self.mask = mask
        self.patch_size = patch_size
        self.n_patches = n_patches
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.n_threads = n_threads
        self.device = device
        self.checkpoint = checkpoint
        self.verbose = verbose
        self.random_state = random_state

    def _network_parameters(self):
        return {"width": self.width, "depths": tuple(self.depths), "window": self.window}

    def _build(self):
        from sicf.fusion._tsjnet_network import TSJNetNetwork

        return TSJNetNetwork(**self._network_parameters())

    def _phases(self, network):
        from sicf.fusion._tsjnet_training import tsjnet_phases

        return tsjnet_phases(network, self._task_losses())

    def _recipe(self):
        return super()._recipe(weight_decay=self.weight_decay, max_norm=1.0, patience=3)

    def _sizes(self):
        step = 2 ** (len(self.depths) + 1)
        return step, step * self.window

    def _task_losses(self):
        losses = (self.target_loss, self.semantic_loss)
        return [loss for loss in losses if loss is not None]

    def _check_own_parameters(self):
        check_whole_number("width", self.width)
        if self.width % WIDTH_STEP:
            raise ValueError(f"width must be a multiple of {WIDTH_STEP}. Got {self.width} instead.")
        if not isinstance(self.depths, (tuple, list)) or not self.depths:
            raise ValueError(f"depths must be whole numbers, one a level. Got {self.depths!r}.")
        for depth in self.depths:
            check_whole_number("A level's depth", depth)
        check_whole_number("window", self.window, least=3)
        if self.window % 2 == 0:
            raise ValueError(f"window must be odd. Got {self.window} instead.")
        check_number("weight_decay", self.weight_decay)
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay must be at least 0. Got {self.weight_decay} instead.")
        for name in ("target_loss", "semantic_loss"):
            self._check_task_loss(name, getattr(self, name))

    def _check_task_loss(self, name, loss):
        if loss is None:
            return
        if not callable(loss):
            raise TypeError(f"{name} must be None or a callable. Got {loss!r} instead.")
        if self.mask is None:
            raise ValueError(f"{name} needs a mask to compare with. Got mask=None.")
        if isinstance(loss, TaskLoss):
            loss.check()
