"""An axial section of the neck: where each tissue lies, in millimetres about the canal's centre."""

from dataclasses import dataclass

import numpy as np

from sicf.datasets._mr_signal import Tissue, smooth_noise


@dataclass(frozen=True)
class Anatomy:
    """One patient's measures in millimetres; widths are left to right, depths front to back.

    Parameters
    ----------
    neck : (float, float)
        Half width and half depth of the neck.
    setback : float
        How far the canal lies behind the neck's centre.
    fat : float
        Thickness of the fat under the skin.
    body : (float, float)
        Half width and half depth of the vertebral body.
    canal : (float, float)
        Half width and half depth of the bony canal.
    sac : (float, float)
        Half width and half depth of the thecal sac.
    cord : (float, float)
        Half width and half depth of the cord where nothing expands it.
    spinous : float
        Length of the spinous process.
    airway : float
        Radius of the airway.
    """

    neck: tuple
    setback: float
    fat: float
    body: tuple
    canal: tuple
    sac: tuple
    cord: tuple
    spinous: float
    airway: float

    @property
    def sac_area(self):
        """Cross-section of the thecal sac, square millimetres."""
        return np.pi * self.sac[0] * self.sac[1]

    @property
    def cord_area(self):
        """Cross-section of the cord where nothing expands it, square millimetres."""
        return np.pi * self.cord[0] * self.cord[1]


def draw_anatomy(rng):
    """Draw one patient's measures around those of a cervical spine.

    Parameters
    ----------
    rng : Generator

    Returns
    -------
    Anatomy
    """
    size = rng.normal(1, 0.06)
    canal = np.array([12.5, 9.0]) * size * rng.normal(1, 0.04, 2)
    cord = np.array([6.6, 4.3]) * size * rng.normal(1, 0.04, 2)
    return Anatomy(
        neck=tuple(np.array([64.0, 57.0]) * size * rng.normal(1, 0.06, 2)),
        setback=rng.normal(6, 2.5),
        fat=float(np.clip(rng.lognormal(np.log(6), 0.35), 3, 14)),
        body=tuple(np.array([13.0, 8.5]) * size * rng.normal(1, 0.05, 2)),
        canal=tuple(canal),
        sac=tuple(canal - 1.2),
        cord=tuple(cord),
        spinous=rng.uniform(20, 34) * size,
        airway=rng.uniform(7, 10),
    )


def draw_section(anatomy, x, y, rng):
    """Lay out the tissues of one section, the cord without its lesion.

    Parameters
    ----------
    anatomy : Anatomy
    x, y : ndarray of shape (H, W)
        Position of each point in millimetres from the canal's centre; y grows backwards.
    rng : Generator

    Returns
    -------
    ndarray of uint8 of shape (H, W)
        Values of `Tissue`.
    """
    tissues = np.full(x.shape, Tissue.AIR, np.uint8)
    bent_x, bent_y = _bend(x, y, rng)
    _soft_tissue(tissues, anatomy, (x + bent_x) / 2, (y + bent_y) / 2, rng)
    _front_of_neck(tissues, anatomy, bent_x, bent_y, rng)
    _vertebra(tissues, anatomy, bent_x, bent_y)
    _canal(tissues, anatomy, x, y)
    return tissues


def noise_field(x, scale, rng):
    """Random field of mean 0 and standard deviation 1 that varies over `scale` millimetres."""
    return smooth_noise(x.shape, scale / spacing(x), rng)


def spacing(x):
    """Millimetres between neighbouring points, from one coordinate of a turned grid."""
    return float(np.hypot(x[0, 1] - x[0, 0], x[1, 0] - x[0, 0]))


def _bend(x, y, rng):
    """Bend the plane a little, so that nothing is an ellipse; the canal itself stays as it is."""
    away = np.clip((np.hypot(x, y) - 8) / 14, 0.25, 1)
    bent = [
        axis + away * (1.5 * noise_field(x, 22, rng) + 0.45 * noise_field(x, 7, rng))
        for axis in (x, y)
    ]
    return bent[0], bent[1]


def ellipse(x, y, centre, half):
    """Below 1 inside an ellipse, in units of its half axes."""
    return np.hypot((x - centre[0]) / half[0], (y - centre[1]) / half[1])


def _soft_tissue(tissues, anatomy, x, y, rng):
    """Skin's fat, muscles, and the fat between the muscles."""
    outline = ellipse(x, y, (0, -anatomy.setback), anatomy.neck)
    thickness = anatomy.fat * (1 + 0.5 * np.clip(y / anatomy.neck[1], -0.6, 1))
    tissues[outline < 1] = Tissue.FAT
    muscle = outline < 1 - thickness / np.mean(anatomy.neck)
    tissues[muscle] = Tissue.MUSCLE
    tissues[muscle & _septa(anatomy, x, y, rng)] = Tissue.FAT
    behind = (np.abs(x) < 0.9) & (y > anatomy.canal[1])
    tissues[muscle & behind] = Tissue.LIGAMENT


