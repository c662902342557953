"""make_spine_phantoms: axial MR of spinal cord tumours, from geometry and relaxation times."""

import cv2
import numpy as np
from sklearn.utils import Bunch, check_random_state

from sicf.datasets._mr_signal import (
    SEQUENCES,
    rician,
    sensitivity,
    signal,
    smooth_noise,
)
from sicf.datasets._spine_anatomy import draw_anatomy, draw_section
from sicf.datasets._spine_lesions import (
    CLASSES,
    FREQUENCY,
    PARTS,
    draw_cross_section,
    draw_lesion,
    draw_positions,
)

SUPERSAMPLING = 2
TEXTURE = 0.05
# Grey level of the brightest tissue, as scanners write 12 bits.
FULL_SCALE = 1500


def make_spine_phantoms(
    n_patients=30,
    *,
    n_slices=3,
    sequences=("T1", "T2", "T1ce"),
    shape=(224, 224),
    field_of_view=170.0,
    noise=0.02,
    bias=0.25,
    max_shift=0.08,
    max_rotation=6.0,
    random_state=None,
):
    """Make axial MR slices of patients with one of three intramedullary tumours.

    Parameters
    ----------
    n_patients : int, default=30
        At least 3. Classes are as frequent as in the paper (93 : 118 : 105).
    n_slices : int, default=3
        Slices of each patient, spread over the tumour's length.
    sequences : sequence of {"T1", "T2", "T1ce"}, default=("T1", "T2", "T1ce")
        Co-registered channels, in this order.
    shape : (int, int), default=(224, 224)
        Rows and columns, each at least 64.
    field_of_view : float, default=170.0
        Millimetres that the shorter side covers.
    noise : float, default=0.02
        Standard deviation of the noise in each part of the complex signal, as a share of fat's.
    bias : float, default=0.25
        Strength of the coil's uneven sensitivity.
    max_shift : float, default=0.08
        The canal lies off centre by up to this share of each side.
    max_rotation : float, default=6.0
        The neck is turned by up to so many degrees.
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    Bunch
        images : ndarray of uint16 of shape (n_patients * n_slices, H, W, M)
        masks : ndarray of uint8 of shape (n_patients * n_slices, H, W)
            0 background, 1 tumour, 2 oedema, 3 cavity.
        target : ndarray of int of shape (n_patients * n_slices,)
        target_names : list of str
            astrocytoma, ependymoma, hemangioblastoma.
        groups : ndarray of int of shape (n_patients * n_slices,)
            The patient of each slice.
        sequence_names : tuple of str
        volumes : ndarray of shape (n_patients, 3)
            Cubic centimetres of tumour, oedema and cavity, as drawn.
        lengths : ndarray of shape (n_patients, 3)
            Their extent along the cord, millimetres.

    Notes
    -----
    *Lesions.* Volumes are drawn from lognormal distributions with the means and standard deviations
    of the paper's Table 1 [1]_, some of which exceed their means. The thecal sac bounds the
    cross-section, so that volume becomes length; the largest cavities come out longer than a cord,
    which says something about the table and not about the phantom. Kinds differ by tendencies that
    overlap: ependymomas lie centrally, are smooth, enhance, may have dark caps; astrocytomas are
    eccentric, ragged and enhance in patches or hardly; hemangioblastomas are small nodules at the
    cord's back, enhance most, and come with cavities, oedema and vessels with dark flow.

    *Signal.* Spin echo, with relaxation times at 3 T [2]_ [3]_ and the relaxivity of gadolinium
    [4]_; tissue boundaries are averaged over two by two points a pixel (partial volume); then
    the coil's sensitivity, and Rician noise. Times of the lesions' tissues do not depend on the
    class.

    It is a phantom: pipelines can be tried on it, and nothing can be learnt about patients.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`
    .. [2] G. J. Stanisz et al., "T1, T2 relaxation and magnetization transfer in tissue at 3T",
       Magnetic Resonance in Medicine 54 (3), 2005. :doi:`10.1002/mrm.20605`
    .. [3] C. M. J. de Bazelaire et al., "MR imaging relaxation times of abdominal and pelvic
       tissues measured in vivo at 3.0 T", Radiology 230 (3), 2004.
       :doi:`10.1148/radiol.2303021331`
    .. [4] M. Rohrer et al., "Comparison of magnetic properties of MRI contrast media solutions at
       different magnetic field strengths", Investigative Radiology 40 (11), 2005.
       :doi:`10.1097/01.rli.0000184756.66360.d3`

    Examples
    --------
    >>> from sicf import make_spine_phantoms
    >>> data = make_spine_phantoms(3, n_slices=2, shape=(96, 96), random_state=0)
    >>> data.images.shape, data.masks.shape, data.groups.tolist()
    ((6, 96, 96, 3), (6, 96, 96), [0, 0, 1, 1, 2, 2])
    """
    _check(n_patients, n_slices, sequences, shape, field_of_view, noise)
    seeds = check_random_state(random_state).randint(np.iinfo(np.int32).max, size=n_patients + 1)
    kinds = _draw_kinds(n_patients, np.random.default_rng(seeds[-1]))
    scanner = _Scanner(tuple(sequences), tuple(shape), field_of_view, noise, bias)
    patients = [
        _Patient(CLASSES[kind], scanner, n_slices, max_shift, max_rotation, seed)
        for kind, seed in zip(kinds, seeds, strict=False)
    ]
    slices = [patient.slice(z) for patient in patients for z in patient.positions]
    images, masks = (np.stack(stack) for stack in zip(*slices, strict=True))
    parts = [[patient.lesion.parts[name] for name in PARTS] for patient in patients]
    return Bunch(
        images=images,
        masks=masks,
        target=np.repeat(kinds, n_slices),
        target_names=list(CLASSES),
        groups=np.repeat(np.arange(n_patients), n_slices),
        sequence_names=tuple(sequences),
        volumes=np.array([[part.volume / 1000 for part in row] for row in parts]),
        lengths=np.array([[2 * part.half_length for part in row] for row in parts]),
    )


