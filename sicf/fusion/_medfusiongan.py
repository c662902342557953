"""MedFusionGAN: fusion of medical images by a U-shaped generator and a patch discriminator."""

import numbers

from sicf._number_checks import check_whole_number
from sicf.fusion._image_fuser import ImageFuser

MOST_DOWN = 6
LOSS_WEIGHTS = {
    "adversarial": 1.0,
    "l1": 1.0,
    "content": 0.2,
    "style": 0.1,
    "ssim": (1.0, 0.6),
    "tv": 1.0,
}


class MedFusionGAN(ImageFuser):
    """Fuse the sequences of each image by MedFusionGAN [1]_.

    A generator that comes down to a single pixel and up again is trained to make a picture that is
    like both sources, against a discriminator that tells pairs of sources from pairs of a source
    and the fused picture. 55,900,229 and 2,764,609 parameters at full width.

    Parameters
    ----------
    base_channels : int, default=32
        Maps of the generator's first layer; the discriminator's has twice as many.
    n_down : int, default=6
        Residual blocks that halve the picture, 1 to 6. Pictures are padded to multiples of
        ``2 ** (n_down + 2)``.
    loss_weights : dict, default=None
        Of parts of the generator's loss, in place of the defaults: "adversarial" 1, "l1" 1,
        "content" 0.2 (of the first source), "style" 0.1 (of the second), "ssim" (1, 0.6) for the
        two sources, "tv" 1 (roughness of what was added to each source).
    perceptual_weights : str, path or None, default="IMAGENET1K_V1"
        Weights of the VGG16 that compares content and style: torchvision's name, or a file. None
        leaves content and style out.
    weights : path, default=None
        None trains in `fit`. A ``.safetensors``, ``.pth`` or ``.pt`` file with the generator's
        state dict is taken as it is, and `fit` learns nothing.
    mask : int, default=None
        The channel that holds a mask; it is handed on and never fused.
    patch_size : int, default=256
        Side of the square patches that are trained on, at least 56 and a multiple of
        ``2 ** (n_down + 2)``. Half of them are mirrored left to right, and half top to bottom.
    n_patches : int, default=1
        Patches of each pair in each epoch.
    epochs : int, default=40
        Passes over the training pairs.
    batch_size : int, default=8
        Patches in one step of training, at least 2.
    learning_rate : float, default=2e-4
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
    of them is trained on. Images of any size are taken: they are
    continued by their own mirror image to a size that the generator takes, and cut afterwards.

    The networks are the published code's, which has no training loop, and lacks parts of its loss
    (QILV and VIF are left out here). The paper does not say what pair with three pictures the
    discriminator is shown: here the fused picture takes the place of each source in turn.

    On the CPU one seed gives one result, on one kind of processor and version of torch. On a GPU
    training is not repeatable to the last digit.

    References
    ----------
    .. [1] M. Safari et al., "MedFusionGAN: multimodal medical image fusion using an unsupervised
       deep generative adversarial network", BMC Medical Imaging 23, 2023.
       :doi:`10.1186/s12880-023-01160-w`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import MedFusionGAN
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 48, 50, 2), dtype=np.uint8)
    >>> fuser = MedFusionGAN(4, n_down=1, perceptual_weights=None, patch_size=56, epochs=1)
    >>> fuser.fit_transform(X).shape
    (2, 48, 50)
    """

    _least_batch = 2
    _least_patch = 56

    def __init__(
        self,
        base_channels=32,
        *,
        n_down=6,
        loss_weights=None,
        perceptual_weights="IMAGENET1K_V1",
        weights=None,
        mask=None,
        patch_size=256,
        n_patches=1,
        epochs=40,
        batch_size=8,
        learning_rate=2e-4,
        n_threads=1,
        device=None,
        checkpoint=None,
        verbose=0,
        random_state=0,
    ):
        self.base_channels = base_channels
        self.n_down = n_down
        self.loss_weights = loss_weights
        self.perceptual_weights = perceptual_weights
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
        return {"base_channels": self.base_channels, "n_down": self.n_down}

    def _build(self):
        from sicf.fusion._medfusiongan_networks import MedFusionGANGenerator

        return MedFusionGANGenerator(**self._network_parameters())

    def _phases(self, network):
        from sicf.fusion._medfusiongan_networks import MedFusionGANDiscriminator
        from sicf.fusion._medfusiongan_training import medfusiongan_phases
        from sicf.fusion._perception import Perception

        discriminator = MedFusionGANDiscriminator(2 * self.base_channels)
        perception = None
        if self.perceptual_weights is not None:
            perception = Perception(self.perceptual_weights, self._device())
        return medfusiongan_phases(network, discriminator, self._loss_weights(), perception)

    def _patches(self, batch, seed):
        return super()._patches(batch, seed, flips=True)

    def _recipe(self):
        return super()._recipe(betas=(0.5, 0.9999))

    def _sizes(self):
        step = 2 ** (self.n_down + 2)
        return step, step

    def _loss_weights(self):
        return LOSS_WEIGHTS | (self.loss_weights or {})

    def _check_own_parameters(self):
        check_whole_number("base_channels", self.base_channels)
        check_whole_number("n_down", self.n_down)
        if self.n_down > MOST_DOWN:
            raise ValueError(f"n_down must be at most {MOST_DOWN}. Got {self.n_down} instead.")
        unknown = set(self.loss_weights or {}) - set(LOSS_WEIGHTS)
        if unknown:
            raise ValueError(
                f"loss_weights must be among {list(LOSS_WEIGHTS)}. Got {sorted(unknown)} instead."
            )
        for name, weight in self._loss_weights().items():
            _check_weight(name, weight)


def _check_weight(name, weight):
    wanted = 2 if name == "ssim" else 1
    values = weight if isinstance(weight, (tuple, list)) else (weight,)
    if len(values) != wanted or not all(
        isinstance(value, numbers.Real) and value >= 0 for value in values
    ):
        raise ValueError(
            f"loss_weights[{name!r}] must be {wanted} number(s) of at least 0. Got {weight!r}."
        )