def _septa(anatomy, x, y, rng):
    """Thin, broken layers of fat: shells about the spine behind it, and planes between muscles."""
    wobble = 2.5 * noise_field(x, 16, rng)
    # Where this is negative a layer is too thin to be seen.
    presence = np.clip(0.35 + noise_field(x, 9, rng), 0, 1.3)
    distance = np.hypot(x, (y - 6) * 1.1) + wobble
    septa = np.zeros(x.shape, bool)
    for radius in np.array([20, 30, 41]) * rng.normal(1, 0.06, 3):
        width = rng.uniform(0.4, 0.8)
        septa |= (np.abs(distance - radius) < width * presence) & (y > -4)
    angle = np.arctan2(np.abs(x), y) + 0.05 * wobble
    for at in np.array([0.6, 1.15, 1.75, 2.2]) + rng.normal(0, 0.1, 4):
        width = rng.uniform(0.4, 0.9)
        septa |= (np.abs(angle - at) * distance < width * presence) & (distance > 22)
    return septa


def _front_of_neck(tissues, anatomy, x, y, rng):
    """Airway with cartilage, thyroid gland, gullet, and the great vessels."""
    front = -(anatomy.canal[1] + 2 * anatomy.body[1])
    airway = (rng.normal(0, 1.5), front - 10 - anatomy.airway)
    around = ellipse(x, y, airway, (anatomy.airway, anatomy.airway))
    gland = (np.abs(x) > 0.75 * anatomy.airway) & (around < 2.1) & (y > airway[1] - 6)
    tissues[gland & (tissues == Tissue.MUSCLE)] = Tissue.GLAND
    tissues[around < 1.25] = Tissue.CARTILAGE
    tissues[around < 1] = Tissue.AIR
    tissues[ellipse(x, y, (airway[0] + 3, front - 5), (5.5, 3.2)) < 1] = Tissue.GLAND
    for side in (-1, 1):
        artery = np.array([side * rng.normal(24, 2), front - 4 + rng.normal(0, 2)])
        vein = artery + [side * 8, rng.normal(2, 2)]
        for centre, radius in ((artery, rng.uniform(2.8, 3.6)), (vein, rng.uniform(3.5, 6))):
            distance = ellipse(x, y, centre, (radius, radius * 0.8))
            tissues[distance < 1.35] = Tissue.FAT
            tissues[distance < 1] = Tissue.VESSEL


def _vertebra(tissues, anatomy, x, y):
    """Body, ring of laminae, lateral masses and spinous process: marrow within cortex."""
    half_width, half_depth = anatomy.canal
    body = ellipse(x, y, (0, -half_depth - anatomy.body[1] - 0.5), anatomy.body)
    # Laminae meet at an angle behind: the ring narrows backwards.
    narrow = 1 - 0.25 * np.clip(y / (half_depth + 6), 0, 1)
    ring = ellipse(x / narrow, y, (0, 1.5), (half_width + 4.5, half_depth + 6))
    mass = ellipse(np.abs(x), y, (half_width + 5.5, -2), (6.5, 5.5))
    tip = half_depth + anatomy.spinous
    waist = 2.4 + 1.8 * np.clip((y - half_depth - 4) / anatomy.spinous, 0, 1)
    middle, half = (half_depth + tip) / 2, anatomy.spinous / 2
    spine = np.hypot(x / waist, ((y - middle) / half) ** 3)
    for part, cortex in ((ring, 0.91), (mass, 0.80), (spine, 0.66), (body, 0.89)):
        tissues[part < 1] = Tissue.CORTICAL_BONE
        tissues[part < cortex] = Tissue.MARROW
    for side in (-1, 1):
        foramen = (side * (half_width + 4.5), -half_depth * 0.75)
        tissues[ellipse(x, y, foramen, (3.2, 2.8)) < 1] = Tissue.FAT
        tissues[ellipse(x, y, foramen, (2.1, 2.0)) < 1] = Tissue.VESSEL


def _canal(tissues, anatomy, x, y):
    """Ligament that lines the bone, fat behind the sac, the sac and the cord."""
    canal = ellipse(x, y, (0, 0), anatomy.canal)
    tissues[canal < 1.16] = Tissue.CORTICAL_BONE
    tissues[canal < 1] = Tissue.LIGAMENT
    behind = ellipse(x, y, (0, anatomy.canal[1]), (0.34 * anatomy.canal[0], 2.2))
    tissues[(behind < 1) & (canal < 1.12)] = Tissue.FAT
    tissues[ellipse(x, y, (0, 0), anatomy.sac) < 1] = Tissue.CSF
