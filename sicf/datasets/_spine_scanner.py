"""The scanner of the phantoms: a grid of points, and how signal becomes grey levels."""

import cv2
import numpy as np

from sicf.datasets._mr_signal import SEQUENCES, rician, sensitivity, signal, smooth_noise

SUPERSAMPLING = 2
TEXTURE = 0.05
# Grey level of water's fully relaxed signal, as scanners write 12 bits.
FULL_SCALE = 1500


class Scanner:
    """What all patients share.

    Parameters
    ----------
    sequences : tuple of str
        Of `SEQUENCES`.
    shape : (int, int)
        Rows and columns of a picture.
    field_of_view : float
        Millimetres that the shorter side covers.
    noise : float
        Standard deviation in each part of the complex signal, as a share of water's.
    bias : float
        Strength of the coil's uneven sensitivity.

    Attributes
    ----------
    x, y : ndarray of shape (2 H, 2 W)
        Millimetres from the middle of the picture.
    extent : ndarray of shape (2,)
        Width and height of the picture, millimetres.
    """

    def __init__(self, sequences, shape, field_of_view, noise, bias):
        self.sequences = sequences
        self.shape = shape
        self.noise = noise
        self.bias = bias
        step = field_of_view / min(shape)
        rows, columns = (
            ((np.arange(side * SUPERSAMPLING) + 0.5) / SUPERSAMPLING - side / 2) * step
            for side in shape
        )
        self.y, self.x = np.meshgrid(
            rows.astype(np.float32), columns.astype(np.float32), indexing="ij"
        )
        self.extent = np.array([shape[1], shape[0]]) * step

    def prepare(self, streams):
        """Set up for one patient: the coil as it lies, and each sequence's gain.

        Parameters
        ----------
        streams : RandomStreams

        Returns
        -------
        coil : ndarray of shape (H, W)
        gains : dict of str to float
        """
        gains = {
            name: FULL_SCALE * streams.of("gain", place).lognormal(0, 0.15)
            for place, name in enumerate(SEQUENCES)
        }
        return sensitivity(self.shape, self.bias, streams.of("coil")), gains

    def acquire(self, tissues, relaxation, uptake, settings, streams, number):
        """Grey levels of all sequences of one slice, shape (H, W, M).

        A sequence draws its noise from its own stream, so that it looks the same whichever others
        are asked for.
        """
        coil, gains = settings
        grain = streams.of("texture", number)
        texture = 1 + TEXTURE * smooth_noise(tissues.shape, 2.5 * SUPERSAMPLING, grain)
        texture *= 1 + TEXTURE * smooth_noise(tissues.shape, 12 * SUPERSAMPLING, grain)
        channels = []
        for name in self.sequences:
            fine = signal(tissues, SEQUENCES[name], relaxation, uptake) * texture
            coarse = cv2.resize(fine, self.shape[::-1], interpolation=cv2.INTER_AREA) * coil
            thermal = streams.of("noise", number, list(SEQUENCES).index(name))
            channels.append(gains[name] * rician(coarse, self.noise, thermal))
        return np.rint(np.stack(channels, axis=2)).clip(0, 65535).astype(np.uint16)


class RandomStreams:
    """One generator for each purpose, so that no draw depends on what else is drawn.

    Parameters
    ----------
    seed : int
        The patient's.
    """

    PURPOSES = ("patient", "neck", "lesion", "coil", "gain", "texture", "noise")

    def __init__(self, seed):
        self.seed = int(seed)

    def of(self, purpose, *place):
        """The generator of a purpose, and of a slice or sequence in it."""
        return np.random.default_rng([self.seed, self.PURPOSES.index(purpose), *place])


def coarse_labels(labels, shape, n_labels):
    """The most frequent label of the points in each pixel, the lowest of several."""
    rows, columns = shape
    blocks = labels.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING)
    counts = [(blocks == label).sum(axis=(1, 3)) for label in range(n_labels)]
    return np.argmax(counts, axis=0).astype(np.uint8)
