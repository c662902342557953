"""Rows of a few samples at a time, by a wrapped transformer, with errors that name the sample."""

import re
from itertools import islice

import numpy as np

from sicf._spread import count_workers, has_workers_elsewhere, spread

# So many are sent at once: all would fill the memory, fewer keep workers waiting for the slowest.
BATCHES_A_WORKER = 8
# How the error of a step names the one sample that it was given.
ONLY_SAMPLE = re.compile(r"\b(image|sample) 0\b", re.IGNORECASE)


class RowComputer:
    """Compute rows by position, on the workers of a cluster where joblib has one.

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

    def __call__(self, batches):
        """Rows of each batch; an error names the sample by its place in X, not among the few.

        Parameters
        ----------
        batches : iterator of list of int
            Positions.

        Yields
        ------
        list of ndarray
        """
        if not has_workers_elsewhere():
            for positions in batches:
                rows = _transform(self._transformer, self._samples, positions, positions)
                yield self._checked(rows, positions)
            return
        while some := list(islice(batches, BATCHES_A_WORKER * count_workers())):
            parts = [(self._samples.part(positions), positions) for positions in some]
            for index, rows in spread(_transform_part, self._transformer, parts, ordered=True):
                yield self._checked(rows, some[index])

    def _checked(self, rows, positions):
        if len(rows) != len(positions):
            raise ValueError(
                "A cached transformer must give one row for each image. "
                f"{type(self._transformer).__name__} gave {len(rows)} for {len(positions)}."
            )
        self._check_unchanged(positions)
        return rows

    def _check_unchanged(self, positions):
        """What has changed since its key was made would be kept under a wrong key."""
        for position, digest in zip(positions, self._samples.digests(positions), strict=True):
            if digest != self._digests[position]:
                raise ValueError(
                    "Samples must stay as they are while their rows are computed. "
                    f"Sample {position} has changed."
                )


def _transform_part(transformer, part):
    samples, numbers = part
    return _transform(transformer, samples, list(range(len(numbers))), numbers)


def _transform(transformer, samples, positions, numbers):
    """Rows of samples at some positions, which an error names by other numbers."""
    try:
        rows = transformer.transform(samples.take(positions))
    except Exception as exc:
        failure = exc
    else:
        # A table, which scikit-learn's set_output asks for, is iterated by its columns.
        return [np.asarray(row) for row in (rows.to_numpy() if hasattr(rows, "to_numpy") else rows)]
    # Outside the handler: there the first error, with its wrong number, would be shown as well.
    for position, number in zip(positions, numbers, strict=True):
        try:
            transformer.transform(samples.take([position]))
        except Exception as exc:
            _name_sample(exc, number)
            raise
    failure.add_note(f"Raised for these images together, not for any alone: {numbers}.")
    raise failure


def _name_sample(exc, position):
    """Put the sample's true place into the error of a step that was given this one alone."""
    text = str(exc)
    if exc.args == (text,) and ONLY_SAMPLE.search(text):
        exc.args = (ONLY_SAMPLE.sub(rf"\1 {position}", text),)
    else:
        exc.add_note(f"Raised for image {position}.")
