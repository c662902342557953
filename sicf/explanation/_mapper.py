"""Maps of one image after the other, in the original picture."""

from dataclasses import dataclass

import numpy as np

from sicf._batch import check_images
from sicf.explanation._cohort import Cohort
from sicf.explanation._keypoint_map import keypoint_maps
from sicf.explanation._network_map import network_maps
from sicf.explanation._occlusion_map import occlusion_map
from sicf.explanation._seen import lay_back


@dataclass(frozen=True)
class Mapper:
    """Draws the maps of one image after the other.

    Parameters
    ----------
    cohort : Cohort
    cam : {"grad", "hires"}
    """

    cohort: Cohort
    cam: str

    def maps(self, index, weights):
        """Maps of the parts of one image.

        Parameters
        ----------
        index : int
        weights : ndarray of shape (width of the union,)
            Evidence of each column.

        Returns
        -------
        maps : dict of str to ndarray of float32 of shape (S, H, W)
            Of the parts that have one.
        unplaced : dict of str to float
            Evidence of words that are not in the image.
        """
        maps, unplaced = {}, {}
        pieces = np.split(weights, np.cumsum(self.cohort.widths)[:-1])
        for number, (part, own) in enumerate(zip(self.cohort.chain.parts, pieces, strict=True)):
            if part.sift is not None:
                found = self._keypoints(number, index, own)
                maps[part.name], unplaced[part.name] = found
            elif part.embedder is not None:
                found = self._network(number, index, own)
                if found is not None:
                    maps[part.name] = found
        return maps, unplaced

    def occlusion(self, index, target, grid):
        """Occlusion map of one image, in the original picture.

        Parameters
        ----------
        index, target, grid : int

        Returns
        -------
        ndarray of float32 of shape (H, W)
        """
        cohort = self.cohort

        def probability(pictures):
            return cohort.chain.probabilities_of_seen(pictures)[:, target]

        image = np.asarray(cohort.seen.images[index])
        coarse = occlusion_map(probability, image, grid, cohort.chain.mask_seen)
        return lay_back(coarse, cohort.seen.boxes[index], cohort.shape(index))

    def _keypoints(self, number, index, weights):
        cohort = self.cohort
        view, keypoints = cohort.views[number], cohort.keypoints[number][index]
        side, box = np.shape(view.images[index])[:2], view.boxes[index]
        words = cohort.chain.parts[number].sift[1]
        return keypoint_maps(words, keypoints, weights, side, box, cohort.shape(index))

    def _network(self, number, index, weights):
        embedder, view = self.cohort.chain.parts[number].embedder, self.cohort.views[number]
        image, shape = np.asarray(view.images[index]), self.cohort.shape(index)
        if not weights.any():
            # Without evidence there is nothing to differentiate.
            n_sequences = len(check_images([image], mask=embedder.mask).sequence_channels)
            return np.zeros((1 if embedder.fuse_sequences == "rgb" else n_sequences, *shape), "f4")
        coarse = network_maps(embedder, image, weights, self.cam)
        return coarse if coarse is None else _lay_back_scaled(coarse, weights, view, index, shape)


def _lay_back_scaled(coarse, weights, view, index, shape):
    """In the original picture, with as much evidence in all as the columns have."""
    laid = np.stack([lay_back(plane, view.boxes[index], shape) for plane in coarse])
    total = np.abs(laid).sum()
    return laid * np.float32(np.abs(weights).sum() / total) if total > 0 else laid
