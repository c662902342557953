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

    def tensor(self, start, stop):
        """Different pictures `start` to `stop`, normalised as for ImageNet.

        Returns
        -------
        Tensor of float32 of shape (b, 3, size, size)
            Channels last in memory.
        """
        import torch

        size = (stop - start, 3, self.input_size, self.input_size)
        pictures = torch.empty(size, memory_format=torch.channels_last)
        mean = torch.tensor(IMAGENET_MEAN)[:, None, None]
        std = torch.tensor(IMAGENET_STD)[:, None, None]
        for picture, index in zip(pictures, self._different[start:stop], strict=True):
            torch.sub(self._resized(index), mean, out=picture).div_(std)
        return pictures

    def _resized(self, index):
        """One picture in [0, 1], of one channel where all three are alike."""
        import torch

        # np.stack copies, so torch never sees the caller's memory, which may be read-only.
        planes = np.stack([to_uint8(plane) for plane in self._planes(index)])
        picture = torch.from_numpy(planes).float() / 255
        size = (self.input_size, self.input_size)
        if planes.shape[1:] == size:
            return picture
        return torch.nn.functional.interpolate(
            picture[None], size=size, mode="bilinear", antialias=True, align_corners=False
        )[0]

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


def _digest(planes):
    digest = hashlib.sha256()
    for plane in planes:
        digest.update(f"{plane.dtype.str} {plane.shape}\0".encode())
        digest.update(np.ascontiguousarray(plane).view(np.uint8).data)
    return digest.digest()
