"""FusingNetwork: what a fuser does with two pictures, as a network to be measured."""

from torch import nn

from sicf.features._seeded_torch import seeded_torch


class FusingNetwork(nn.Module):
    """A fuser's network, not trained, without what is for training alone.

    Parameters
    ----------
    fuser : ImageFuser
    """

    def __init__(self, fuser):
        super().__init__()
        with seeded_torch(0):
            self.network = fuser._build()

    def forward(self, first, second):
        """Fuse two batches of pictures, each of shape (b, 1, H, W)."""
        return self.network.fuse(first, second)
