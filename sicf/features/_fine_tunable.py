"""What an embedder has that can be fine-tuned in `fit`."""

import hashlib
import os

from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from sicf._one_for_each import one_for_each
from sicf._plain_state import PlainState
from sicf.features._learnt_network import LearntNetwork
from sicf.features._on_weights import OnWeights
from sicf.features._training_recipe import TrainingRecipe

FINE_TUNE = (None, "head", "all")
# Parameters that change how weights are learnt, and rows only by way of the weights.
TRAINING = ("fine_tune", "training", "augmenter", "checkpoint", "verbose")
LEARNT = ("weights_", "loss_curve_", "best_epoch_")


class FineTunable(OnWeights, PlainState):
    """Mixin of embedders with the parameters `TRAINING`.

    It needs `_source()`, which gives what is known of the frozen network.
    """

    # Asked for by itself, so that groups reach the validation split; see get_metadata_routing.
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def plot_loss_curve(self, ax=None):
        """Draw the training and the validation loss by epoch.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes one.

        Returns
        -------
        matplotlib Axes
        """
        from sicf.features._loss_figure import draw_loss_curve

        check_is_fitted(self, "loss_curve_")
        return draw_loss_curve(self, ax)

    def get_metadata_routing(self):
        """Say that `fit` asks for `groups` where it fine-tunes, and for nothing where it does not.

        Returns
        -------
        MetadataRequest
        """
        request = super().get_metadata_routing()
        if self.fine_tune is None:
            request.fit.add_request(param="groups", alias=False)
        return request

    def _fine_tune(self, batch, y, groups):
        """Check the labels, and train."""
        from sicf.features._fine_tuning import FineTuning, encode_labels

        if y is None:
            raise ValueError(
                f"fine_tune={self.fine_tune!r} needs y, the class of each image. Got None."
            )
        y = one_for_each(y, "y")
        groups = None if groups is None else one_for_each(groups, "groups")
        check_consistent_length(batch, y, groups)
        check_classification_targets(y)
        return FineTuning(self, self._recipe(), batch, encode_labels(y), groups).run()

    def _keep(self, learnt):
        """Turn what was learnt into attributes, and forget what an earlier fit learnt."""
        for name in LEARNT:
            vars(self).pop(name, None)
        if learnt is None:
            return
        import pandas as pd

        self.weights_ = learnt.weights
        self.loss_curve_ = pd.DataFrame(learnt.curve)
        self.best_epoch_ = learnt.best_epoch
        self.weights_fingerprint_ = hashlib.sha256(learnt.weights).hexdigest()
        self.weights_fingerprint_ = self._network().fingerprint()

    def _network(self):
        """The network that embeds: the frozen one, or what was learnt."""
        if self.fine_tune is None or not hasattr(self, "weights_"):
            return self._source()
        digest = self.weights_fingerprint_.partition(" ")[0]
        return LearntNetwork(self._source(), self.weights_, digest, self.fine_tune == "all")

    def _weights_outside(self):
        if self.fine_tune == "all":
            return None
        return self.weights_fingerprint_.rpartition(" on ")[2]

    def _check_learnt(self):
        if self.fine_tune is not None:
            check_is_fitted(self, "weights_")

    def _recipe(self):
        return TrainingRecipe() if self.training is None else self.training

    def _check_training(self):
        if self.fine_tune not in FINE_TUNE:
            raise ValueError(
                f"fine_tune must be one of {FINE_TUNE}. Got {self.fine_tune!r} instead."
            )
        if not isinstance(self._recipe(), TrainingRecipe):
            raise TypeError(f"training must be a TrainingRecipe. Got {self.training!r} instead.")
        self._recipe().check()
        if self.augmenter is not None and not hasattr(self.augmenter, "augment"):
            raise TypeError(
                "augmenter must have a method augment, as MRIAugmenter has. "
                f"Got {self.augmenter!r} instead."
            )
        if self.checkpoint is not None and not isinstance(self.checkpoint, (str, os.PathLike)):
            raise TypeError(
                f"checkpoint must be None or the name of a folder. Got {self.checkpoint!r} instead."
            )