class _Scanner:
    """What all patients share: the grid of points, and how signal becomes grey levels."""

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

    def acquire(self, tissues, relaxation, uptake, rng):
        """Grey levels of all sequences, shape (H, W, M)."""
        texture = 1 + TEXTURE * smooth_noise(tissues.shape, 2.5 * SUPERSAMPLING, rng)
        texture *= 1 + TEXTURE * smooth_noise(tissues.shape, 12 * SUPERSAMPLING, rng)
        coil = sensitivity(self.shape, self.bias, rng)
        channels = []
        for name in self.sequences:
            fine = signal(tissues, SEQUENCES[name], relaxation, uptake) * texture
            coarse = cv2.resize(fine, self.shape[::-1], interpolation=cv2.INTER_AREA) * coil
            # The brightest tissue is about 0.8 of the fully relaxed signal in each sequence.
            gain = FULL_SCALE * rng.lognormal(0, 0.15)
            channels.append(gain * rician(coarse, 0.7 * self.noise, rng))
        return np.rint(np.stack(channels, axis=2)).clip(0, 65535).astype(np.uint16)


class _Patient:
    """One patient on the table: anatomy, lesion, position; every slice has its own generator."""

    def __init__(self, kind, scanner, n_slices, max_shift, max_rotation, seed):
        rng = np.random.default_rng(seed)
        self.scanner = scanner
        self.seed = seed
        self.anatomy = draw_anatomy(rng)
        self.lesion = draw_lesion(kind, self.anatomy, rng)
        self.positions = draw_positions(self.lesion, n_slices, rng)
        self.shift = rng.uniform(-max_shift, max_shift, 2) * scanner.extent
        self.angle = np.deg2rad(rng.uniform(-max_rotation, max_rotation))

    def slice(self, z):
        """Image (H, W, M) and mask (H, W) of the section at `z`."""
        # The neck's own texture is the same in all slices; the section through the lesion is not.
        neck = np.random.default_rng([self.seed, 1])
        rng = np.random.default_rng([self.seed, 2, list(self.positions).index(z)])
        x, y = self._to_patient(self.scanner.x, self.scanner.y)
        tissues = draw_section(self.anatomy, x, y, neck)
        section, labels, uptake = draw_cross_section(self.lesion, self.anatomy, z, x, y, rng)
        tissues = np.where(section > 0, section, tissues)
        image = self.scanner.acquire(tissues, self.lesion.relaxation, uptake, rng)
        return image, _coarse_labels(labels, self.scanner.shape)

    def _to_patient(self, x, y):
        # With no shift the neck's centre, not the canal, is in the middle of the picture.
        x, y = x - self.shift[0], y - self.shift[1] - self.anatomy.setback
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        return cosine * x + sine * y, cosine * y - sine * x


def _coarse_labels(labels, shape):
    """The most frequent label of the points in each pixel."""
    rows, columns = shape
    blocks = labels.reshape(rows, SUPERSAMPLING, columns, SUPERSAMPLING)
    counts = [(blocks == label).sum(axis=(1, 3)) for label in range(len(PARTS) + 1)]
    return np.argmax(counts, axis=0).astype(np.uint8)


def _draw_kinds(n_patients, rng):
    """Classes in the paper's proportions, at least one patient each, in random order."""
    exact = np.array(FREQUENCY) / sum(FREQUENCY) * n_patients
    count = np.maximum(np.floor(exact).astype(int), 1)
    for kind in np.argsort(count - exact)[: n_patients - count.sum()]:
        count[kind] += 1
    return rng.permutation(np.repeat(np.arange(len(CLASSES)), count))


def _check(n_patients, n_slices, sequences, shape, field_of_view, noise):
    if n_patients < len(CLASSES):
        raise ValueError(f"n_patients must be at least {len(CLASSES)}. Got {n_patients} instead.")
    if n_slices < 1:
        raise ValueError(f"n_slices must be at least 1. Got {n_slices} instead.")
    unknown = [name for name in sequences if name not in SEQUENCES]
    if unknown or not len(sequences):
        raise ValueError(f"sequences must be some of {tuple(SEQUENCES)}. Got {tuple(sequences)}.")
    if len(shape) != 2 or min(shape) < 64:
        raise ValueError(f"shape must be rows and columns of at least 64 pixels. Got {shape}.")
    if not field_of_view > 0:
        raise ValueError(f"field_of_view must be above 0. Got {field_of_view} instead.")
    if noise < 0:
        raise ValueError(f"noise must be at least 0. Got {noise} instead.")
