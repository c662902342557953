"""Batches of images as the pictures that a network takes, each different picture once."""

import hashlib

import numpy as np

from sicf._intensity import to_uint8

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class NetworkPictures:
    """The pictures that a network sees: each sequence of each image, or each image by "rgb".

    Parameters
    ----------
    batch : ImageBatch
    input_size : int
    as_channels : bool
        Whether three sequences are the channels of one picture.

    Attributes
    ----------
    place : ndarray of int of shape (number of pictures,)
        For each picture, which of the different ones it is: the row of its row.
    """

    def __init__(self, batch, input_size, as_channels):
        self.batch = batch
        self.input_size = input_size
        self.as_channels = as_channels
        self.per_image = 1 if as_channels else len(batch.sequence_channels)
        self._different, self.place = self._find_different()

    def __len__(self):
        """Number of different pictures."""
        return len(self._different)

    def planes(self, start, stop):
        """Different pictures `start` to `stop` as they are: a list of one or three planes each."""
        return [self._planes(index) for index in self._different[start:stop]]

    def tensor(self, start, stop):
        """The same as `as_tensor` makes them."""
        return as_tensor(self.planes(start, stop), self.input_size)

    def _planes(self, index):
        image, sequence = divmod(index, self.per_image)
        channels = self.batch.sequence_channels
        chosen = channels if self.as_channels else [channels[sequence]]
        return [self.batch[image][:, :, channel] for channel in chosen]

    def _find_different(self):
        """One index for each different picture, and for each picture the number of its own."""
        number = {}
        place = np.empty(len(self.batch) * self.per_image, np.intp)
        different = []
        for index in range(len(place)):
            digest = _digest(self._planes(index))
            if digest not in number:
                number[digest] = len(different)
                different.append(index)
            place[index] = number[digest]
        return different, place


def as_tensor(pictures, input_size):
    """Pictures resized, and normalised as for ImageNet.

    Parameters
    ----------
    pictures : list of list of ndarray of shape (H, W)
        The planes of each, one or three.
    input_size : int

    Returns
    -------
    Tensor of float32 of shape (b, 3, input_size, input_size)
        Channels last in memory.
    """
    import torch

    size = (len(pictures), 3, input_size, input_size)
    tensor = torch.empty(size, memory_format=torch.channels_last)
    mean = torch.tensor(IMAGENET_MEAN)[:, None, None]
    std = torch.tensor(IMAGENET_STD)[:, None, None]
    for place, planes in zip(tensor, pictures, strict=True):
        torch.sub(_resized(planes, input_size), mean, out=place).div_(std)
    return tensor


def _resized(planes, input_size):
    """One picture in [0, 1], of one channel where all three are alike."""
    import torch

    # np.stack copies, so torch never sees the caller's memory, which may be read-only.
    planes = np.stack([to_uint8(plane) for plane in planes])
    picture = torch.from_numpy(planes).float() / 255
    size = (input_size, input_size)
    if planes.shape[1:] == size:
        return picture
    return torch.nn.functional.interpolate(
        picture[None], size=size, mode="bilinear", antialias=True, align_corners=False
    )[0]


def _digest(planes):
    digest = hashlib.sha256()
    for plane in planes:
        digest.update(f"{plane.dtype.str} {plane.shape}\0".encode())
        digest.update(np.ascontiguousarray(plane).view(np.uint8).data)
    return digest.digest()
