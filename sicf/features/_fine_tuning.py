"""Fine-tuning: from labelled images to the learnt weights of a network."""

import hashlib
import numbers
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save
from sklearn.base import clone

from sicf._worker_threads import torch_threads
from sicf.features._cache_key import describe, digest_image
from sicf.features._classification_head import Chain, Classifier, WholeNetwork
from sicf.features._network import read_input, run_to_layer
from sicf.features._seeded_torch import seeded_torch
from sicf.features._trained_part import find_trained
from sicf.features._training_loop import TrainingLoop
from sicf.features._training_pictures import TrainingPictures
from sicf.features._training_state import NoTrainingFile, TrainingFile
from sicf.features._validation_split import split_validation
from sicf.features._winograd import quicken


class Learnt(NamedTuple):
    """What a training run leaves: safetensors, rows of the loss curve, the epoch kept."""

    weights: bytes
    curve: list
    best_epoch: int


class FineTuning:
    """One training run of an embedder.

    Parameters
    ----------
    embedder : TorchEmbedder
        With checked parameters.
    recipe : TrainingRecipe
    batch : ImageBatch
    target : ndarray of int of shape (n,)
        Numbers of the classes, from 0.
    groups : ndarray of shape (n,) or None
    """

    def __init__(self, embedder, recipe, batch, target, groups):
        self.embedder = embedder
        self.recipe = recipe
        self.batch = batch
        self.target = target
        self.seed = int(embedder.random_state) % 2**32
        self.source = embedder._source()
        self.layer = embedder._layer_path()
        self.device = embedder._engine().used_device()
        self.augmenter = seeded_augmenter(embedder.augmenter, self.seed)
        self.split = split_validation(recipe.validation, target, groups, self.seed)
        self.file = self._open_file()
        self.saved = self.file.load()

    def run(self):
        """Train, and give what was learnt.

        Returns
        -------
        Learnt
        """
        on_cpu = self.device.type == "cpu"
        with torch_threads(self.recipe.n_threads) if on_cpu else nullcontext():
            loop = self._prepare()
            weights = loop.run(self.saved)
        return Learnt(save(weights), loop.curve, loop.best_epoch)

    def _prepare(self):
        network = self.source.build().to(self.device)
        as_they_are = self._pictures().take([0])
        self._check_output(network, as_they_are)
        part = find_trained(network, self.layer, self.embedder.fine_tune, as_they_are)
        network.requires_grad_(False)
        for name in part.parameters:
            network.get_parameter(name).requires_grad_(True)
        body, before = self._body(network, part)
        pictures = self._pictures(self.augmenter, before)
        tensors = {name: network.get_parameter(name) for name in part.parameters}
        tensors |= {name: network.get_buffer(name) for name in part.buffers}
        return TrainingLoop(
            self._classifier(body, pictures),
            tensors,
            pictures,
            self.target,
            self.split,
            self.recipe,
            self.seed,
            self.file,
            self._title(),
        )

    def _body(self, network, part):
        """What is trained as a module, and what is computed before it."""
        flatten = self.embedder._flatten
        if part.chain is None:
            return WholeNetwork(network, self.layer, flatten, part.modules), None
        if self.device.type == "cpu":
            quicken(network)
            for name in part.chain:
                # The quick way knows no gradients: what is trained goes torch's own.
                vars(network.get_submodule(name)).pop("forward", None)
        first = part.chain[0]
        body = Chain(network, part.chain, flatten)
        return body, lambda pictures: read_input(network, first, pictures)

    def _classifier(self, body, pictures):
        embedder = self.embedder
        with torch.no_grad():
            width = body.eval()(pictures.take([0])).shape[1]
        fusion = "mean" if embedder.fuse_sequences == "rgb" else embedder.fuse_sequences
        columns = width * (pictures.per_image if fusion == "concat" else 1)
        n_classes = int(self.target.max()) + 1
        shape = (pictures.per_image, fusion, columns, n_classes, self.recipe.dropout)
        with seeded_torch(self.seed):
            return Classifier(body, *shape).to(self.device)

    def _pictures(self, augmenter=None, before=None):
        embedder = self.embedder
        as_channels = embedder.fuse_sequences == "rgb"
        return TrainingPictures(
            self.batch,
            embedder.input_size,
            as_channels,
            self.device,
            augmenter=augmenter,
            before=before,
        )

    def _check_output(self, network, pictures):
        """An output that is no tensor, or has no columns, is named before any work."""
        with torch.no_grad():
            self.embedder._flatten(run_to_layer(network, self.layer, pictures))

    def _open_file(self):
        folder = self.embedder.checkpoint
        return NoTrainingFile() if folder is None else TrainingFile(folder, self._key())

    def _key(self):
        """Digest of the data and of all that changes the weights."""
        embedder = self.embedder
        depends = {
            "model": self.source.model,
            "code": embedder._code_of_model(),
            "weights": self.source.fingerprint(),
            "layer": self.layer,
            "pool": embedder._pool(),
            "scope": embedder.fine_tune,
            "fusion": embedder.fuse_sequences,
            "mask": embedder.mask,
            "input_size": embedder.input_size,
            "seed": self.seed,
            "recipe": self.recipe.get_params(),
            "device": self.device.type,
            "torch": torch.__version__,
            "split": list(self.split),
            "target": self.target,
        }
        digest = hashlib.sha256(describe(depends).encode())
        digest.update(self._augmenter_text().encode())
        for image in self.batch:
            digest.update(digest_image(image))
        return digest.hexdigest()[:40]

    def _augmenter_text(self):
        try:
            return describe(self.augmenter)
        except TypeError as exc:
            raise ValueError(
                "checkpoint needs an augmenter with parameters, as scikit-learn's estimators have, "
                f"to name its file after them. {exc}"
            ) from exc

    def _title(self):
        if not self.embedder.verbose:
            return None
        return f"{type(self.embedder).__name__}: fine-tuning on {len(self.split[0])} images"


def seeded_augmenter(augmenter, seed):
    """An augmenter without a seed of its own gets the embedder's: one seed, one result."""
    if augmenter is None:
        return None
    copy = clone(augmenter, safe=False)
    parameters = copy.get_params() if hasattr(copy, "get_params") else {}
    own = parameters.get("random_state", seed)
    if not isinstance(own, numbers.Integral):
        copy.set_params(random_state=seed)
    return copy


def encode_labels(y):
    """Number the classes of checked labels.

    Parameters
    ----------
    y : ndarray of shape (n,)

    Returns
    -------
    ndarray of int of shape (n,)
    """
    classes, target = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"y must hold at least 2 classes to train on. Got 1 class: {classes.tolist()[0]!r}."
        )
    return target
