"""What all fusers share: parameters, training, weights, padding, three sequences in turn."""

import hashlib
import os

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sicf._batch import check_images, stack_alike
from sicf._number_checks import check_number, check_whole_number
from sicf._plain_state import PlainState
from sicf._without_columns import WithoutColumns
from sicf._worker_threads import one_torch_thread_in_workers
from sicf.features._cache_key import describe, digest_image
from sicf.features._network import check_device
from sicf.features._network_weights import SUFFIXES, is_file_name
from sicf.features._on_weights import OnWeights
from sicf.features._seeded_torch import seeded_torch
from sicf.fusion._fuser_weights import file_fingerprint, network_of
from sicf.fusion._scaled_planes import pad_planes, scaled_planes

# Parameters that change no weight of a training run, and no fused picture by themselves.
FREE = ("checkpoint", "verbose", "device", "random_state", "weights")
LEARNT = ("weights_", "weights_fingerprint_", "loss_curve_")


class ImageFuser(OnWeights, PlainState, WithoutColumns, BaseEstimator):
    """Base of the networks that fuse the sequences of each image into one picture.

    A subclass has the parameters that it shares with the others (`mask`, `weights`, `patch_size`,
    `n_patches`, `epochs`, `batch_size`, `learning_rate`, `n_threads`, `device`, `checkpoint`,
    `verbose`, `random_state`) and writes `_build`, `_phases`, `_network_parameters`, and where
    they differ `_sizes`, `_recipe`, `_patches`, `_check_own_parameters`.
    """

    # Rows in a step, and pixels a side, below which the network cannot be trained.
    _least_batch = 1
    _least_patch = 16

    def fit(self, X, y=None):
        """Train the network, or take its weights from the file that `weights` names.

        Parameters
        ----------
        X : array-like of shape (n, H, W, M), or list of (H, W, M) images
            Samples first, channels last, two co-registered sequences or more, beside the mask.
        y : Ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            X is no batch of images with two sequences or more; a parameter is out of its range; the
            weights' file is damaged or another network's; the loss is no longer finite.
        """
        self._check_parameters()
        batch = self._check_sequences(check_images(X, mask=self.mask))
        for name in LEARNT:
            vars(self).pop(name, None)
        if self.weights is None:
            self._train(batch)
        else:
            self.weights_fingerprint_ = file_fingerprint(self.weights)
            network_of(self)
        self.n_channels_in_ = batch.n_channels
        return self

    def transform(self, X):
        """Fuse the sequences of each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W, M), or list of (H, W, M) images
            With `weights` it needs no `fit` before.

        Returns
        -------
        ndarray of float32 of shape (n, H, W), or list of arrays where sizes differ
            In [0, 1]. With a mask, (n, H, W, 2): the picture, and the mask as it was.
        """
        if self.weights is None:
            check_is_fitted(self, "weights_fingerprint_")
        self._check_parameters()
        seen = getattr(self, "n_channels_in_", None)
        batch = self._check_sequences(check_images(X, mask=self.mask, n_channels=seen))
        with one_torch_thread_in_workers():
            return stack_alike([self._fuse_image(batch, index) for index in range(len(batch))])

    def rows_depend_on(self):
        """Say what the fused pictures depend on, for a cache.

        Returns
        -------
        dict
        """
        parameters = self.get_params(deep=False)
        return {name: value for name, value in parameters.items() if name not in FREE} | {
            "weights": self._fingerprint(),
            "device": self._device().type,
        }

    def _fuse_image(self, batch, index):
        planes = scaled_planes(batch, index)
        fused = planes[0]
        for plane in planes[1:]:
            fused = self._fuse_pair(fused, plane)
        if not np.isfinite(fused).all():
            raise ValueError(f"The network gave a non-finite number for image {index}.")
        if batch.mask is None:
            return fused
        return np.stack([fused, batch.labels(index).astype(np.float32)], axis=2)

    def _fuse_pair(self, first, second):
        return self._run(lambda network, pair: network.fuse(*pair), np.stack([first, second]))

    def _run(self, compute, planes):
        """Run the network on padded planes of shape (m, H, W); give one plane of (H, W)."""
        import torch

        rows, columns = planes.shape[1:]
        padded = torch.from_numpy(pad_planes(planes, *self._sizes()))[:, None, None]
        with torch.inference_mode():
            picture = compute(network_of(self), padded.to(self._device()))
        return picture[0, 0, :rows, :columns].cpu().numpy()

    def _train(self, batch):
        import pandas as pd

        from sicf.fusion._fuser_training import FuserTraining

        seed = self._seed()
        patches = self._patches(batch, seed)
        self._check_enough(len(patches))
        with seeded_torch(seed):
            network = self._build()
            phases = self._phases(network)
        for phase in phases:
            phase.network.to(self._device())
        file = self._training_file(batch, seed)
        title = f"{type(self).__name__}: training on {len(batch)} images" if self.verbose else None
        training = FuserTraining(phases, patches, self._recipe(), seed, file, title)
        self.weights_ = training.run()
        self.weights_fingerprint_ = hashlib.sha256(self.weights_).hexdigest()
        self.loss_curve_ = pd.DataFrame(training.curve)

    def _fingerprint_now(self):
        if self.weights is None:
            return getattr(self, "weights_fingerprint_", None)
        return file_fingerprint(self.weights)

    def _weights_outside(self):
        return None if self.weights is None else self.weights_fingerprint_

    def _training_file(self, batch, seed):
        from sicf.features._training_state import NoTrainingFile, TrainingFile

        if self.checkpoint is None:
            return NoTrainingFile()
        return TrainingFile(self.checkpoint, self._training_key(batch, seed))

    def _training_key(self, batch, seed):
        """Digest of the data and of all that changes the weights."""
        import torch

        parameters = self.get_params(deep=False)
        depends = {name: value for name, value in parameters.items() if name not in FREE}
        depends |= self._files_behind_training()
        depends |= {"seed": seed, "device": self._device().type, "torch": torch.__version__}
        try:
            text = f"{type(self).__name__} {describe(depends)}"
        except TypeError as exc:
            raise ValueError(
                f"checkpoint needs losses that can be imported, to name its file after them. {exc}"
            ) from exc
        digest = hashlib.sha256(text.encode())
        for image in batch:
            digest.update(digest_image(image))
        return digest.hexdigest()[:40]

    def _patches(self, batch, seed, **how):
        from sicf.fusion._training_patches import TrainingPatches

        return TrainingPatches(batch, self.patch_size, self.n_patches, seed, self._device(), **how)

    def _recipe(self, **more):
        from sicf.fusion._fuser_training import FuserRecipe

        return FuserRecipe(
            self.epochs, self.batch_size, self.learning_rate, n_threads=self.n_threads, **more
        )

    def _sizes(self):
        """Sides must be multiples of the first, and at least the second; images are padded."""
        return 1, 1

    def _seed(self):
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state) % 2**32
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _device(self):
        import torch

        return torch.device(self.device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def _check_sequences(self, batch):
        found = len(batch.sequence_channels)
        if found < 2:
            raise ValueError(
                f"{type(self).__name__} fuses 2 sequences or more, (n, H, W, 2). Got {found}."
            )
        return batch

    def _check_enough(self, n_patches):
        if n_patches < self._least_batch:
            raise ValueError(
                f"{type(self).__name__} is trained on at least {self._least_batch} patches, since "
                f"its normalisation needs several. Got {n_patches}; raise n_patches."
            )

    def _check_parameters(self):
        for name in ("n_patches", "epochs", "n_threads"):
            check_whole_number(name, getattr(self, name))
        check_whole_number("batch_size", self.batch_size, least=self._least_batch)
        check_number("learning_rate", self.learning_rate, above=0)
        self._check_own_parameters()
        self._check_patch_size()
        check_device(self.device)
        if self.weights is not None and not is_file_name(self.weights):
            raise ValueError(
                f"weights must be None or a file ({', '.join(SUFFIXES)}). "
                f"Got {self.weights!r} instead."
            )
        if self.checkpoint is not None and not isinstance(self.checkpoint, (str, os.PathLike)):
            raise TypeError(
                f"checkpoint must be None or the name of a folder. Got {self.checkpoint!r} instead."
            )

    def _check_patch_size(self):
        step, least = self._sizes()
        check_whole_number("patch_size", self.patch_size, least=max(self._least_patch, least))
        if self.patch_size % step:
            raise ValueError(
                f"patch_size must be a multiple of {step}. Got {self.patch_size} instead."
            )

    def _files_behind_training(self):
        """Hashes of files that a parameter names, by name: their content may change."""
        return {}

    def _check_own_parameters(self):
        """Raise where a parameter that is the subclass's alone is out of its range."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = self.weights is None
        tags.no_validation = True
        return tags
