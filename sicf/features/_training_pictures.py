"""The pictures of a training run, or what the frozen part of the network makes of them."""

import torch

from sicf._batch import ImageBatch
from sicf.features._network_pictures import NetworkPictures

# Of what the frozen part gives, so much is held in memory; beyond it is computed in each epoch.
MOST_BYTES = 2 << 30
AT_ONCE = 16


class TrainingPictures:
    """Gives the pictures of some images, as they are or augmented for an epoch.

    Parameters
    ----------
    batch : ImageBatch
    input_size : int
    as_channels : bool
        Whether three sequences are the channels of one picture.
    device : torch.device
    augmenter : object, default=None
        Has ``augment(X, numbers=..., first_copy=...)``.
    before : callable, default=None
        The frozen part of the network: pictures to what the trained part is given. None gives the
        pictures themselves.
    """

    def __init__(self, batch, input_size, as_channels, device, *, augmenter=None, before=None):
        self.batch = batch
        self.input_size = input_size
        self.as_channels = as_channels
        self.device = device
        self.augmenter = augmenter
        self.before = before
        self.per_image = 1 if as_channels else len(batch.sequence_channels)
        self._kept = {}

    def keep(self, rows):
        """Compute what the frozen part gives for images that are not augmented, once for all.

        Always in the same portions, so that a resumed run has the same bits.

        Parameters
        ----------
        rows : sequence of int
        """
        if self.before is None:
            return
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            made = self._make([self.batch[row] for row in part])
            made = made.reshape(len(part), self.per_image, *made.shape[1:])
            if made[0].nbytes * len(rows) > MOST_BYTES:
                return
            self._kept.update(zip((int(row) for row in part), made, strict=True))

    def take(self, rows, epoch=None):
        """Pictures of some images, or what the frozen part gives for them.

        Parameters
        ----------
        rows : sequence of int
        epoch : int, default=None
            Augments, if there is an augmenter; None does not.

        Returns
        -------
        Tensor of shape (number of rows * per_image, ...)
        """
        images = [self.batch[row] for row in rows]
        if epoch is not None and self.augmenter is not None:
            return self._make(self.augmenter.augment(images, numbers=rows, first_copy=epoch)[0])
        if all(int(row) in self._kept for row in rows):
            return torch.cat([self._kept[int(row)] for row in rows])
        return self._make(images)

    def _make(self, images):
        batch = ImageBatch(images, has_channel_axis=True, mask=self.batch.mask)
        pictures = NetworkPictures(batch, self.input_size, self.as_channels)
        made = pictures.tensor(0, len(pictures))[torch.from_numpy(pictures.place)]
        made = made.to(self.device)
        return made if self.before is None else self.before(made)
