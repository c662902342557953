"""Rows of a few samples at a time, by a wrapped transformer, with errors that name the sample."""

import re

import numpy as np

# How the error of a step names the one sample that it was given.
ONLY_SAMPLE = re.compile(r"\b(image|sample) 0\b", re.IGNORECASE)


class RowComputer:
    """Compute rows by position.

    Parameters
    ----------
    transformer : estimator
        Fitted and frozen.
    samples : ImageSamples or ReadSamples
    digests : list of bytes
        Of the samples, when their keys were made.
    """

    def __init__(self, transformer, samples, digests):
        self._transformer = transformer
        self._samples = samples
        self._digests = digests

    def __call__(self, positions):
        """Rows at some positions; an error names the sample by its place in X, not among the few.

        Parameters
        ----------
        positions : list of int

        Returns
        -------
        list of ndarray
        """
        rows = [np.asarray(row) for row in self._transform(positions)]
        if len(rows) != len(positions):
            raise ValueError(
                "A cached transformer must give one row for each image. "
                f"{type(self._transformer).__name__} gave {len(rows)} for {len(positions)}."
            )
        self._check_unchanged(positions)
        return rows

    def _transform(self, positions):
        try:
            rows = self._transformer.transform(self._samples.take(positions))
        except Exception as exc:
            failure = exc
        else:
            # A table, which scikit-learn's set_output asks for, is iterated by its columns.
            return rows.to_numpy() if hasattr(rows, "to_numpy") else rows
        # Outside the handler: there the first error, with its wrong number, would be shown as well.
        for position in positions:
            try:
                self._transformer.transform(self._samples.take([position]))
            except Exception as exc:
                _name_sample(exc, position)
                raise
        failure.add_note(f"Raised for these images together, not for any alone: {positions}.")
        raise failure

    def _check_unchanged(self, positions):
        """What has changed since its key was made would be kept under a wrong key."""
        for position, digest in zip(positions, self._samples.digests(positions), strict=True):
            if digest != self._digests[position]:
                raise ValueError(
                    "Samples must stay as they are while their rows are computed. "
                    f"Sample {position} has changed."
                )


def _name_sample(exc, position):
    """Put the sample's true place into the error of a step that was given this one alone."""
    text = str(exc)
    if exc.args == (text,) and ONLY_SAMPLE.search(text):
        exc.args = (ONLY_SAMPLE.sub(rf"\1 {position}", text),)
    else:
        exc.add_note(f"Raised for image {position}.")
