"""Patients with crops in two planes: checked, resized, paired."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sicf._batch import check_images
from sicf._intensity import to_uint8
from sicf.images._resize import resize_plane

PLANES = ("axial", "sagittal")


@dataclass(frozen=True)
class Patient:
    """Crops of one patient, all of one size.

    Parameters
    ----------
    axial, sagittal : ndarray of uint8 of shape (n, height, width) or (n, height, width, M)
    age : float
        Years; nan where it is not known.
    """

    axial: np.ndarray
    sagittal: np.ndarray
    age: float

    @property
    def n_edges(self):
        """Number of pairs: axial times sagittal crops."""
        return len(self.axial) * len(self.sagittal)

    def pairs(self, edges, rng=None):
        """Pictures of some pairs, the axial crop on top.

        Parameters
        ----------
        edges : sequence of int
            Numbers below `n_edges`; all pairs of the first axial crop come first.
        rng : numpy.random.Generator, default=None
            Flips each crop up and down, left and right, or not, a third each. None flips nothing.

        Returns
        -------
        ndarray of uint8 of shape (n, 2 * height, width) or (n, 2 * height, width, M)
        """
        above, below = np.divmod(np.asarray(edges), len(self.sagittal))
        planes = (self.axial[above], self.sagittal[below])
        if rng is not None:
            planes = [np.stack([_flipped(crop, rng.integers(3)) for crop in p]) for p in planes]
        return np.concatenate(planes, axis=1)


def check_patients(X, height, width, n_channels=None):
    """Check patients, and bring their crops to eight bits and one size.

    Parameters
    ----------
    X : sequence of dict
        Of each patient the crops of both planes and, under "age", the years, which may be missing.
    height, width : int
    n_channels : int, default=None
        That `fit` saw. None takes any.

    Returns
    -------
    list of Patient

    Raises
    ------
    TypeError
        A patient is no dict.
    ValueError
        A patient lacks a plane, a plane has no crop or something that is no image, or numbers of
        channels differ. The patient is named.
    """
    if isinstance(X, Mapping) or not hasattr(X, "__len__"):
        raise TypeError(f"X must be a list of patients, each a dict. Got {type(X).__name__}.")
    if not len(X):
        raise ValueError("X must hold at least 1 patient. Found array with 0 sample(s).")
    patients = [_check_patient(number, sample, height, width) for number, sample in enumerate(X)]
    wanted = patients[0].axial.shape[1:] if n_channels is None else None
    for number, patient in enumerate(patients):
        for plane in PLANES:
            found = getattr(patient, plane)
            if (wanted and found.shape[1:] != wanted) or (n_channels or _channels(found)) != (
                _channels(found)
            ):
                raise ValueError(
                    f"All crops must have the same number of channels. Patient {number} has "
                    f"{_channels(found)} in plane {plane!r}, not "
                    f"{n_channels or _channels(patients[0].axial)}."
                )
    return patients


def _check_patient(number, sample, height, width):
    if not isinstance(sample, Mapping):
        raise TypeError(
            "A patient must be a dict with the keys 'axial' and 'sagittal'. "
            f"Patient {number} is {type(sample).__name__}."
        )
    crops = []
    for plane in PLANES:
        if plane not in sample:
            raise ValueError(
                f"A patient must have the keys 'axial' and 'sagittal'. Patient {number} has "
                f"{sorted(map(str, sample))}."
            )
        try:
            batch = check_images(sample[plane])
        except (TypeError, ValueError) as exc:
            raise type(exc)(f"{exc} Raised by patient {number}, plane {plane!r}.") from exc
        crops.append(np.stack([_resized(image, height, width) for image in batch]))
    return Patient(*crops, _age(number, sample.get("age")))


def _age(number, age):
    if age is None:
        return np.nan
    try:
        years = float(age)
    except (TypeError, ValueError) as exc:
        raise TypeError(f"age must be a number of years. Patient {number} has {age!r}.") from exc
    if years < 0 or np.isinf(years):
        raise ValueError(f"age must be a number of years. Patient {number} has {age!r}.")
    return years


def _resized(image, height, width):
    planes = [
        resize_plane(to_uint8(image[:, :, channel]), (height, width))
        for channel in range(image.shape[2])
    ]
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)


def _channels(crops):
    return 1 if crops.ndim == 3 else crops.shape[3]


def _flipped(crop, how):
    return (crop, crop[::-1], crop[:, ::-1])[how]
