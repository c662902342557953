"""Puts together why one image got its answer."""

import numpy as np

from sicf.explanation._cohort import say_what_was_dropped
from sicf.explanation._forest_shap import ForestShap, Thresholds
from sicf.explanation._image_explanation import ImageExplanation
from sicf.explanation._mapper import Mapper

EVIDENCE = ("directed", "shap")


class Explainer:
    """Puts together why one image after the other got its answer.

    Parameters
    ----------
    cohort : Cohort
    evidence : {"directed", "shap"}
    cam : {"grad", "hires"}
    occlusion_grid : int or None
        None draws no occlusion maps.
    """

    def __init__(self, cohort, evidence, cam, occlusion_grid):
        self.cohort = cohort
        self.blocks, self.kept = cohort.blocks(), cohort.kept()
        self.notes = say_what_was_dropped(self.blocks, self.kept)
        self.shap = ForestShap(cohort.chain.forest)
        self._thresholds = Thresholds(cohort.chain.forest) if evidence == "directed" else None
        self._mapper = Mapper(cohort, cam)
        self._grid = occlusion_grid
        self._forest_rows = cohort.chain.to_forest(cohort.rows)

    def explain(self, index, values, probabilities, target):
        """Explain one image.

        Parameters
        ----------
        index : int
        values : ndarray of shape (number of kept columns, K)
            Its SHAP values.
        probabilities : ndarray of shape (K,)
        target : int
            Number of the class.

        Returns
        -------
        ImageExplanation
        """
        values = values[:, target]
        maps, unplaced = self._mapper.maps(index, self._evidence(index, values))
        occlusion = None
        if self._grid is not None:
            occlusion = self._mapper.occlusion(index, target, self._grid)
        classes = self.cohort.chain.forest.classes_
        return ImageExplanation(
            image=self.cohort.originals.sequences(index),
            sequence_names=self.cohort.sequence_names,
            classes=classes,
            probabilities=probabilities,
            target=classes[target],
            base_value=float(self.shap.base_values[target]),
            contributions=self._contributions(values),
            box=self.cohort.seen.boxes[index],
            maps=maps,
            unplaced=unplaced,
            occlusion=occlusion,
            notes=self.notes + self._unmapped(maps),
        )

    def _evidence(self, index, values):
        """Evidence of every column of the union; those that were not selected have none."""
        weights = np.zeros(self.cohort.rows.shape[1])
        if self._thresholds is not None:
            values = values * self._thresholds.side(self._forest_rows[index])
        weights[self.kept] = values
        return weights

    def _contributions(self, values):
        import pandas as pd

        of_column = np.zeros(self.cohort.rows.shape[1])
        of_column[self.kept] = values
        sums = {block.name: of_column[block.start : block.stop].sum() for block in self.blocks}
        return pd.Series(sums, name="contribution")

    def _unmapped(self, maps):
        """Which parts have no map."""
        names = [part.name for part in self.cohort.chain.parts if part.name not in maps]
        return [
            f"{name} has no map: it has neither keypoints nor a convolutional map."
            for name in names
        ]
