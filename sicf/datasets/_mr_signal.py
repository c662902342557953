"""From tissues to what a scanner shows: spin-echo signal, coil sensitivity, noise."""

from enum import IntEnum
from typing import NamedTuple

import cv2
import numpy as np


class Tissue(IntEnum):
    """What a point of the phantom is made of."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    MARROW = 3
    CORTICAL_BONE = 4
    LIGAMENT = 5
    CSF = 6
    CORD = 7
    VESSEL = 8
    GLAND = 9
    CARTILAGE = 10
    TUMOUR = 11
    OEDEMA = 12
    CAVITY = 13
    HAEMOSIDERIN = 14


class Relaxation(NamedTuple):
    """Relaxation times in milliseconds at 3 T, and proton density relative to water."""

    t1: float
    t2: float
    density: float


class SpinEcho(NamedTuple):
    """Repetition and echo time in milliseconds, and whether contrast agent was given."""

    repetition: float
    echo: float
    contrast: bool = False


# Cord, muscle, cartilage: Stanisz et al. 2005; marrow, fat: de Bazelaire et al. 2004, fat's and
# marrow's T2 longer, as in a train of echoes. Blood that flows out between pulse and echo is dark.
# The other times, those of fluid and lesions among them, are assumptions in the usual order: a
# tumour's are longer than the cord's, a cavity's nearly those of fluid.
RELAXATION = {
    Tissue.AIR: Relaxation(1.0, 1.0, 0.0),
    Tissue.FAT: Relaxation(380, 110, 0.95),
    Tissue.MUSCLE: Relaxation(1412, 50, 0.85),
    Tissue.MARROW: Relaxation(586, 75, 0.70),
    Tissue.CORTICAL_BONE: Relaxation(250, 5, 0.12),
    Tissue.LIGAMENT: Relaxation(900, 18, 0.45),
    Tissue.CSF: Relaxation(4000, 1500, 1.0),
    Tissue.CORD: Relaxation(993, 78, 0.75),
    Tissue.VESSEL: Relaxation(1900, 20, 0.08),
    Tissue.GLAND: Relaxation(1300, 75, 0.85),
    Tissue.CARTILAGE: Relaxation(1168, 43, 0.70),
    Tissue.TUMOUR: Relaxation(1500, 115, 0.85),
    Tissue.OEDEMA: Relaxation(1250, 120, 0.83),
    Tissue.CAVITY: Relaxation(3000, 700, 1.0),
    Tissue.HAEMOSIDERIN: Relaxation(900, 22, 0.7),
}
SEQUENCES = {
    "T1": SpinEcho(600, 10),
    "T2": SpinEcho(4000, 100),
    "T1ce": SpinEcho(600, 10, contrast=True),
}
# Litres per second and millimole: gadopentetate in plasma at 3 T, Rohrer et al. 2005.
RELAXIVITY = 3.7
# Contrast agent outside the lesion, in millimoles per litre.
UPTAKE = {Tissue.GLAND: 0.6, Tissue.MUSCLE: 0.06, Tissue.MARROW: 0.08}


def signal(tissues, sequence, relaxation, uptake):
    """Spin-echo signal of every point.

    Parameters
    ----------
    tissues : ndarray of int of shape (H, W)
        Values of `Tissue`.
    sequence : SpinEcho
    relaxation : dict of Tissue to Relaxation
    uptake : ndarray of shape (H, W)
        Contrast agent in the tumour, millimoles per litre; elsewhere it is that of `UPTAKE`.

    Returns
    -------
    ndarray of float32 of shape (H, W)
        ``density (1 - exp(-TR / T1)) exp(-TE / T2)``; the agent adds to 1 / T1.
    """
    of_tissue = [
        float(_spin_echo(relaxation[tissue], sequence, UPTAKE.get(tissue, 0.0)))
        for tissue in Tissue
    ]
    image = np.array(of_tissue, np.float32)[tissues]
    if sequence.contrast:
        tumour = tissues == Tissue.TUMOUR
        image[tumour] = _spin_echo(relaxation[Tissue.TUMOUR], sequence, uptake[tumour])
    return image


def _spin_echo(relaxation, sequence, uptake):
    rate = 1 / relaxation.t1 + sequence.contrast * RELAXIVITY / 1000 * uptake
    recovered = 1 - np.exp(-sequence.repetition * rate)
    return relaxation.density * recovered * np.exp(-sequence.echo / relaxation.t2)


def smooth_noise(shape, scale, rng):
    """Random field of mean 0 and standard deviation 1 that varies over `scale` pixels."""
    step = max(1, int(scale))
    coarse = [side // step + 3 for side in shape]
    field = cv2.resize(
        rng.standard_normal(coarse).astype(np.float32),
        (shape[1] + 2 * step, shape[0] + 2 * step),
        interpolation=cv2.INTER_CUBIC,
    )[step : step + shape[0], step : step + shape[1]]
    return (field - field.mean()) / (field.std() + 1e-6)


def sensitivity(shape, strength, rng):
    """Coil sensitivity: strongest at the back of the neck, and slowly uneven elsewhere.

    Parameters
    ----------
    shape : tuple of int
    strength : float
        About the share by which it varies over the picture.
    rng : Generator

    Returns
    -------
    ndarray of float32 of shape `shape`, mean 1
    """
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, side) for side in shape), indexing="ij")
    tilt = rng.normal(0, 0.3, size=4)
    log = rows * (0.7 + tilt[0]) + tilt[1] * columns + tilt[2] * rows * columns + tilt[3] * rows**2
    field = np.exp(strength * log)
    return (field / field.mean()).astype(np.float32)


def rician(image, sigma, rng):
    """Magnitude of a complex image with Gaussian noise in both parts."""
    real, imaginary = rng.normal(0, sigma, size=(2, *image.shape))
    return np.hypot(image + real, imaginary)
