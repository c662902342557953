"""FusionGAN: fusion by a generator whose details a discriminator judges."""

from sicf._number_checks import check_number, check_whole_number
from sicf.fusion._image_fuser import ImageFuser


class FusionGAN(ImageFuser):
    """Fuse the sequences of each image by FusionGAN [1]_.

    A generator makes a picture with the intensities of one source and the gradients of the other;
    a discriminator, which learns to tell the fused picture from the second source, makes it show
    more of that one's details. 925,633 and 397,953 parameters at full width. On a CPU, train it
    with `base_channels` of at most 32.

    Parameters
    ----------
    base_channels : int, default=256
        Maps of the generator's first layer and of the discriminator's last, at least 8.
    intensity_source : {0, 1}, default=0
        Which of a pair gives the intensities, the infrared picture of the paper; the other gives
        the gradients. Of sequences that are fused in turn, what came before is number 0.
    lambda_content : float, default=100.0
        Of the content in the generator's loss, beside the discriminator's opinion; at least 0.
    xi : float, default=5.0
        Of the gradients in the content, beside the intensities; at least 0.
    n_critic : int, default=2
        Steps of the discriminator for each one of the generator.
    weights : path, default=None
        None trains in `fit`. A ``.safetensors``, ``.pth`` or ``.pt`` file with the generator's
        state dict is taken as it is, and `fit` learns nothing.
    mask : int, default=None
        The channel that holds a mask; it is handed on and never fused.
    patch_size : int, default=132
        Side of the square patches that are trained on, at least 43; the fused patch is 12 smaller.
    n_patches : int, default=4
        Patches of each pair in each epoch. The paper cuts all that lie 14 pixels apart.
    epochs : int, default=10
        Passes over the training pairs.
    batch_size : int, default=32
        Patches in one step of training, at least 2.
    learning_rate : float, default=1e-4
        Of Adam, for both networks.
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
        Where `fit` has trained: the generator's state dict, as safetensors. Written to a file, it
        is what `weights` takes.
    weights_fingerprint_ : str
        SHA-256 of `weights_` or of the file.
    loss_curve_ : DataFrame
        Where `fit` has trained: for each `epoch` the `discriminator_loss`, the
        `generator_loss` and the `learning_rate`.

    See Also
    --------
    DenseFuse : Trains in minutes on a CPU.

    Notes
    -----
    Eight-bit images are divided by 255; any other dtype is stretched, each sequence of each image
    from its own minimum to its maximum, so that a constant one becomes 0. More than two sequences
    are fused in turn: the first two, then what came of them with the third, and so on; every pair
    of them is trained on. Images of any size are taken: the generator
    takes 6 pixels off each edge, which is continued by so many first.

    Losses, soft labels and spectral normalisation are the published code's. Patches are drawn at
    random, and shuffled; the published code takes them in their order.

    On the CPU one seed gives one result, on one kind of processor and version of torch. On a GPU
    training is not repeatable to the last digit.

    References
    ----------
    .. [1] J. Ma et al., "FusionGAN: a generative adversarial network for infrared and visible image
       fusion", Information Fusion 48, 2019. :doi:`10.1016/j.inffus.2018.09.004`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import FusionGAN
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 48, 50, 2), dtype=np.uint8)
    >>> fuser = FusionGAN(8, patch_size=48, n_patches=1, epochs=1)
    >>> fuser.fit_transform(X).shape
    (2, 48, 50)
    """

    _least_batch = 2
    _least_patch = 43

    def __init__(
        self,
        base_channels=256,
        *,
        intensity_source=0,
        lambda_content=100.0,
        xi=5.0,
        n_critic=2,
        weights=None,
        mask=None,
        patch_size=132,
        n_patches=4,
        epochs=10,
        batch_size=32,
        learning_rate=1e-4,
        n_threads=1,
        device=None,
        checkpoint=None,
        verbose=0,
        random_state=0,
    ):
        self.base_channels = base_channels
        self.intensity_source = intensity_source
        self.lambda_content = lambda_content
        self.xi = xi
        self.n_critic = n_critic
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
        return {"base_channels": self.base_channels, "intensity_source": self.intensity_source}

    def _build(self):
        from sicf.fusion._fusiongan_networks import FusionGANGenerator

        return FusionGANGenerator(**self._network_parameters())

    def _phases(self, network):
        from sicf.fusion._fusiongan_networks import MARGIN, FusionGANDiscriminator
        from sicf.fusion._fusiongan_training import fusiongan_phases

        discriminator = FusionGANDiscriminator(self.base_channels, self.patch_size - 2 * MARGIN)
        return fusiongan_phases(network, discriminator, self.lambda_content, self.xi, self.n_critic)

    def _check_own_parameters(self):
        check_whole_number("base_channels", self.base_channels, least=8)
        check_whole_number("n_critic", self.n_critic)
        if self.intensity_source not in (0, 1):
            raise ValueError(
                f"intensity_source must be 0 or 1. Got {self.intensity_source!r} instead."
            )
        for name in ("lambda_content", "xi"):
            check_number(name, getattr(self, name))
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0. Got {getattr(self, name)} instead.")
