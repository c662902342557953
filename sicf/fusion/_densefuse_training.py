"""What DenseFuse is trained on: to give back what it is given."""

from torch.nn import functional

from sicf.fusion._fuser_training import Phase
from sicf.fusion._fusion_losses import ssim


def densefuse_phases(network, ssim_weight, ssim_kind):
    """The one phase of DenseFuse's training.

    Parameters
    ----------
    network : DenseFuseNetwork
    ssim_weight : float
        Of one less the structural similarity, beside the mean squared error.
    ssim_kind : {"full", "cs"}

    Returns
    -------
    list of Phase
    """

    def loss(patches):
        again = network.reconstruct(patches.pictures)
        unlike = 1 - ssim(again, patches.pictures, ssim_kind).mean()
        return functional.mse_loss(again, patches.pictures) + ssim_weight * unlike

    return [Phase("loss", network, loss)]
