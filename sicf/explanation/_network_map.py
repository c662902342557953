"""Grad-CAM: where in the picture the network found what the forest used."""

from threading import get_ident
from weakref import WeakKeyDictionary

import numpy as np

from sicf._batch import check_images
from sicf._worker_threads import one_torch_thread_in_workers
from sicf.features._network import _find_layer, _LayerReached, _stop_in_this_thread, loaded
from sicf.features._network_pictures import NetworkPictures

CAMS = ("grad", "hires")
# Weak, since the networks themselves are kept, and given up, elsewhere.
_places = WeakKeyDictionary()


def network_maps(embedder, image, weights, cam="grad"):
    """Map a weighted sum of the network's columns back to its last convolutional map.

    Parameters
    ----------
    embedder : TorchEmbedder
        Fitted.
    image : ndarray of shape (H, W) or (H, W, M)
        As the embedder sees it.
    weights : ndarray of shape (n_features,)
        One for each of its columns.
    cam : {"grad", "hires"}

    Returns
    -------
    ndarray of shape (S, h, w) or None
        One map for each sequence, or one by "rgb". None where the network has no convolutional map
        before its layer.
    """
    import torch

    batch = check_images([image], mask=embedder.mask)
    pictures = NetworkPictures(batch, embedder.input_size, embedder.fuse_sequences == "rgb")
    with one_torch_thread_in_workers():
        tensor = pictures.tensor(0, len(pictures))
        features, output = _forward_from_map(embedder, tensor)
        if features is None:
            return None
        place = torch.from_numpy(pictures.place)
        rows = embedder._flatten(output)[place].flatten(1)
        weights = torch.as_tensor(weights, dtype=rows.dtype, device=rows.device)
        score = _fuse(rows, embedder.fuse_sequences) @ weights
        (gradient,) = torch.autograd.grad(score, features)
        maps = _weigh(features.detach(), gradient, cam).float().cpu().numpy()
    # Pictures that are equal went through the network once, and share what was found.
    return maps[pictures.place] / np.bincount(pictures.place)[pictures.place, None, None]


def _weigh(features, gradient, cam):
    """Channels weighted by their mean gradient (Grad-CAM), or place by place (HiResCAM)."""
    if cam == "grad":
        gradient = gradient.mean(dim=(2, 3), keepdim=True)
    return (gradient * features).sum(dim=1)


def _fuse(rows, how):
    if how == "concat":
        return rows.flatten()
    return rows.amax(dim=0) if how == "max" else rows.mean(dim=0)


def _forward_from_map(embedder, tensor):
    """The last convolutional map, and the layer's output with gradients to it."""
    import torch

    device, layer = embedder._engine().used_device(), embedder._layer_path()
    network = loaded(embedder._network(), embedder._fingerprint(), device, torch.float32)
    tensor = tensor.to(device=device, memory_format=torch.channels_last)
    place = _place_of_map(network, layer, tuple(tensor.shape[1:]))
    if place is None:
        return None, None
    start = _GradientsFrom(place)
    with torch.no_grad():
        output = _run(network, layer, tensor, start)
    return start.features, output


def _place_of_map(network, layer, shape):
    """What `_find_place` finds, once for each network that is kept."""
    places = _places.setdefault(network, {})
    if (layer, shape) not in places:
        places[layer, shape] = _find_place(network, layer, shape)
    return places[layer, shape]


def _find_place(network, layer, shape):
    """Which of the modules, in the order of their calls, gives the last convolutional map.

    Of the modules whose output has the size of the last convolution's it is the last: behind its
    normalization, its ReLU and the sum of a residual block, before the pooling.
    """
    import torch

    calls = _Recorder()
    device = next(network.parameters()).device
    with torch.no_grad():
        _run(network, layer, torch.zeros(1, *shape, device=device), calls)
    sizes = calls.sizes
    convolutions = [k for k, found in enumerate(calls.convolves) if found and sizes[k]]
    if not convolutions:
        return None
    size = sizes[convolutions[-1]]
    return max(k for k, found in enumerate(sizes) if found == size)


def _run(network, layer, tensor, hook):
    """Run the network up to its layer, with a hook behind every module."""
    handles = [module.register_forward_hook(hook) for module in network.modules()]
    handles.append(_find_layer(network, layer).register_forward_hook(_stop_in_this_thread()))
    try:
        network(tensor)
    except _LayerReached as reached:
        return reached.output
    finally:
        for handle in handles:
            handle.remove()
    raise ValueError(f"layer must take part in the network's forward. {layer!r} was never called.")


class _Recorder:
    """A hook that notes, call by call, the size of a map and whether a convolution gave it."""

    def __init__(self):
        self.sizes, self.convolves = [], []
        self._thread = get_ident()

    def __call__(self, module, inputs, output):
        import torch

        if get_ident() != self._thread:
            return
        is_map = isinstance(output, torch.Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1
        self.sizes.append(tuple(output.shape[2:]) if is_map else None)
        self.convolves.append(isinstance(module, torch.nn.Conv2d))


class _GradientsFrom:
    """A hook that lets gradients begin at the output of one call, and at none before it."""

    def __init__(self, place):
        self.features = None
        self._place, self._calls, self._thread = place, 0, get_ident()

    def __call__(self, module, inputs, output):
        import torch

        if get_ident() != self._thread:
            return None
        self._calls += 1
        if self._calls - 1 != self._place:
            return None
        torch.set_grad_enabled(True)
        self.features = output.detach().clone().requires_grad_()
        # A copy, since what follows may write into it.
        return self.features.clone()
