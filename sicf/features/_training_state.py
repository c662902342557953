"""Where a training run stands, on disk: without pickle, never half written, for one run alone."""

import hashlib
import json
import time
from pathlib import Path

from safetensors.torch import load, save

from sicf._atomic_file import check_writable, replace_file

FORMAT = "sicf training, 1"
DIGEST_BYTES = hashlib.sha256().digest_size
# Writing takes at most this share of the time, however large the network.
SHARE = 0.1


class TrainingFile:
    """The file of one training run.

    Parameters
    ----------
    folder : path-like
        Made if need be.
    key : str
        Hexadecimal digest of the data and of all that changes the result.

    Notes
    -----
    A file is the SHA-256 of what follows it, and then safetensors, with one JSON text among its
    metadata. A run may go on from any epoch and comes to the same weights, so not every epoch need
    be written.
    """

    def __init__(self, folder, key):
        self.path = Path(folder) / f"training-{key}.sicf"
        self.key = key
        self._next = 0.0
        check_writable(Path(folder))

    def load(self):
        """What is on file.

        Returns
        -------
        (dict of str to Tensor, dict) or None
            Tensors, and what else is known; None where there is no file.

        Raises
        ------
        ValueError
            The file is damaged, or of another run.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        body = content[DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != content[:DIGEST_BYTES]:
            raise ValueError(f"Checkpoint {self.path} is damaged; delete it to train anew.")
        text = _text_of(body)
        if text.get("format") != FORMAT or text.get("key") != self.key:
            raise ValueError(
                f"Checkpoint {self.path} was written by another training; delete or move it."
            )
        return load(body), text

    def save(self, tensors, text, *, must=False):
        """Write where a run stands, if the last writing is long enough ago.

        Parameters
        ----------
        tensors : callable
            Gives a dict of str to Tensor.
        text : dict
            What JSON can hold.
        must : bool, default=False
            Write in any case.
        """
        start = time.monotonic()
        if start < self._next and not must:
            return
        text = {"format": FORMAT, "key": self.key, **text}
        whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors().items()}
        body = save(whole, metadata={"text": json.dumps(text)})
        replace_file(self.path, hashlib.sha256(body).digest(), body)
        end = time.monotonic()
        self._next = end + (end - start) / SHARE


class NoTrainingFile:
    """Stands for the file of a run that keeps none."""

    def load(self):
        """Nothing is on file."""
        return None

    def save(self, tensors, text, *, must=False):
        """Write nothing."""


def _text_of(body):
    """The JSON text in the header of safetensors, which begins with its own length."""
    try:
        length = int.from_bytes(body[:8], "little")
        return json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["text"])
    except (KeyError, TypeError, ValueError):
        return {}
