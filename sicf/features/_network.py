"""A network that is read at one of its layers, loaded once in a process."""

import difflib
import inspect
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from threading import get_ident

from sicf.features._cache_key import describe
from sicf.features._kept import Kept
from sicf.features._network_weights import find_weights, is_file_name, read_state_dict, sha256
from sicf.features._seeded_torch import seeded_torch
from sicf.features._winograd import quicken

KEPT = 2
_networks = Kept(KEPT)


@dataclass(frozen=True)
class NetworkSource:
    """What has to be known to build the same network again.

    Parameters
    ----------
    model : str or callable
        torchvision's name, "package.module:function", or a function that returns a module.
    weights : str, path, torchvision's enum member or None
        torchvision's name, a file, or None for torch's own initialisation under `seed`.
    seed : int
    """

    model: object
    weights: object
    seed: int

    def fingerprint(self):
        """SHA-256 of the weights' file, or what a seeded initialisation depends on."""
        if self.weights is not None:
            return sha256(find_weights(self.model, self.weights))
        import torch
        import torchvision

        return f"seed {self.seed}, torch {torch.__version__}, torchvision {torchvision.__version__}"

    def build(self):
        """Build the network, with its weights, in evaluation mode."""
        network = self.construct()
        if self.weights is not None:
            path = find_weights(self.model, self.weights)
            _load(network, read_state_dict(path), path)
        return network.eval().requires_grad_(False)

    def construct(self):
        """Let the factory make the network, and leave torch's own generators as they were."""
        import torch

        factory = find_factory(self.model)
        with seeded_torch(self.seed):
            network = factory()
        if not isinstance(network, torch.nn.Module):
            raise TypeError(
                f"model must give a torch.nn.Module. {describe(self.model)} gave "
                f"{type(network).__name__} instead."
            )
        return network


@lru_cache(maxsize=32)
def check_weights(source, fingerprint):
    """Raise where a user's file of weights is damaged or another network's, without building it.

    A network whose rows are all in a cache is never built, so `fit` compares the file with torch's
    "meta" network, which has shapes and no numbers, once in a process.

    Parameters
    ----------
    source : NetworkSource
    fingerprint : str
        Of its weights, so that a file that changed is checked again.
    """
    import torch

    # What torchvision publishes under a network's name has been checked by its hash.
    if source.weights is None or not is_file_name(source.weights):
        return
    path = find_weights(source.model, source.weights)
    state = read_state_dict(path)
    try:
        with warnings.catch_warnings(action="ignore"), torch.device("meta"):
            network = source.construct()
    except Exception:
        # A user's function may need real numbers; then it is compared when it is built.
        return
    _load(network, state, path, assign=True)


def check_device(device):
    """Raise where torch does not know a device, or this machine does not have it.

    Parameters
    ----------
    device : str, torch.device or None
    """
    import torch

    if device is None:
        return
    try:
        found = torch.device(device)
        # Asked by its number: a tensor on a GPU would cost `fit` the memory of a CUDA context.
        if found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
            raise RuntimeError(f"torch sees {torch.cuda.device_count()} GPU(s)")
        if found.type != "cuda":
            torch.zeros(1, device=found).cpu()
    except Exception as exc:
        reason = str(exc).partition("\n")[0][:200]
        raise ValueError(
            "device must be None or a device of this machine, such as 'cpu' or 'cuda'. "
            f"Got {device!r} instead: {reason}."
        ) from exc


def computes_in(device, dtype):
    """Whether a device has arithmetic of its own for a precision.

    Where a CPU has none, torch falls back to loops that take several times as long as float32.

    Parameters
    ----------
    device : torch.device
    dtype : {"float32", "bfloat16"}

    Returns
    -------
    bool
    """
    import torch

    if dtype == "float32" or device.type not in ("cpu", "cuda"):
        return True
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def loaded(source, fingerprint, device, dtype):
    """Get a network on its device; the last few are kept for the life of the process.

    Parameters
    ----------
    source : NetworkSource
    fingerprint : str
        Of its weights, so that a file that changed is another network.
    device : torch.device
    dtype : torch.dtype

    Returns
    -------
    torch.nn.Module
        In evaluation mode, without gradients.
    """
    key = (describe(source.model), fingerprint, str(device), str(dtype))
    return _networks.get(key, lambda: _place(source.build(), device, dtype))


def _place(network, device, dtype):
    import torch

    # Channels last is the faster layout on CPU and GPU alike; results differ by rounding.
    network = network.to(device=device, dtype=dtype, memory_format=torch.channels_last)
    return quicken(network) if device.type == "cpu" else network


def find_factory(model):
    """Turn the parameter `model` into a function that builds the network.

    Parameters
    ----------
    model : str or callable

    Returns
    -------
    callable
    """
    _check_not_network(model)
    if callable(model):
        return _importable(model)
    if not isinstance(model, str):
        raise TypeError(f"model must be a name or a function. Got {type(model).__name__} instead.")
    return _import_factory(model) if ":" in model else _torchvision_factory(model)


