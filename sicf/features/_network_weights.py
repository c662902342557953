"""Where a network's weights come from: torchvision by name, a file, and how they are checked."""

import hashlib
import os
import re
import tempfile
from enum import Enum
from functools import lru_cache
from pathlib import Path

TIMEOUT = 20
CHUNK = 1 << 20
SUFFIXES = (".pth", ".pt", ".safetensors")
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
# In the name of a user's file: as torchvision writes it, unless it is the day the file was saved.
DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
HASH_IN_USERS_NAME = re.compile(rf"-(?!{DAY})([0-9a-f]{{8}})\.\w+$")


class WeightsUnavailableError(RuntimeError):
    """Pretrained weights are neither on this machine nor to be had from their address."""


def find_weights(model, weights):
    """Find the file that holds the weights, fetching it where that is needed and possible.

    Parameters
    ----------
    model : str or callable
        The network; torchvision's weights need torchvision's name.
    weights : str, path or torchvision's enum member
        A name such as "IMAGENET1K_V1", or a ``.pth``, ``.pt`` or ``.safetensors`` file.

    Returns
    -------
    Path
    """
    if not isinstance(weights, (str, os.PathLike, Enum)):
        raise TypeError(
            "weights must be None, torchvision's name or the name of a file. Got "
            f"{type(weights).__name__} instead; a state dict goes into a file by torch.save."
        )
    if not is_file_name(weights):
        return fetch(_torchvision_address(model, weights))
    path = Path(weights)
    if not path.is_file():
        raise FileNotFoundError(f"weights must name a file that exists. Got {str(path)!r}.")
    _check_named_hash(path)
    return path


def is_file_name(weights):
    """Whether `weights` names a file, as opposed to weights that torchvision publishes."""
    return isinstance(weights, (str, os.PathLike)) and Path(weights).suffix in SUFFIXES


def fetch(url):
    """Get a file into torch's own folder of checkpoints, once, checked by the hash in its name.

    Parameters
    ----------
    url : str
        Its last part holds the first digits of the SHA-256, as in ``vgg16-397923af.pth``.

    Returns
    -------
    Path

    Raises
    ------
    WeightsUnavailableError
        Within `TIMEOUT` seconds of silence, when what came has another hash, or when the folder
        cannot be written.
    """
    from http.client import HTTPException

    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    path = folder / url.rpartition("/")[2]
    if path.is_file() and _has_hash(path, path.name):
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(url, path)
    except (OSError, HTTPException) as exc:
        raise WeightsUnavailableError(_how_to_get(url, path, exc)) from exc
    return path


def sha256(path):
    """SHA-256 of a file, 64 hexadecimal digits; computed once for each version of the file.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
    """
    path = Path(path).resolve()
    stat = path.stat()
    return _sha256(path, stat.st_size, stat.st_mtime_ns)


def read_state_dict(path):
    """Read a state dict without running code from the file.

    Parameters
    ----------
    path : path
        ``.safetensors``, or a torch file with a state dict, by itself or under "state_dict".

    Returns
    -------
    dict of str to Tensor

    Raises
    ------
    ValueError
        The file cannot be read as a state dict.
    """
    import torch

    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as exc:  # a damaged file raises whatever its reader met first
        raise ValueError(
            f"weights must be a file with a state dict. {path} cannot be read."
        ) from exc
    state = state.get("state_dict", state) if isinstance(state, dict) else state
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        raise ValueError(f"weights must be a file with a state dict. {path} holds something else.")
    return state


def _download(url, path):
    """Write under another name and move into place, so that half a file is never taken for one."""
    from urllib.request import urlopen

    handle, partial = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file, urlopen(url, timeout=TIMEOUT) as source:
            while chunk := source.read(CHUNK):
                file.write(chunk)
        if not _has_hash(partial, path.name):
            raise OSError("what the address gave has another hash")
        os.replace(partial, path)
    finally:
        Path(partial).unlink(missing_ok=True)


def _torchvision_address(model, weights):
    from torchvision.models import get_model_weights

    if not isinstance(model, str) or ":" in model:
        raise ValueError(
            "weights must be None or a file for a network that is not torchvision's. "
            f"Got {str(weights)!r} instead."
        )
    known = get_model_weights(model)
    if isinstance(weights, known):
        return weights.url
    if weights not in known.__members__:
        raise ValueError(
            f"weights must be None, a file ({', '.join(SUFFIXES)}) or one of "
            f"{list(known.__members__)}. Got {str(weights)!r} instead."
        )
    return known[weights].url


def _check_named_hash(path):
    """Hold a user's file to the hash in its name, where it has one."""
    expected = HASH_IN_USERS_NAME.search(path.name)
    if expected and not sha256(path).startswith(expected.group(1)):
        raise ValueError(
            f"weights must be the file that its name says. By its name the SHA-256 of {path} "
            f"begins with {expected.group(1)}. Got {sha256(path)[:8]} instead: the file is damaged "
            "or another one. If those digits are no hash, rename it."
        )


def _has_hash(path, name):
    expected = HASH_IN_NAME.search(name)
    return expected is None or sha256(path).startswith(expected.group(1))


@lru_cache(maxsize=32)
def _sha256(path, size, mtime_ns):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _how_to_get(url, path, reason):
    expected = HASH_IN_NAME.search(path.name)
    there = f" {path} is there, but broken." if path.is_file() else ""
    return (
        f"Pretrained weights cannot be had from {url} ({reason}).{there} Download that file on a "
        f"machine with network access and put it at {path}"
        + (f"; its SHA-256 begins with {expected.group(1)}" if expected else "")
        + f". Or give a file: weights='folder/{path.name}'. Or weights=None for a seeded "
        "initialisation, which is not a pretrained network."
    )
