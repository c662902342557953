"""Who is in an evaluation: counts of patients and samples."""

import numpy as np

from sicf.evaluation._held_out import shows_held_out


class Cohort:
    """Counts of an evaluation's samples and patients.

    Parameters
    ----------
    evaluation : Evaluation
    """

    def __init__(self, evaluation):
        self.evaluation = evaluation
        self.tested = (evaluation.fold >= 0).any(axis=0)
        groups = evaluation.groups
        units = np.arange(len(evaluation.target)) if groups is None else groups
        self.patient = np.unique(units, return_inverse=True)[1]

    @property
    def made_elsewhere(self):
        """Whether nobody was left to be fitted to, so that the answers came from elsewhere."""
        return not shows_held_out(self.evaluation.fold)

    @property
    def has_patients(self):
        """Whether samples have patients."""
        return self.evaluation.groups is not None

    @property
    def has_several_samples(self):
        """Whether a patient that was tested has several samples that were."""
        return self.has_patients and self.n_patients(self.tested) < self.tested.sum()

    def n_patients(self, some=slice(None)):
        """Number of different patients among some samples."""
        return len(np.unique(self.patient[some]))

    def said(self, some=slice(None)):
        """How many, in words."""
        n_samples = len(self.patient[some])
        samples = f"{n_samples} sample{'' if n_samples == 1 else 's'}"
        if not self.has_patients:
            return samples
        n_patients = self.n_patients(some)
        return f"{n_patients} patient{'' if n_patients == 1 else 's'}, {samples}"

    def cells(self, some):
        """Counts as cells of a table: patients where there are any, and samples."""
        counts = [len(self.patient[some])]
        return [self.n_patients(some), *counts] if self.has_patients else counts

    def headers(self, before=""):
        """Headers of such cells."""
        words = ["patients", "samples"] if self.has_patients else ["samples"]
        return [f"{before}{word}" for word in words]

    def folds(self):
        """Every fold: number of the repeat, of the fold, and which samples it tested."""
        for repeat, fold in enumerate(self.evaluation.fold):
            for number in range(int(fold.max()) + 1):
                yield repeat, number, fold == number
