"""Content and style of pictures, as the frozen layers of VGG16 see them.

References
----------
.. [1] J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual losses for real-time style transfer and
   super-resolution", ECCV 2016. :doi:`10.1007/978-3-319-46475-6_43`
"""

import torch
from torch import nn
from torch.nn import functional
from torchvision.models.vgg import cfgs, make_layers

from sicf.features._network_pictures import IMAGENET_MEAN, IMAGENET_STD
from sicf.features._network_weights import find_weights, read_state_dict

# After the ReLUs 1_2, 2_2, 3_3 and 4_3.
LAYERS = (3, 8, 15, 22)


class Perception:
    """Compares grey pictures in [0, 1], sides of at least 16.

    Parameters
    ----------
    weights : str or path
        Of VGG16: torchvision's name, or a file.
    device : torch.device
    """

    def __init__(self, weights, device):
        path = find_weights("vgg16", weights)
        state = read_state_dict(path)
        layers = make_layers(cfgs["D"], batch_norm=False)[: LAYERS[-1] + 1]
        wanted = {name: state.get(f"features.{name}") for name in layers.state_dict()}
        missing = [f"features.{name}" for name, tensor in wanted.items() if tensor is None]
        if missing:
            raise ValueError(
                f"perceptual_weights must be those of VGG16. {path} has no {missing[0]!r}."
            )
        layers.load_state_dict(wanted)
        # In place, a later layer would write over what an earlier one is compared by.
        self.layers = nn.Sequential(
            *(nn.ReLU() if isinstance(layer, nn.ReLU) else layer for layer in layers)
        )
        self.layers.to(device).eval().requires_grad_(False)

    def compare(self, fused, first, second):
        """Compare a fused picture's content with one source, and its style with the other.

        Parameters
        ----------
        fused, first, second : Tensor of shape (b, 1, h, w)

        Returns
        -------
        content : Tensor, a scalar
            Mean absolute difference of the maps from those of `first`, averaged over the layers.
        style : Tensor, a scalar
            Mean squared difference of the maps' Gram matrices from those of `second`, likewise.
        """
        maps = self._maps(fused)
        content = sum(map(functional.l1_loss, maps, self._maps(first)))
        grams = map(_gram, maps), map(_gram, self._maps(second))
        return content / len(LAYERS), sum(map(functional.mse_loss, *grams)) / len(LAYERS)

    def _maps(self, pictures):
        maps, found = in_imagenet_colours(pictures), []
        for number, layer in enumerate(self.layers):
            maps = layer(maps)
            if number in LAYERS:
                found.append(maps)
        return found


def in_imagenet_colours(pictures):
    """Grey pictures of shape (b, 1, h, w) in [0, 1] as ImageNet's networks take colour ones."""
    mean, std = (
        pictures.new_tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD)
    )
    return (pictures - mean) / std


def _gram(maps):
    flat = maps.flatten(2)
    return torch.bmm(flat, flat.transpose(1, 2)) / flat[0].numel()
