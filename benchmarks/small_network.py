"""A small convolutional network that is trained in a minute, for benchmarks without ImageNet."""

import numpy as np
import torch
from torch import nn

from sicf._batch import check_images
from sicf.features._network_pictures import NetworkPictures

INPUT = 64
BATCH = 32


class SmallNetwork(nn.Module):
    """Three convolutions, a map of 16 x 16 places, its mean, and a head of three classes."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(64, 3)

    def forward(self, pictures):
        return self.head(self.pool(self.features(pictures)).flatten(1))


def small_network():
    return SmallNetwork()


def train(images, y, path, *, epochs, seed):
    """Train on images as the network sees them, and save the weights.

    Parameters
    ----------
    images : ndarray of uint8 of shape (n, H, W, 3)
        Three sequences, which become the three channels.
    y : ndarray of int of shape (n,)
    path : path-like
        Of the weights.
    epochs, seed : int

    Returns
    -------
    path-like
    """
    torch.manual_seed(seed)
    pictures = NetworkPictures(check_images(images), INPUT, as_channels=True)
    pictures = pictures.tensor(0, len(pictures))[torch.from_numpy(pictures.place)]
    y = torch.from_numpy(np.asarray(y, np.int64))
    weight = len(y) / (3 * torch.bincount(y, minlength=3))
    network = SmallNetwork()
    optimizer = torch.optim.Adam(network.parameters(), 2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for some in torch.randperm(len(y)).split(BATCH):
            loss = nn.functional.cross_entropy(network(_augment(pictures[some])), y[some], weight)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    torch.save(network.state_dict(), path)
    return path


def save_untrained(path, *, seed):
    """Save the weights of a network that has learnt nothing."""
    torch.manual_seed(seed)
    torch.save(SmallNetwork().state_dict(), path)
    return path


def _augment(pictures):
    """Mirror some left to right, and shift all by a few pixels."""
    mirrored = torch.where(torch.rand(len(pictures), 1, 1, 1) < 0.5, pictures.flip(3), pictures)
    rows, columns = torch.randint(-5, 6, (2,)).tolist()
    return mirrored.roll((rows, columns), (2, 3))
