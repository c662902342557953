"""What stands on weights that are no part of it, and are found again by name and hash."""


class OnWeights:
    """Mixin of estimators with a parameter `weights` and a fitted `weights_fingerprint_`.

    A subclass writes `_fingerprint_now`, and `_weights_outside` where it can carry its weights.
    What loads an estimator asks the two others.
    """

    def _fingerprint_now(self):
        """Fingerprint of the weights as they are now; raises where there are none."""
        raise NotImplementedError

    def _fingerprint(self):
        """The same, where it is that which `fit` saw."""
        now = self._fingerprint_now()
        if getattr(self, "weights_fingerprint_", now) != now:
            raise ValueError(
                "The weights must be those that fit saw. Fit saw "
                f"{self.weights_fingerprint_!r}; now they are {now!r}."
            )
        return now

    def _weights_outside(self):
        """Of a fitted one: SHA-256 of its weights' file, a seed, or None if it carries them all."""
        return self.weights_fingerprint_
