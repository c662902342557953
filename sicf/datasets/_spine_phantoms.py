"""make_spine_phantoms: axial MR of spinal cord tumours, from geometry and relaxation times."""

import numbers

import numpy as np
from sklearn.utils import Bunch, check_random_state, check_scalar

from sicf.datasets._mr_signal import SEQUENCES
from sicf.datasets._spine_anatomy import draw_anatomy, draw_section
from sicf.datasets._spine_lesions import (
    CLASSES,
    FREQUENCY,
    PARTS,
    draw_cross_section,
    draw_lesion,
    draw_positions,
)
from sicf.datasets._spine_scanner import RandomStreams, Scanner, coarse_labels
from sicf.images._resize import check_size

SMALLEST_SIDE = 64


def make_spine_phantoms(
    n_patients=30,
    *,
    n_slices=3,
    sequences=("T1", "T2", "T1ce"),
    shape=(224, 224),
    field_of_view=170.0,
    noise=0.014,
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
        Millimetres that the shorter side covers, 100 to 500.
    noise : float, default=0.014
        Standard deviation of the noise in each part of the complex signal, as a share of water's
        fully relaxed signal; 0 to 1.
    bias : float, default=0.25
        Strength of the coil's uneven sensitivity, 0 to 2.
    max_shift : float, default=0.08
        The neck lies off centre by up to this share of each side, 0 to 0.2; the canal, some 6 mm
        behind the neck's centre.
    max_rotation : float, default=6.0
        The neck is turned by up to so many degrees, 0 to 45.
    random_state : int, RandomState instance or None, default=None

    Returns
    -------
    Bunch
        images : ndarray of uint16 of shape (n_patients * n_slices, H, W, M)
            One channel a sequence.
        masks : ndarray of uint8 of shape (n_patients * n_slices, H, W)
            0 background, 1 tumour, 2 oedema, 3 cavity.
        target : ndarray of int of shape (n_patients * n_slices,)
            The class of each slice, as a position in `target_names`.
        target_names : list of str
            astrocytoma, ependymoma, hemangioblastoma.
        groups : ndarray of int of shape (n_patients * n_slices,)
            The patient of each slice.
        sequence_names : tuple of str
            The channels, as given.
        volumes : ndarray of shape (n_patients, 3)
            Cubic centimetres of tumour, oedema and cavity, as drawn.
        lengths : ndarray of shape (n_patients, 3)
            Their extent along the cord, millimetres.

    Notes
    -----
    *Lesions.* Volumes are drawn from lognormal distributions with the means and standard deviations
    of the paper's Table 1 [1]_, some of which exceed their means. The thecal sac bounds the
    cross-section, so that volume becomes length, and many of the larger cavities, those of most
    hemangioblastomas among them, come out longer than a cord: that says something about the table.
    Kinds differ by tendencies that overlap: ependymomas lie centrally, are smooth, enhance, may
    have dark caps; astrocytomas are eccentric, ragged and enhance in patches or hardly;
    hemangioblastomas are small nodules at the cord's back, enhance most, and come with cavities,
    oedema and vessels with dark flow.

    *Signal.* Spin echo, with relaxation times at 3 T [2]_ [3]_ and the relaxivity of gadopentetate
    [4]_; those of fluid and lesions are assumptions, and do not depend on the class. Tissue
    boundaries are averaged over two by two points a pixel (partial volume); then follow the coil's
    sensitivity and Rician noise. The region is always the neck, and a patient's neck is the same in
    all slices: what differs between them is the section through the lesion, and the noise.

    A seed gives the same pictures of one sequence whichever others are asked for.

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
    _check_counts(n_patients, n_slices, sequences, shape)
    _check_measures(field_of_view, noise, bias, max_shift, max_rotation)
    seeds = check_random_state(random_state).randint(np.iinfo(np.int32).max, size=n_patients + 1)
    kinds = _draw_kinds(n_patients, np.random.default_rng(seeds[-1]))
    scanner = Scanner(tuple(sequences), tuple(shape), field_of_view, noise, bias)
    slices, lesions = [], []
    for kind, seed in zip(kinds, seeds, strict=False):
        patient = _Patient(CLASSES[kind], scanner, n_slices, max_shift, max_rotation, seed)
        slices.extend(patient.slices())
        lesions.append([patient.lesion.parts[name] for name in PARTS])
    images, masks = (np.stack(stack) for stack in zip(*slices, strict=True))
    return Bunch(
        images=images,
        masks=masks,
        target=np.repeat(kinds, n_slices),
        target_names=list(CLASSES),
        groups=np.repeat(np.arange(n_patients), n_slices),
        sequence_names=tuple(sequences),
        volumes=np.array([[part.volume / 1000 for part in row] for row in lesions]),
        lengths=np.array([[2 * part.half_length for part in row] for row in lesions]),
    )


class _Patient:
    """One patient on the table: anatomy, lesion, position. The neck is the same in all slices."""

    def __init__(self, kind, scanner, n_slices, max_shift, max_rotation, seed):
        self.streams = RandomStreams(seed)
        rng = self.streams.of("patient")
        self.scanner = scanner
        self.anatomy = draw_anatomy(rng)
        self.lesion = draw_lesion(kind, self.anatomy, rng)
        self.positions = draw_positions(self.lesion, n_slices, rng)
        shift = rng.uniform(-max_shift, max_shift, 2) * scanner.extent
        angle = np.deg2rad(rng.uniform(-max_rotation, max_rotation))
        self.x, self.y = self._place(shift, angle)
        self.neck = draw_section(self.anatomy, self.x, self.y, self.streams.of("neck"))
        self.settings = scanner.prepare(self.streams)

    def slices(self):
        """Image (H, W, M) and mask (H, W) of each section, in turn."""
        for number, z in enumerate(self.positions):
            section, labels, uptake = draw_cross_section(
                self.lesion, self.anatomy, z, self.x, self.y, self.streams.of("lesion", number)
            )
            image = self.scanner.acquire(
                np.where(section > 0, section, self.neck),
                self.lesion.relaxation,
                uptake,
                self.settings,
                self.streams,
                number,
            )
            yield image, coarse_labels(labels, self.scanner.shape, len(PARTS) + 1)

    def _place(self, shift, angle):
        """Coordinates about the canal; without a shift the neck's centre is in the middle."""
        x, y = self.scanner.x - shift[0], self.scanner.y - shift[1] - self.anatomy.setback
        cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return cosine * x + sine * y, cosine * y - sine * x


def _draw_kinds(n_patients, rng):
    """Classes in the paper's proportions, at least one patient each, in random order."""
    exact = np.array(FREQUENCY) / sum(FREQUENCY) * n_patients
    count = np.maximum(np.floor(exact).astype(int), 1)
    for kind in np.argsort(count - exact)[: n_patients - count.sum()]:
        count[kind] += 1
    return rng.permutation(np.repeat(np.arange(len(CLASSES)), count))


def _check_counts(n_patients, n_slices, sequences, shape):
    check_scalar(n_patients, "n_patients", numbers.Integral, min_val=len(CLASSES))
    check_scalar(n_slices, "n_slices", numbers.Integral, min_val=1)
    known = isinstance(sequences, (list, tuple)) and all(name in SEQUENCES for name in sequences)
    if not known or not sequences or len(set(sequences)) < len(sequences):
        raise ValueError(
            f"sequences must be different ones of {tuple(SEQUENCES)}, in a tuple. "
            f"Got {sequences!r} instead."
        )
    if min(check_size(shape, "shape")) < SMALLEST_SIDE or np.ndim(shape) != 1:
        raise ValueError(
            f"shape must be rows and columns of at least {SMALLEST_SIDE} pixels. Got {shape!r}."
        )


def _check_measures(field_of_view, noise, bias, max_shift, max_rotation):
    """Within these limits the lesion is in the picture, whatever is drawn."""
    for name, value, low, high in (
        ("field_of_view", field_of_view, 100, 500),
        ("noise", noise, 0, 1),
        ("bias", bias, 0, 2),
        ("max_shift", max_shift, 0, 0.2),
        ("max_rotation", max_rotation, 0, 45),
    ):
        if not isinstance(value, numbers.Real) or not low <= value <= high:
            raise ValueError(f"{name} must lie between {low} and {high}. Got {value!r} instead.")
