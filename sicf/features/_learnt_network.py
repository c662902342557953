"""A network whose weights were learnt in `fit` and travel with the estimator."""

import hashlib
from dataclasses import dataclass, field

from sicf.features._network import NetworkSource


@dataclass(frozen=True)
class LearntNetwork:
    """What has to be known to build a fine-tuned network again.

    Parameters
    ----------
    base : NetworkSource
        What it was before.
    weights : bytes
        The learnt tensors, as safetensors.
    digest : str
        Their SHA-256.
    is_whole : bool
        Whether they are all that the layer depends on, so that the base's own file is not needed.
    """

    base: NetworkSource
    weights: bytes = field(repr=False, compare=False)
    digest: str
    is_whole: bool

    @property
    def model(self):
        """The function, or its name, that makes the network."""
        return self.base.model

    def fingerprint(self):
        """SHA-256 of the learnt weights and, where it counts, what is known of the base's."""
        return self.digest if self.is_whole else f"{self.digest} on {self.base.fingerprint()}"

    def build(self):
        """Build the network, with the learnt weights, in evaluation mode."""
        from safetensors.torch import load

        if hashlib.sha256(self.weights).hexdigest() != self.digest:
            raise ValueError(
                "weights_ must be what fit learnt. Their SHA-256 is no longer "
                f"{self.digest[:16]}...: fit again."
            )
        network = self.base.construct() if self.is_whole else self.base.build()
        network.load_state_dict(load(self.weights), strict=False)
        return network.eval().requires_grad_(False)
