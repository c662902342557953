"""Rows of a network that sees a picture in patches, read at several layers: PatchResNet's."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sicf._batch import check_images
from sicf._number_checks import check_whole_number
from sicf._plain_state import PlainState
from sicf._worker_threads import one_torch_thread_in_workers
from sicf.features._network import NetworkSource, check_weights, find_factory
from sicf.features._network_code import code_of_model
from sicf.features._network_engine import NetworkEngine
from sicf.features._network_pictures import NetworkPictures
from sicf.features._on_weights import OnWeights
from sicf.features._patch_rows import PatchRows
from sicf.features._sequence_fusion import (
    check_fusion,
    check_sequence_names,
    fuse_sequences,
    fused_names,
)

POOLS = ("concat", "mean", "max")
# Those that cannot change a row; the fingerprint holds the seed where there are no weights.
FREE = ("batch_size", "weights", "random_state", "sequence_names", "device", "dtype")


class PatchDeepFeatures(OnWeights, PlainState, TransformerMixin, BaseEstimator):
    """Embed patches of each picture by a frozen network that is read at several layers [1]_.

    Parameters
    ----------
    model : str or callable, default="resnet50"
        As of :class:`TorchEmbedder`.
    layers : sequence of str, default=("avgpool", "fc")
        Dotted names of the modules whose outputs are taken, in one run of the network. A map of
        shape (C, h, w) is averaged over its places.
    weights : str, path, torchvision's enum member or None, default="IMAGENET1K_V1"
        As of :class:`TorchEmbedder`: torchvision's name, a file, or None for a seeded
        initialisation, which is not pretrained.
    patch_sizes : sequence of int, default=(32, 56, 112)
        Sides in pixels of the patches. They do not overlap; what does not fill a patch at the lower
        and right edges is left out.
    patch_resize : int or None, default=None
        Side in pixels to which each patch is resized. None shows the network the patch as it is,
        which costs about a twentieth of what the published 224 does.
    pool : {"concat", "mean", "max"}, default="concat"
        How the rows of a size's patches become one: one after the other from the top left, row by
        row, as published, or their mean or maximum.
    size : int, default=224
        The whole picture is first resized to a square of so many pixels, with antialiasing.
    fuse_sequences : {"mean", "max", "concat"}, default="mean"
        How the rows of several sequences become one. Each is put into all three channels.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    batch_size : int, default=64
        Patches in one forward pass. No part of the result.
    device : str or None, default=None
        As torch names it. None is "cuda" where there is one, else "cpu".
    dtype : {"float32", "bfloat16"}, default="float32"
        As of :class:`TorchEmbedder`.
    random_state : int, default=0
        Seed of the initialisation where `weights` is None.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.
    weights_fingerprint_ : str
        SHA-256 of the weights' file, or seed and versions of a seeded initialisation.

    See Also
    --------
    make_patch_resnet : The classifier that these columns were made for.
    TorchEmbedder : The whole picture, one layer; its notes on weights and pictures hold here too.

    Notes
    -----
    The columns of a layer and a size are a block, named after both: ``avgpool@32``, ``fc@112`` and
    so on. By "concat" at 224 pixels ResNet50 [2]_ gives 49, 16 and 4 times 2,048 and 1,000 columns:
    210,312 in all. By "mean" there are 9,144.

    Nothing is learnt, so :class:`CachedRows` takes it.

    References
    ----------
    .. [1] T. Muezzinoglu et al., "PatchResNet: multiple patch division-based deep feature fusion
       framework for brain tumor classification using MRI images", Journal of Digital Imaging 36,
       2023. :doi:`10.1007/s10278-023-00789-x`
    .. [2] K. He et al., "Deep residual learning for image recognition", CVPR 2016.
       :doi:`10.1109/CVPR.2016.90`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import PatchDeepFeatures
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> features = PatchDeepFeatures(
    ...     "squeezenet1_1", ("features.2", "features.3"), weights=None, patch_sizes=(32,), size=64
    ... )
    >>> features.fit_transform(X).shape
    (2, 768)
    >>> [str(name) for name in features.get_feature_names_out()[[0, 767]]]
    ['features.2@32_0_00', 'features.3@32_3_127']
    """

    def __init__(
        self,
        model="resnet50",
        layers=("avgpool", "fc"),
        *,
        weights="IMAGENET1K_V1",
        patch_sizes=(32, 56, 112),
        patch_resize=None,
        pool="concat",
        size=224,
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        batch_size=64,
        device=None,
        dtype="float32",
        random_state=0,
    ):
        self.model = model
        self.layers = layers
        self.weights = weights
        self.patch_sizes = patch_sizes
        self.patch_resize = patch_resize
        self.pool = pool
        self.size = size
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.batch_size = batch_size
        self.device = device
        self.dtype = dtype
        self.random_state = random_state

    def fit(self, X, y=None):
        """Check the images and find the weights; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self

        Raises
        ------
        WeightsUnavailableError
            Pretrained weights are not here and cannot be fetched.
        ValueError
            A weights' file is damaged or another network's, or a parameter is out of its range.
        """
        self._check_parameters()
        source = self._source()
        find_factory(source.model)
        batch = check_images(X, mask=self.mask)
        check_sequence_names(self.sequence_names, len(batch.sequence_channels))
        fingerprint = source.fingerprint()
        check_weights(source, fingerprint)
        self._engine().warn_of_other_dtype()
        self.n_channels_in_ = batch.n_channels
        self.weights_fingerprint_ = fingerprint
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
        seen = getattr(self, "n_channels_in_", None)
        batch = check_images(X, mask=self.mask, n_channels=seen)
        check_sequence_names(self.sequence_names, len(batch.sequence_channels))
        with one_torch_thread_in_workers():
            pictures = NetworkPictures(batch, self.size, as_channels=False)
            rows = self._patch_rows().of_pictures(pictures)[pictures.place]
        rows = rows.reshape(len(batch), -1, rows.shape[1])
        if not np.isfinite(rows).all():
            bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=(1, 2)))[0])
            raise ValueError(f"The network gave a non-finite number for image {bad}.")
        return np.ascontiguousarray(fuse_sequences(rows, self.fuse_sequences), dtype=np.float32)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns: layer, size, the patch by "concat", and a number.

        Parameters
        ----------
        input_features : Ignored

        Returns
        -------
        ndarray of str objects of shape (n_features,)
        """
        self._check_parameters()
        with one_torch_thread_in_workers():
            widths = self._patch_rows().widths()
        names = []
        for size in self.patch_sizes:
            for layer, width in zip(self.layers, widths[size], strict=True):
                names += self._block_names(f"{layer}@{size}", (self.size // size) ** 2, width)
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
        parameters = self.get_params(deep=False)
        return (
            {name: value for name, value in parameters.items() if name not in FREE}
            | {"weights": self._fingerprint(), "code": code_of_model(self.model)}
            | self._engine().rows_depend_on()
        )

    def _block_names(self, block, n_patches, width):
        digits = len(str(width - 1))
        columns = [f"{column:0{digits}d}" for column in range(width)]
        if self.pool != "concat":
            return [f"{block}_{column}" for column in columns]
        places = len(str(n_patches - 1))
        return [f"{block}_{n:0{places}d}_{column}" for n in range(n_patches) for column in columns]

    def _patch_rows(self):
        return PatchRows(
            lambda patches: self._engine().read_layers(
                self._source(), self._fingerprint(), self.layers, patches
            ),
            patch_sizes=self.patch_sizes,
            patch_resize=self.patch_resize,
            pool=self.pool,
            batch_size=self.batch_size,
        )

    def _fingerprint_now(self):
        return self._source().fingerprint()

    def _source(self):
        return NetworkSource(self.model, self.weights, self.random_state)

    def _engine(self):
        return NetworkEngine("torch", self.device, self.dtype)

    def _check_parameters(self):
        check_fusion(self.fuse_sequences)
        if self.pool not in POOLS:
            raise ValueError(f"pool must be one of {POOLS}. Got {self.pool!r} instead.")
        for name in ("batch_size", "size"):
            check_whole_number(name, getattr(self, name))
        if self.patch_resize is not None:
            check_whole_number("patch_resize", self.patch_resize)
        self._check_patch_sizes()
        if isinstance(self.layers, str) or not len(self.layers):
            raise ValueError(
                f"layers must be several names of modules. Got {self.layers!r} instead."
            )
        self._engine().check()
        if not isinstance(self.random_state, (int, np.integer)):
            raise TypeError(
                "random_state must be an int: a frozen network is the same whenever it is built. "
                f"Got {self.random_state!r} instead."
            )

    def _check_patch_sizes(self):
        sizes = self.patch_sizes
        if not np.iterable(sizes) or not len(sizes) or len(set(sizes)) != len(sizes):
            raise ValueError(f"patch_sizes must be different sides. Got {sizes!r} instead.")
        for size in sizes:
            check_whole_number("patch_sizes", size)
            if size > self.size:
                raise ValueError(
                    f"patch_sizes must be at most size={self.size}, the picture's side. "
                    f"Got {size} instead."
                )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags
