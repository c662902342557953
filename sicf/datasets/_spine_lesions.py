"""Intramedullary tumours: volumes as in the paper's Table 1, and what a section shows of them."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from sicf.datasets._mr_signal import RELAXATION, Tissue
from sicf.datasets._spine_anatomy import noise_field, spacing

CLASSES = ("astrocytoma", "ependymoma", "hemangioblastoma")
PARTS = ("tumour", "oedema", "cavity")
# Patients of each class in the paper.
FREQUENCY = (93, 118, 105)
# Mean and standard deviation in cubic centimetres: the paper's Table 1.
VOLUMES = {
    "astrocytoma": {"tumour": (8.1, 5.3), "oedema": (6.8, 7.1), "cavity": (32.8, 30.4)},
    "ependymoma": {"tumour": (7.6, 3.1), "oedema": (5.2, 4.6), "cavity": (20.3, 19.7)},
    "hemangioblastoma": {"tumour": (2.3, 4.9), "oedema": (16.5, 14.2), "cavity": (47.6, 36.7)},
}
# Most of the sac's cross-section that each part may take; with a rim of cord they fit together.
# A cavity beyond the tumour's end has the cord to itself.
LARGEST_SHARE = {"tumour": 0.42, "oedema": 0.18, "cavity": 0.26, "cavity beyond": 0.60}
RIM = 0.12


class Habit(NamedTuple):
    """How a kind of tumour tends to look; kinds overlap in all of it.

    Parameters
    ----------
    eccentric : (float, float)
        Mean and standard deviation of the distance from the cord's axis, 0 to 1.
    dorsal : float
        How strongly it prefers the back of the cord.
    ragged : float
        How irregular its outline is.
    uptake : (float, float)
        Median contrast agent in millimoles per litre, and its spread on a log scale.
    patchy : float
        Share of the uptake that varies within the tumour.
    flow_voids, haemosiderin : float
        Chance of dark vessels on the cord, and of a dark cap at the tumour's ends.
    beside : float
        Chance that the cavity lies beside the tumour rather than beyond its ends.
    """

    eccentric: tuple
    dorsal: float
    ragged: float
    uptake: tuple
    patchy: float
    flow_voids: float
    haemosiderin: float
    beside: float


HABITS = {
    "astrocytoma": Habit((0.5, 0.2), 0.3, 0.45, (0.22, 0.9), 0.8, 0.08, 0.10, 0.35),
    "ependymoma": Habit((0.15, 0.12), 0.0, 0.15, (0.50, 0.6), 0.4, 0.10, 0.35, 0.30),
    "hemangioblastoma": Habit((0.8, 0.15), 1.2, 0.12, (0.95, 0.4), 0.15, 0.55, 0.10, 0.65),
}


class Part(NamedTuple):
    """One part of a lesion along the cord, a spindle: ``area(z) = peak (1 - (z / half)^2)``.

    Parameters
    ----------
    volume : float
        Cubic millimetres.
    peak : float
        Largest cross-section, square millimetres.
    centre : float
        Along the cord, millimetres from the tumour's middle.
    """

    volume: float
    peak: float
    centre: float = 0.0

    @property
    def half_length(self):
        """Half of the extent along the cord, millimetres."""
        return 0.75 * self.volume / self.peak

    def area(self, z):
        """Cross-section at a place along the cord, square millimetres."""
        return self.peak * max(0.0, 1 - ((z - self.centre) / self.half_length) ** 2)


@dataclass(frozen=True)
class Lesion:
    """One patient's lesion: its parts along the cord, and its habit as drawn.

    Parameters
    ----------
    parts : dict of str to Part
    habit : Habit
    offset, cavity_offset : (float, float)
        Where tumour and cavity lean, in units of the cord's half axes.
    uptake : float
        Contrast agent, millimoles per litre.
    relaxation : dict of Tissue to Relaxation
        With this lesion's own times.
    flow_voids, haemosiderin : bool
    """

    parts: dict
    habit: Habit
    offset: tuple
    cavity_offset: tuple
    uptake: float
    relaxation: dict
    flow_voids: bool
    haemosiderin: bool


def draw_volume(mean, sd, rng, size=None):
    """Draw positive volumes of a given mean and standard deviation from a lognormal distribution.

    Table 1 has deviations above their means, which a normal distribution would make negative.
    """
    spread = np.log1p((sd / mean) ** 2)
    return rng.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), size)


def draw_lesion(kind, anatomy, rng):
    """Draw one patient's lesion.

    Parameters
    ----------
    kind : str
        One of `CLASSES`.
    anatomy : Anatomy
    rng : Generator

    Returns
    -------
    Lesion
    """
    habit = HABITS[kind]
    angle = rng.normal(np.pi / 2, 1 / (0.35 + habit.dorsal))
    opposite = angle + np.pi + rng.normal(0, 0.4)
    return Lesion(
        parts=_draw_parts(kind, anatomy, rng),
        habit=habit,
        offset=_polar(np.clip(rng.normal(*habit.eccentric), 0, 1), angle),
        cavity_offset=_polar(rng.uniform(0.5, 0.7), opposite),
        uptake=habit.uptake[0] * rng.lognormal(0, habit.uptake[1]),
        relaxation=_draw_relaxation(rng),
        flow_voids=rng.random() < habit.flow_voids,
        haemosiderin=rng.random() < habit.haemosiderin,
    )


def draw_positions(lesion, n_slices, rng):
    """Where along the cord the slices lie: spread over the middle four fifths of the tumour."""
    edges = np.linspace(-0.8, 0.8, n_slices + 1)
    return rng.uniform(edges[:-1], edges[1:]) * lesion.parts["tumour"].half_length


def draw_cross_section(lesion, anatomy, z, x, y, rng):
    """What one section through the cord shows.

    The sac bounds what fits, so a large volume is a long lesion and not a wide one: the areas of
    the parts at `z` are met exactly, part by part, by the points that suit each best.

    Parameters
    ----------
    lesion : Lesion
    anatomy : Anatomy
    z : float
        Along the cord, millimetres from the tumour's middle.
    x, y : ndarray of shape (H, W)
        Position of each point, millimetres from the canal's centre.
    rng : Generator

    Returns
    -------
    section : ndarray of uint8 of shape (H, W)
        `Tissue` in and on the cord; 0 elsewhere.
    labels : ndarray of uint8 of shape (H, W)
        1 tumour, 2 oedema, 3 cavity.
    uptake : ndarray of float32 of shape (H, W)
        Contrast agent in the tumour, millimoles per litre.
    """
    areas = {name: part.area(z) for name, part in lesion.parts.items()}
    area = min(
        max(anatomy.cord_area, sum(areas.values()) + RIM * anatomy.sac_area),
        0.98 * anatomy.sac_area,
    )
    grow = np.sqrt(area / anatomy.sac_area)
    u, v = x / (anatomy.sac[0] * grow), y / (anatomy.sac[1] * grow)
    cord = np.hypot(u, v) < 1
    labels = _allocate(lesion, areas, area, cord, x, u, v, rng)
    section = np.where(cord, Tissue.CORD, 0).astype(np.uint8)
    for label, tissue in ((1, Tissue.TUMOUR), (2, Tissue.OEDEMA), (3, Tissue.CAVITY)):
        section[labels == label] = tissue
    _dark_marks(section, labels, lesion, z, (u, v), spacing(x), rng)
    variation = 1 + lesion.habit.patchy * noise_field(x, 2.8, rng)
    uptake = np.where(labels == 1, lesion.uptake * np.clip(variation, 0, 2), 0)
    return section, labels, uptake.astype(np.float32)


def _draw_parts(kind, anatomy, rng):
    """Volumes of Table 1, laid out along the cord."""
    volume = {name: 1000 * draw_volume(*VOLUMES[kind][name], rng) for name in PARTS}
    tumour, oedema = (_spindle(volume[name], name, anatomy) for name in ("tumour", "oedema"))
    if rng.random() < HABITS[kind].beside:
        cavity = _spindle(volume["cavity"], "cavity", anatomy)
        centre = rng.normal(0, 0.2) * cavity.half_length
    else:
        cavity = _spindle(volume["cavity"], "cavity beyond", anatomy)
        # Its end reaches a little way along the tumour's.
        reach = cavity.half_length + rng.uniform(0.7, 1.0) * tumour.half_length
        centre = rng.choice([-1, 1]) * reach
    return {"tumour": tumour, "oedema": oedema, "cavity": cavity._replace(centre=centre)}


def _spindle(volume, share, anatomy):
    """A ball if that fits, else a spindle as wide as this part may be."""
    ball = np.pi * (3 * volume / (4 * np.pi)) ** (2 / 3)
    return Part(volume, min(ball, LARGEST_SHARE[share] * anatomy.sac_area))


def _polar(radius, angle):
    return (radius * np.cos(angle), radius * np.sin(angle))


def _draw_relaxation(rng):
    """Times of the lesion's tissues, which differ from patient to patient and not by class."""
    relaxation = dict(RELAXATION)
    for tissue, spread in ((Tissue.TUMOUR, 0.15), (Tissue.OEDEMA, 0.12), (Tissue.CAVITY, 0.25)):
        t1, t2, density = relaxation[tissue]
        factor = rng.lognormal(0, spread, 2)
        relaxation[tissue] = type(relaxation[tissue])(t1 * factor[0], t2 * factor[1], density)
    return relaxation


def _allocate(lesion, areas, cord_area, cord, x, u, v, rng):
    """Give each part its area of the cord: the tumour first, then the cavity, then the oedema."""
    ragged = lesion.habit.ragged * noise_field(x, 3.8, rng)
    room = 1 - np.sqrt(areas["tumour"] / cord_area)
    centre = np.array(lesion.offset) * room
    from_tumour = np.hypot(u - centre[0], v - centre[1]) * (1 + 0.35 * ragged)
    from_cavity = np.hypot(u - lesion.cavity_offset[0], v - lesion.cavity_offset[1])
    labels = np.zeros(u.shape, np.uint8)
    n_points = np.count_nonzero(cord)
    order = ((1, "tumour", from_tumour), (3, "cavity", from_cavity), (2, "oedema", from_tumour))
    for label, name, distance in order:
        free = np.flatnonzero(cord.ravel() & (labels.ravel() == 0))
        wanted = min(round(areas[name] / cord_area * n_points), free.size)
        if wanted:
            nearest = np.argpartition(distance.ravel()[free], wanted - 1)[:wanted]
            labels.ravel()[free[nearest]] = label
    return labels


def _dark_marks(section, labels, lesion, z, place, step, rng):
    """Vessels with fast flow on the cord, and old blood at the ends of the tumour."""
    u, v = place
    if lesion.haemosiderin and abs(z) > 0.45 * lesion.parts["tumour"].half_length:
        inner = np.hypot(u, v) < 0.93
        rim = _grown(labels == 1, 1.2 / step) & (section == Tissue.CORD) & inner
        section[rim | (_grown(labels != 1, 0.8 / step) & (labels == 1))] = Tissue.HAEMOSIDERIN
    if not lesion.flow_voids:
        return
    for angle in rng.uniform(0, np.pi, rng.integers(1, 5)):
        radius = rng.uniform(0.09, 0.16)
        vessel = np.hypot(u - 1.03 * np.cos(angle), v - 1.03 * np.sin(angle)) < radius
        section[vessel & (np.hypot(u, v) < 1.2)] = Tissue.VESSEL


def _grown(mask, radius):
    """A mask widened by so many points."""
    width = 2 * max(1, round(radius)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0
