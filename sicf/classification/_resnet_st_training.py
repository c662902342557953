"""Training of a ResNetST: from labelled images to its weights."""

import hashlib
from contextlib import nullcontext

import torch
from safetensors.torch import save

from sicf._worker_threads import torch_threads
from sicf.classification._resnet_st import ResNetST
from sicf.features._cache_key import describe, digest_image
from sicf.features._fine_tuning import Learnt, seeded_augmenter
from sicf.features._network_weights import find_weights, read_state_dict, sha256
from sicf.features._seeded_torch import seeded_torch
from sicf.features._training_loop import TrainingLoop
from sicf.features._training_pictures import TrainingPictures
from sicf.features._training_state import NoTrainingFile, TrainingFile
from sicf.features._validation_split import split_validation


class ImageScores(torch.nn.Module):
    """Scores of images from those of their pictures, one column a class.

    Parameters
    ----------
    network : ResNetST
        With two classes it has one output, the second class's against a first that is always 0.
    per_image : int
        Pictures that make one image.
    """

    def __init__(self, network, per_image):
        super().__init__()
        self.network = network
        self.per_image = per_image

    @property
    def head(self):
        """What a training keeps beside the network, of which its head is a part: nothing."""
        return torch.nn.Identity()

    def forward(self, pictures):
        scores = self.network(pictures)
        scores = scores.reshape(-1, self.per_image, scores.shape[1]).mean(dim=1)
        if scores.shape[1] == 1:
            # The cross-entropy of (0, s) is the binary one of s.
            scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
        return scores


class ResNetSTTraining:
    """One training run of a classifier.

    Parameters
    ----------
    classifier : ResNetSTClassifier
        With checked parameters.
    recipe : CosineRecipe
    batch : ImageBatch
    target : ndarray of int of shape (n,)
        Numbers of the classes, from 0.
    groups : ndarray of shape (n,) or None
    device : torch.device
    """

    def __init__(self, classifier, recipe, batch, target, groups, device):
        self.classifier = classifier
        self.recipe = recipe
        self.batch = batch
        self.target = target
        self.device = device
        self.seed = int(classifier.random_state) % 2**32
        self.augmenter = seeded_augmenter(classifier.augmenter, self.seed)
        self.split = split_validation(recipe.validation, target, groups, self.seed)
        folder = classifier.checkpoint
        self.file = NoTrainingFile() if folder is None else TrainingFile(folder, self._key())
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
        network = self._network().to(self.device)
        pictures = TrainingPictures(
            self.batch,
            self.classifier.input_size,
            self.classifier.fuse_sequences == "rgb",
            self.device,
            augmenter=self.augmenter,
        )
        return TrainingLoop(
            ImageScores(network, pictures.per_image),
            network.state_dict(keep_vars=True),
            pictures,
            self.target,
            self.split,
            self.recipe,
            self.seed,
            self.file,
            self._title(),
        )

    def _network(self):
        with seeded_torch(self.seed):
            network = ResNetST(**self.classifier.network_shape(int(self.target.max()) + 1))
        if self.classifier.weights is None:
            return network
        path = find_weights("ResNetST", self.classifier.weights)
        try:
            network.load_state_dict(read_state_dict(path))
        except RuntimeError as exc:
            raise ValueError(f"The weights in {path} are of another network. {exc}") from exc
        return network

    def _key(self):
        """Digest of the data and of all that changes the weights."""
        weights = self.classifier.weights
        depends = {
            "shape": self.classifier.network_shape(int(self.target.max()) + 1),
            "weights": weights and sha256(find_weights("ResNetST", weights)),
            "fusion": self.classifier.fuse_sequences,
            "mask": self.classifier.mask,
            "seed": self.seed,
            "recipe": self.recipe.get_params(),
            "augmenter": self.augmenter,
            "device": self.device.type,
            "torch": torch.__version__,
            "split": list(self.split),
            "target": self.target,
        }
        digest = hashlib.sha256(describe(depends).encode())
        for image in self.batch:
            digest.update(digest_image(image))
        return digest.hexdigest()[:40]

    def _title(self):
        if not self.classifier.verbose:
            return None
        return f"ResNetSTClassifier: training on {len(self.split[0])} images"
