"""A search on disk: one file for each data set and setting, without pickle, never half written."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np

from sicf._atomic_file import check_writable, replace_file
from sicf.selection._lyrebird import Generation

FORMAT = "sicf Lyrebird search, 1"
FIELDS = ("population", "decoded", "costs")
DIGEST_BYTES = hashlib.sha256().digest_size


class Checkpoint:
    """The file of one search.

    Parameters
    ----------
    folder : path-like
        Made if need be.
    key : str
        Hexadecimal digest of the data and of all parameters that change the result.
    seed : int
        Of all draws of the search, if there is no file yet.

    Notes
    -----
    A file is the SHA-256 of what follows it, and then NumPy's ``.npz`` of arrays and one JSON text.
    """

    def __init__(self, folder, key, seed):
        self.path = Path(folder) / f"lyrebird-{key}.sicf"
        self.key = key
        self.seed = seed
        check_writable(Path(folder))

    def load(self):
        """What is on file.

        Returns
        -------
        dict or None
            `generation`, `rng_state`, `known` and `rows`; None where there is no file.

        Raises
        ------
        ValueError
            The file is damaged, or of other data or parameters.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        body = content[DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != content[:DIGEST_BYTES]:
            raise ValueError(f"Checkpoint {self.path} is damaged; delete it to search anew.")
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            text = json.loads(arrays["text"].item())
            if text["format"] != FORMAT or text["key"] != self.key:
                raise ValueError(
                    f"Checkpoint {self.path} was written by another search; delete or move it."
                )
            generation = Generation(
                text["t"], *(arrays[name] for name in FIELDS), text["n_evaluations"]
            )
            masks = arrays["masks"]
        known = zip(text["seeds"], masks, text["scores"], strict=True)
        self.seed = text["seed"]
        return {
            "generation": generation,
            "rng_state": text["rng_state"],
            "known": {(seed, bits.tobytes()): score for seed, bits, score in known},
            "rows": text["rows"],
        }

    def save(self, generation, log):
        """Write where a search stands; the file before it stays whole until then.

        Parameters
        ----------
        generation : Generation
        log : SearchLog
        """
        arrays = {name: getattr(generation, name) for name in FIELDS}
        text = {
            "format": FORMAT,
            "key": self.key,
            "t": generation.t,
            "n_evaluations": generation.n_evaluations,
            "seed": self.seed,
            "rng_state": log.rng.bit_generator.state,
            "seeds": [seed for seed, _ in log.fitness.known],
            "scores": list(log.fitness.known.values()),
            "rows": log.rows,
        }
        bits = [np.frombuffer(mask, np.uint8) for _, mask in log.fitness.known]
        body = io.BytesIO()
        np.savez(body, text=json.dumps(text), masks=np.array(bits), **arrays)
        replace_file(self.path, hashlib.sha256(body.getvalue()).digest(), body.getvalue())


class NoCheckpoint:
    """Stands for the file of a search that keeps none."""

    def __init__(self, seed):
        self.seed = seed

    def load(self):
        """Nothing is on file."""
        return None

    def save(self, generation, log):
        """Write nothing."""
