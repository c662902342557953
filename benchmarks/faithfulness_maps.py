"""The maps of one image that are compared, and where its tumour lies."""

import cv2
import numpy as np
from faithfulness_measures import curves, random_map

from sicf import explain
from sicf.explanation._cohort import send_through
from sicf.explanation._fitted_chain import take_apart

N_RANDOM = 3
GRID = 8
CONTROLS = ("centre", "brightest")


class Place:
    """What is seen of an image: the box, the picture in it, and the tumour."""

    def __init__(self, explanation, tumour, seen):
        top, left, bottom, right = np.rint(explanation.box).astype(int)
        self.box = slice(top, bottom), slice(left, right)
        self.tumour, self.seen = tumour[self.box], seen
        self.chance = self.tumour.mean()

    def hits(self, heat):
        """Whether the highest pixel of a map of the box lies in the tumour."""
        return self.tumour[np.unravel_index(heat.argmax(), heat.shape)]

    def as_seen(self, heat):
        """A map of the box in the pixels of the picture that the parts see."""
        rows, columns = self.seen.shape[:2]
        heat = np.asarray(heat, np.float32)
        return cv2.resize(heat, (columns, rows), interpolation=cv2.INTER_LINEAR)

    def controls(self, rng):
        """Maps that know nothing of the model: random ones, the middle, the brightest place."""
        shape = self.tumour.shape
        row, column = np.indices(shape)
        middle = -np.hypot(row - (shape[0] - 1) / 2, column - (shape[1] - 1) / 2)
        plane = self.seen.reshape(*self.seen.shape[:2], -1).mean(axis=2)
        bright = cv2.GaussianBlur(plane, (0, 0), 0.03 * plane.shape[0])
        bright = cv2.resize(bright, shape[::-1], interpolation=cv2.INTER_LINEAR)
        randoms = [("random", random_map(shape, rng)) for _ in range(N_RANDOM)]
        return [*randoms, ("centre", middle), ("brightest", bright)]


def measure(pipeline, X, tumour, patient, record, n_curves, full=True):
    """Note every map of every image, and the curves of one image of some patients.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted on other patients.
    X : ndarray of n images
    tumour : ndarray of bool of shape (n, H, W)
        Images without any are left out.
    patient : ndarray of shape (n,)
    record : Record
    n_curves : int
        Number of patients whose first image has its curves drawn.
    full : bool
        Whether variants of the maps, and occlusion, are measured too.

    Returns
    -------
    list of ndarray
        The network's map of each image, within the box.
    """
    keep = tumour.any(axis=(1, 2))
    X, tumour, patient = X[keep], tumour[keep], patient[keep]
    chain = take_apart(pipeline)
    seen = send_through(chain, X).seen.images
    drawn = set(np.unique(patient, return_index=True)[1][:n_curves].tolist())
    explanations = {"": explain(pipeline, X)}
    if full:
        explanations[", shap"] = explain(pipeline, X, evidence="shap")
    rng, kept = np.random.default_rng(0), []
    for index, image in enumerate(explanations[""]):
        place = Place(image, tumour[index], np.asarray(seen[index]))
        maps = _of_model(explanations, index, place)
        kept.append(maps[1][1])
        maps += place.controls(rng)
        probability = None
        if index in drawn:
            if full:
                maps.append(("occlusion", _occlusion(pipeline, X[[index]])[place.box]))
            probability = _probability(chain, image)
        _note(record, maps, place, (index, patient[index]), probability)
    return kept


def _of_model(explanations, index, place):
    """All evidence, the network's and the words', and the variants."""
    maps = []
    for variant, explanation in explanations.items():
        for name, parts in (
            ("all evidence", None),
            ("network", ["network"]),
            ("visual words", ["sift"]),
        ):
            maps.append((name + variant, explanation[index].heat_map(parts)[place.box]))
    return maps


def _occlusion(pipeline, X):
    return explain(pipeline, X, occlusion=True, occlusion_grid=GRID)[0].occlusion


def _probability(chain, image):
    target = chain.forest.classes_.tolist().index(image.target)
    return lambda pictures: chain.probabilities_of_seen(pictures)[:, target]


def _note(record, maps, place, sample, probability):
    for method, heat in maps:
        found = None
        if probability is not None and method not in CONTROLS:
            found = curves(probability, place.seen, place.as_seen(heat))
        record.add(method, *sample, place.hits(heat), place.chance, found)
