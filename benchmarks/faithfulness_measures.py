"""How faithful a map is: deletion and insertion curves, the pointing game, intervals."""

from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from scipy.integrate import trapezoid

from sicf.explanation._occlusion_map import blur

SHARES = np.array([0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1])
N_BOOTSTRAP = 2000


class Curves(NamedTuple):
    """Mean probability over the share of pixels that is deleted, or inserted, best ones first."""

    deletion: float
    insertion: float


def curves(probability, image, heat):
    """Blur the picture pixel by pixel in the order of a map, and the other way round.

    Parameters
    ----------
    probability : callable
        From a list of images to an array.
    image : ndarray of uint8 of shape (H, W) or (H, W, M)
    heat : ndarray of shape (H, W)

    Returns
    -------
    Curves
        Areas under the curves: a faithful map has a small one of deletion and a large one of
        insertion.
    """
    # Ties, as over places without evidence, go by chance and not from the top down.
    tie = np.random.default_rng(0).random(heat.size)
    rank = np.empty(heat.size)
    rank[np.lexsort((tie, -heat.ravel()))] = np.arange(heat.size) / heat.size
    rank, blurred = rank.reshape(*heat.shape, *[1] * (image.ndim - 2)), blur(image)
    pictures = []
    for start, end in ((image, blurred), (blurred, image)):
        pictures += [np.where(rank < share, end, start) for share in SHARES]
    found = np.asarray(probability(pictures)).reshape(2, len(SHARES))
    return Curves(*trapezoid(found, SHARES, axis=1))


def random_map(shape, rng, cells=16):
    """A map as smooth as those of a network, which knows nothing."""
    return cv2.resize(rng.random((cells, cells)), shape[::-1], interpolation=cv2.INTER_LINEAR)


def interval(values, patient, level=0.95, seed=0):
    """Mean over patients, each with the mean of its images, and its bootstrap interval.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, k)
        With k columns a ratio of two means: the first by the second.
    patient : ndarray of shape (n,)

    Returns
    -------
    tuple of float
        Value, low, high.
    """
    values = np.asarray(values, float).reshape(len(patient), -1)
    means = np.stack([values[patient == p].mean(axis=0) for p in np.unique(patient)])
    rng = np.random.default_rng(seed)
    drawn = means[rng.integers(len(means), size=(N_BOOTSTRAP, len(means)))].mean(axis=1)
    point, drawn = (_ratio(m) if m.shape[-1] == 2 else m for m in (means.mean(axis=0), drawn))
    tail = (1 - level) / 2
    return (float(point[0]), *np.quantile(drawn[:, 0], [tail, 1 - tail]).tolist())


def _ratio(means):
    return means[..., :1] / means[..., 1:]


def spearman(one, other):
    """Rank correlation of two maps, ties by place."""
    ranks = [np.argsort(np.argsort(heat.ravel())) for heat in (one, other)]
    return float(np.corrcoef(*ranks)[0, 1])


class Record:
    """Measures of several maps of many images, and their table.

    Parameters
    ----------
    reference : str
        The method with whose curves the others are compared, image by image.
    """

    def __init__(self, reference="random"):
        self.reference = reference
        self.rows = []

    def add(self, method, image, patient, hit, chance, found=None):
        """Note one map of one image: whether its peak hits, and its curves where it has any."""
        row = {"method": method, "image": image, "patient": patient, "hit": hit, "chance": chance}
        if found is not None:
            row |= found._asdict()
        self.rows.append(row)

    def table(self):
        """Lines of a markdown table, one row a method."""
        table = pd.DataFrame(self.rows)
        measures = ["hit", "chance", "deletion", "insertion"]
        each = table.groupby(["method", "patient", "image"], sort=False)[measures].mean()
        random = each.loc[self.reference]
        lines = [
            "| map | images | peak in tumour | by chance | ratio | deletion | random - deletion | "
            "insertion - random |",
            "|---" * 8 + "|",
        ]
        for method in table["method"].unique():
            lines.append(self._line(method, each.loc[method], random))
        return lines

    def _line(self, method, own, random):
        patient = own.index.get_level_values("patient").to_numpy()
        pointing = interval(own[["hit", "chance"]], patient)
        share, chance = own[["hit", "chance"]].groupby(patient).mean().mean()
        line = f"| {method} | {len(own)} | {share:.0%} | {chance:.0%} | {_show(pointing, 2)} |"
        drawn = own.dropna()
        if not len(drawn):
            return line + " - | - | - |"
        patient = drawn.index.get_level_values("patient").to_numpy()
        line += f" {interval(drawn['deletion'], patient)[0]:.3f} |"
        if method == self.reference:
            return line + " - | - |"
        random = random.loc[drawn.index]
        falls = interval(random["deletion"] - drawn["deletion"], patient)
        rises = interval(drawn["insertion"] - random["insertion"], patient)
        return line + f" {_show(falls)} | {_show(rises)} |"


def _show(found, digits=3):
    value, low, high = found
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
