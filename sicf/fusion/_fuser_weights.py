"""The network of a fitted fuser: built from what it learnt or from a file, kept in the process."""

import hashlib

from sicf.features._cache_key import describe
from sicf.features._kept import Kept
from sicf.features._network_weights import find_weights, read_state_dict, sha256
from sicf.features._seeded_torch import seeded_torch

KEPT = 2
_networks = Kept(KEPT)


def file_fingerprint(weights):
    """SHA-256 of a file of weights.

    Parameters
    ----------
    weights : path

    Returns
    -------
    str
    """
    return sha256(find_weights(None, weights))


def network_of(fuser):
    """Get the network of a fuser, with its weights, on its device.

    Parameters
    ----------
    fuser : ImageFuser
        That is fitted, or has a file of weights.

    Returns
    -------
    torch.nn.Module
        In evaluation mode, without gradients; the last few are kept for the life of the process.

    Raises
    ------
    ValueError
        The weights are no longer those that fit saw, or are those of another network.
    """
    device = fuser._device()
    settings = describe(fuser._network_parameters())
    key = (type(fuser).__name__, settings, fuser._fingerprint(), str(device))
    return _networks.get(key, lambda: _load(fuser).to(device).eval().requires_grad_(False))


def _load(fuser):
    with seeded_torch(0):
        network = fuser._build()
    state, source = _state(fuser)
    try:
        network.load_state_dict(state)
    except RuntimeError as exc:
        settings = ", ".join(f"{k}={value!r}" for k, value in fuser._network_parameters().items())
        detail = "; ".join(line.strip() for line in str(exc).splitlines()[1:])
        raise ValueError(
            f"weights must be those of {type(fuser).__name__} with {settings}. "
            f"{source} holds others: {detail[:300]}"
        ) from exc
    return network


def _state(fuser):
    """Tensors by name, and where they come from."""
    if fuser.weights is not None:
        return read_state_dict(fuser.weights), fuser.weights
    from safetensors.torch import load

    if hashlib.sha256(fuser.weights_).hexdigest() != fuser.weights_fingerprint_:
        raise ValueError(
            "weights_ must be what fit learnt. Their SHA-256 is no longer "
            f"{fuser.weights_fingerprint_[:16]}...: fit again."
        )
    return load(fuser.weights_), "weights_"
