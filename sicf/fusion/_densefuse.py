"""DenseFuse: fusion by an autoencoder, which trains on a laptop."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from sicf._batch import check_images, stack_alike
from sicf._number_checks import check_number, check_whole_number
from sicf._worker_threads import one_torch_thread_in_workers
from sicf.fusion._image_fuser import ImageFuser
from sicf.fusion._scaled_planes import scaled_planes

STRATEGIES = ("max", "l1", "mean", "sum")
SSIM_KINDS = ("full", "cs")


class DenseFuse(ImageFuser):
    """Fuse the sequences of each image by DenseFuse [1]_.

    An encoder of densely joined convolutions and a decoder are trained to give back single
    pictures. Two pictures are fused between the two, by their feature maps. The network has 74,193
    parameters at full width and trains in minutes on a CPU.

    Parameters
    ----------
    base_channels : int, default=16
        Maps of each layer of the encoder.
    strategy : {"max", "l1", "mean", "sum"}, default="max"
        How feature maps are fused. "max" takes at each place those of the more active picture,
        where activity is the sum of absolute values over the maps; "l1" weighs both by their share
        of the activity; "mean" comes near the mean of the pictures; "sum" makes a picture of twice
        the contrast where the two agree.
    l1_window : int, default=3
        For "max" and "l1": odd side of the square over which activities are averaged.
    ssim_weight : float, default=100.0
        Of one less the structural similarity in the loss, beside the mean squared error; at least
        0. The paper tries 1, 10, 100 and 1000.
    ssim_kind : {"full", "cs"}, default="full"
        "cs" leaves the luminance out, as the first published code does.
    weights : path, default=None
        None trains in `fit`. A ``.safetensors``, ``.pth`` or ``.pt`` file with the network's state
        dict is taken as it is, and `fit` learns nothing.
    mask : int, default=None
        The channel that holds a mask; it is handed on and never fused.
    patch_size : int, default=64
        Side of the square patches that are trained on, at least 16.
    n_patches : int, default=1
        Patches of each picture in each epoch.
    epochs : int, default=8
        Passes over the training pictures.
    batch_size : int, default=4
        Patches in one step of training.
    learning_rate : float, default=1e-3
        Of Adam in the first epoch; it falls by a half cosine, towards 0.
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
    FusionGAN, MedFusionGAN, TSJNet : Networks that are trained to fuse.

    Notes
    -----
    Eight-bit images are divided by 255; any other dtype is stretched, each sequence of each image
    from its own minimum to its maximum, so that a constant one becomes 0. More than two sequences
    are fused in turn: the first two, then what came of them with the third, and so on. Images of
    any size are taken, and each is fused by itself.

    The network and its loss are the paper's. It takes 160,000 steps on photographs, at a learning
    rate of 1e-4; the defaults here are for some hundreds of steps on the pictures of `fit`. Its
    strategies are the addition, which its two published codes read as the sum and as the mean, and
    "l1". "max" is ours: the mean of two pictures loses half of the edges that one of them has, and
    an encoding that comes near it does too.

    On the CPU one seed gives one result, on one kind of processor and version of torch. On a GPU
    training is not repeatable to the last digit.

    References
    ----------
    .. [1] H. Li and X.-J. Wu, "DenseFuse: a fusion approach to infrared and visible images", IEEE
       Transactions on Image Processing 28 (5), 2019. :doi:`10.1109/TIP.2018.2887342`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import DenseFuse
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 32, 48, 2), dtype=np.uint8)
    >>> fuser = DenseFuse(4, epochs=1, patch_size=16)
    >>> fused = fuser.fit_transform(X)
    >>> fused.shape, fused.dtype
    ((2, 32, 48), dtype('float32'))
    """

    def __init__(
        self,
        base_channels=16,
        *,
        strategy="max",
        l1_window=3,
        ssim_weight=100.0,
        ssim_kind="full",
        weights=None,
        mask=None,
        patch_size=64,
        n_patches=1,
        epochs=8,
        batch_size=4,
        learning_rate=1e-3,
        n_threads=1,
        device=None,
        checkpoint=None,
        verbose=0,
        random_state=0,
    ):
        self.base_channels = base_channels
        self.strategy = strategy
        self.l1_window = l1_window
        self.ssim_weight = ssim_weight
        self.ssim_kind = ssim_kind
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

    def reconstruct(self, X):
        """Encode and decode each sequence by itself, to see what the network keeps of it.

        Parameters
        ----------
        X : array-like of shape (n, H, W, M), or list of (H, W, M) images

        Returns
        -------
        ndarray of float32 of shape (n, H, W, M), or list of arrays where sizes differ
            In [0, 1]; M without the mask.
        """
        check_is_fitted(self, "weights_fingerprint_")
        self._check_parameters()
        batch = check_images(X, mask=self.mask, n_channels=self.n_channels_in_)
        with one_torch_thread_in_workers():
            images = [self._reconstruct_image(batch, index) for index in range(len(batch))]
        return stack_alike(images)

    def _reconstruct_image(self, batch, index):
        def again(network, pictures):
            return network.reconstruct(pictures[0]).clamp(0, 1)

        planes = scaled_planes(batch, index)
        return np.stack([self._run(again, plane[np.newaxis]) for plane in planes], axis=2)

    def _network_parameters(self):
        return {
            "base_channels": self.base_channels,
            "strategy": self.strategy,
            "l1_window": self.l1_window,
        }

    def _build(self):
        from sicf.fusion._densefuse_network import DenseFuseNetwork

        return DenseFuseNetwork(**self._network_parameters())

    def _phases(self, network):
        from sicf.fusion._densefuse_training import densefuse_phases

        return densefuse_phases(network, self.ssim_weight, self.ssim_kind)

    def _patches(self, batch, seed):
        return super()._patches(batch, seed, in_pairs=False)

    def _recipe(self):
        return super()._recipe(is_falling=True)

    def _check_own_parameters(self):
        check_whole_number("base_channels", self.base_channels)
        check_whole_number("l1_window", self.l1_window)
        if self.l1_window % 2 == 0:
            raise ValueError(f"l1_window must be odd. Got {self.l1_window} instead.")
        check_number("ssim_weight", self.ssim_weight)
        if self.ssim_weight < 0:
            raise ValueError(f"ssim_weight must be at least 0. Got {self.ssim_weight} instead.")
        for name, known in (("strategy", STRATEGIES), ("ssim_kind", SSIM_KINDS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} must be one of {known}. Got {getattr(self, name)!r} instead."
                )