def _check_not_network(model):
    import torch

    if isinstance(model, torch.nn.Module):
        raise TypeError(
            "model must be a name or a function that builds the network, not the network itself: "
            "clone would copy it and a pickle would hold all its weights. Write a function that "
            "returns it, save its state_dict, and give weights='file.pth'."
        )


def _import_factory(path):
    module, _, name = path.partition(":")
    try:
        factory = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as exc:
        raise ValueError(
            "model must name a function that can be imported, as 'package.module:function'. "
            f"Got {path!r} instead: {exc}."
        ) from exc
    _check_not_network(factory)
    if not callable(factory):
        raise TypeError(
            f"model must name a function. {path!r} is a {type(factory).__name__} instead."
        )
    return factory


def _torchvision_factory(model):
    from torchvision.models import get_model, list_models

    if model not in list_models():
        near = difflib.get_close_matches(model, list_models())
        raise ValueError(
            f"model must be a torchvision model or 'module:function'. Got {model!r} instead"
            + (f"; near: {', '.join(near)}." if near else ".")
        )
    return lambda: get_model(model, weights=None)


def read_layer(network, layer, pictures):
    """Run the network up to one layer and return what that layer gave.

    Parameters
    ----------
    network : torch.nn.Module
    layer : str
        Dotted name, as in `network.named_modules()`.
    pictures : Tensor of shape (b, 3, H, W)

    Returns
    -------
    Tensor of shape (b, ...)
    """
    import torch

    with torch.inference_mode():
        return run_to_layer(network, layer, pictures)


def read_layers(network, layers, pictures):
    """Run the network once and return what several of its layers gave.

    Parameters
    ----------
    network : torch.nn.Module
    layers : sequence of str
        Dotted names, as in `network.named_modules()`.
    pictures : Tensor of shape (b, 3, H, W)

    Returns
    -------
    list of Tensor of shape (b, ...)
        In the order of `layers`. Nothing is computed after the last of them.
    """
    import torch

    found, thread = {}, get_ident()

    def keep(name, module, inputs, output):
        if get_ident() != thread:
            return
        # A copy, since what comes after a layer may write into its output.
        found[name] = output.clone()
        if len(found) == len(set(layers)):
            raise _LayerReached(None)

    handles = [
        _find_layer(network, name).register_forward_hook(partial(keep, name)) for name in layers
    ]
    try:
        with torch.inference_mode(), suppress(_LayerReached):
            network(pictures)
    finally:
        for handle in handles:
            handle.remove()
    missing = [name for name in layers if name not in found]
    if missing:
        raise ValueError(
            f"layers must take part in the network's forward. {missing} were never called."
        )
    return [found[name] for name in layers]


def run_to_layer(network, layer, pictures):
    """The same, with gradients where these are switched on."""
    handle = _find_layer(network, layer).register_forward_hook(_stop_in_this_thread())
    try:
        network(pictures)
    except _LayerReached as reached:
        return reached.output
    finally:
        handle.remove()
    raise ValueError(f"layer must take part in the network's forward. {layer!r} was never called.")


def read_input(network, layer, pictures):
    """Run the network up to one layer and return what that layer would be given.

    Parameters
    ----------
    network, layer, pictures
        As in `read_layer`.

    Returns
    -------
    Tensor of shape (b, ...)
        Without gradients, but one that may take part where there are some.
    """
    import torch

    hook = _stop_in_this_thread()
    handle = _find_layer(network, layer).register_forward_pre_hook(
        lambda module, inputs: hook(module, inputs, inputs[0])
    )
    try:
        with torch.no_grad():
            network(pictures)
    except _LayerReached as reached:
        return reached.output
    finally:
        handle.remove()
    raise ValueError(f"layer must take part in the network's forward. {layer!r} was never called.")


class _LayerReached(Exception):
    """Carries a layer's output past the layers that need not be computed."""

    def __init__(self, output):
        super().__init__()
        self.output = output


def _stop_in_this_thread():
    """A hook that leaves alone what another thread computes by the same network."""
    thread = get_ident()

    def stop(module, inputs, output):
        if get_ident() == thread:
            raise _LayerReached(output)

    return stop


def _find_layer(network, layer):
    layers = dict(network.named_modules())
    if layer not in layers or not layer:
        near = difflib.get_close_matches(str(layer), list(layers), n=5, cutoff=0.4)
        raise ValueError(
            f"layer must be one of the network's {len(layers) - 1} named modules. Got {layer!r} "
            f"instead; near: {', '.join(near) or ', '.join(list(layers)[1:6])}."
        )
    return layers[layer]


def _load(network, state, path, assign=False):
    try:
        network.load_state_dict(state, assign=assign)
    except RuntimeError as exc:
        detail = "; ".join(line.strip() for line in str(exc).splitlines()[1:])
        raise ValueError(f"The weights in {path} are of another network. {detail[:400]}") from exc


def _importable(function):
    name = getattr(function, "__qualname__", "")
    found = inspect.getmodule(function)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not function:
        raise TypeError(
            "model must be a function that can be imported, so that another process finds it. "
            f"Got {function!r} instead."
        )
    return function
