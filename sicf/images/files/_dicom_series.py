"""Frames put in order: by where they lie along their common normal, volume by volume."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from sicf.images.files._guarded import Fault

SAME_PLACE = 0.01
SAME_DIRECTION = 1e-3
SAME_STEP = 0.05
NORMAL_STEP = 1.0


@dataclass(frozen=True)
class Arrangement:
    """The order of frames.

    Parameters
    ----------
    volumes : list of list of int
        Frames of each volume, along the normal.
    affine : ndarray of shape (4, 4) or None
        From (column, row, slice) to millimetres of LPS+. None where places or the size of pixels
        are not known.
    remarks : dict of str to int
    """

    volumes: list
    affine: np.ndarray | None = None
    remarks: dict = field(default_factory=dict)


def arrange(frames, *, one_file):
    """Put frames of one series in order.

    Parameters
    ----------
    frames : list of Frame
    one_file : bool
        Whether they come from one file, whose own order counts where places do not tell.

    Returns
    -------
    Arrangement
    """
    unplaced = [frame.position is None or frame.orientation is None for frame in frames]
    if all(unplaced):
        return _in_given_order(frames, one_file)
    if any(unplaced):
        raise Fault(f"{sum(unplaced)} of its {len(frames)} slices do not say where they lie")
    _check_one_direction(frames)
    orders = list(range(len(frames))) if one_file else [frame.instance for frame in frames]
    places = _places(frames)
    volumes = _split_volumes(_group(places), orders)
    return Arrangement(volumes, _affine(frames, volumes[0]), _gaps(places[volumes[0]]))


def _in_given_order(frames, one_file):
    """Frames of one file as they come; files by their instance numbers, with a remark."""
    if one_file:
        return Arrangement([list(range(len(frames)))])
    instances = [frame.instance for frame in frames]
    if None in instances or len(set(instances)) < len(instances):
        raise Fault(
            "its slices say neither where they lie nor, by instance numbers that differ, in which "
            "order they come"
        )
    return Arrangement([np.argsort(instances).tolist()], None, {"by instance": 1})


def _check_one_direction(frames):
    orientations = np.array([frame.orientation for frame in frames])
    if np.abs(orientations - orientations[0]).max() > SAME_DIRECTION:
        raise Fault("its slices lie in several directions, as those of a localiser do")
    # Where none gives a size, 0 stands for all.
    spacings = np.array([frame.spacing or (0, 0) for frame in frames])
    if not np.allclose(spacings, spacings[0], rtol=SAME_DIRECTION):
        raise Fault("its slices have pixels of several sizes")


def _places(frames):
    """Where each frame lies along the normal."""
    first, second = np.reshape(frames[0].orientation, (2, 3))
    return np.array([frame.position for frame in frames]) @ np.cross(first, second)


def _group(places):
    """Frames that lie at one place, in the order of places."""
    order = np.argsort(places, kind="stable")
    new = np.flatnonzero(np.diff(places[order]) > SAME_PLACE) + 1
    return [group.tolist() for group in np.split(order, new)]


def _split_volumes(groups, orders):
    """The first frame at each place is the first volume's, and so on."""
    counts = Counter(map(len, groups))
    if len(counts) > 1:
        raise Fault(
            f"some of its places hold {min(counts)} slice(s) and some {max(counts)}; a series of "
            "several volumes must hold each whole"
        )
    if len(groups[0]) > 1:
        for group in groups:
            numbers = [orders[index] for index in group]
            if None in numbers or len(set(numbers)) < len(numbers):
                raise Fault("several slices lie at one place, and no instance number parts them")
            group.sort(key=lambda index: orders[index])
    return [list(volume) for volume in zip(*groups, strict=True)]


def _affine(frames, volume):
    """Where pixels lie, if their size is known."""
    frame = frames[volume[0]]
    if frame.spacing is None:
        return None
    along_columns, along_rows = np.reshape(frame.orientation, (2, 3))
    first, last = (np.array(frames[volume[at]].position) for at in (0, -1))
    if len(volume) > 1:
        step = (last - first) / (len(volume) - 1)
    else:
        thickness = frame.thickness if frame.thickness and frame.thickness > 0 else NORMAL_STEP
        step = np.cross(along_columns, along_rows) * thickness
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [along_columns * frame.spacing[1], along_rows * frame.spacing[0], step, first]
    )
    return affine


def _gaps(places):
    """Steps that are larger than the usual one, where slices may be missing."""
    steps = np.diff(places)
    if not steps.size:
        return {}
    # The lower of two middle ones, since a gap only ever makes a step larger.
    usual = np.sort(steps)[(steps.size - 1) // 2]
    uneven = int((np.abs(steps - usual) > SAME_STEP * usual + SAME_PLACE).sum())
    return {"gaps": uneven} if uneven else {}
