"""What TSJNet is trained on: both sources' intensities and edges, and the tasks behind them."""

import torch
from torch.nn import functional

from sicf.fusion._fuser_training import Phase
from sicf.fusion._fusion_losses import sobel_strength, ssim

# The published weights, in the order of the sum below.
INTENSITY, GRADIENT, SIMILARITY, DIVERSITY, FIRST_AGAIN, SECOND_AGAIN = 20, 20, 10, 0.1, 6, 1


def tsjnet_phases(network, task_losses):
    """The one phase of TSJNet's training.

    Parameters
    ----------
    network : TSJNetNetwork
    task_losses : sequence of callable
        Each takes the fused pictures and the labels, and gives a scalar.

    Returns
    -------
    list of Phase
    """

    def loss(patches):
        first, second = patches.pictures.split(1, dim=1)
        fused, first_again, second_again, gates = network(first, second)
        total = fusion_loss(first, second, fused) + DIVERSITY * diversity(gates)
        total = total + FIRST_AGAIN * functional.mse_loss(first_again, first)
        total = total + SECOND_AGAIN * functional.mse_loss(second_again, second)
        return total + sum(task(fused, patches.labels) for task in task_losses)

    return [Phase("loss", network, loss)]


def fusion_loss(first, second, fused):
    """Distance to the brighter source and to the stronger edge, and unlikeness to both sources.

    Parameters
    ----------
    first, second, fused : Tensor of shape (b, 1, h, w)

    Returns
    -------
    Tensor, a scalar
    """
    edges = [sobel_strength(picture) for picture in (first, second, fused)]
    intensity = functional.l1_loss(fused, torch.maximum(first, second))
    gradient = functional.l1_loss(edges[2], torch.maximum(edges[0], edges[1]))
    strengths = [strength.mean(dim=(1, 2, 3)) for strength in edges[:2]]
    total = strengths[0] + strengths[1]
    # Two constant pictures have equal shares of no edge at all.
    share = torch.where(total > 0, strengths[0] / total.clamp_min(1e-12), 0.5)
    alike = share * ssim(fused, first) + (1 - share) * ssim(fused, second)
    return INTENSITY * intensity + GRADIENT * gradient + SIMILARITY * (1 - alike.mean())


def diversity(gates):
    """Low where at each place one gate is open and the others are shut.

    Parameters
    ----------
    gates : Tensor of shape (b, 8, h, w)
        In (0, 1).

    Returns
    -------
    Tensor, a scalar
    """
    return (1 - gates.amax(dim=1)).mean() + gates.mean()
