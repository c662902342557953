"""X as the row cache sees it: samples that can be taken by position and have a digest each."""

import os
from copy import copy

import numpy as np
from sklearn.pipeline import FeatureUnion, Pipeline

from sicf._batch import check_images, is_one_array
from sicf.features._cache_key import describe, digest_image


def as_samples(X, transformer, n_channels=None):
    """Look at X as what the first step of a transformer takes.

    Parameters
    ----------
    X : array-like
        Images; or anything at all, where the first step has ``digest_samples(X)``, which gives 32
        bytes for the content of each sample.
    transformer : estimator
        A step, or a `Pipeline` or `FeatureUnion` of steps.
    n_channels : int, default=None
        The number of channels that images must have. None takes any.

    Returns
    -------
    ImageSamples or ReadSamples
    """
    first = list(_first_steps(transformer))
    readers = [step for step in first if hasattr(step, "digest_samples")]
    if not readers:
        return ImageSamples(X, n_channels)
    if len(readers) < len(first):
        raise TypeError(
            "Either all branches of a cached transformer begin with a step that reads files, or "
            f"none. Got {', '.join(type(step).__name__ for step in first)}."
        )
    # Branches that read alike would give the same digests.
    return ReadSamples(X, list({describe(reader): reader for reader in readers}.values()))


class ImageSamples:
    """Images in memory, or in one memory-mapped array.

    Parameters
    ----------
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
    n_channels : int, default=None
        The number of channels that there must be.

    Attributes
    ----------
    n_channels : int
        Number of channels, the mask included.
    """

    def __init__(self, X, n_channels=None):
        self._X = _as_batch(X)
        self.n_channels = _count_channels(self._X, n_channels)

    def __len__(self):
        return len(self._X)

    def take(self, positions):
        """Images at some positions, in the form that X has."""
        X = self._X
        return X[positions] if is_one_array(X) else [X[position] for position in positions]

    def part(self, positions):
        """The samples at some positions alone, counted from 0."""
        return _part(self, positions)

    def digests(self, positions=None):
        """Digest of each image at some positions; None means all."""
        positions = range(len(self)) if positions is None else positions
        return [digest_image(np.asarray(self._X[position])) for position in positions]


class ReadSamples:
    """What a reading step turns into images: file names and the like, in any container.

    Parameters
    ----------
    X : list, array, Series or DataFrame
    readers : list of estimator
        Steps with `digest_samples`, each of which reads X.
    """

    n_channels = None

    def __init__(self, X, readers):
        if isinstance(X, (str, bytes, os.PathLike)) or not hasattr(X, "__len__"):
            raise TypeError(
                "X must hold one entry for each sample. "
                f"Got {type(X).__name__} instead; a single one is passed as [X]."
            )
        if not len(X):
            raise ValueError("X must hold at least 1 sample. Found array with 0 sample(s).")
        self._X = X
        self._readers = readers

    def __len__(self):
        return len(self._X)

    def take(self, positions):
        """Entries at some positions, in the container that X is."""
        if hasattr(self._X, "iloc"):
            return self._X.iloc[positions]
        if isinstance(self._X, np.ndarray):
            return self._X[positions]
        return [self._X[position] for position in positions]

    def part(self, positions):
        """The samples at some positions alone, counted from 0."""
        return _part(self, positions)

    def digests(self, positions=None):
        """Digest of each sample at some positions; None means all."""
        X = self._X if positions is None else self.take(positions)
        of_each_reader = [_checked_digests(reader, X) for reader in self._readers]
        return [b"".join(digests) for digests in zip(*of_each_reader, strict=True)]


def _part(samples, positions):
    part = copy(samples)
    part._X = samples.take(positions)
    return part


def _checked_digests(reader, X):
    digests = list(reader.digest_samples(X))
    if len(digests) != len(X) or any(len(digest) != 32 for digest in digests):
        raise ValueError(
            "digest_samples must give 32 bytes for each sample. "
            f"{type(reader).__name__} gave {len(digests)} value(s) for {len(X)} sample(s)."
        )
    return digests


def _first_steps(transformer):
    """The steps that see X itself: several where a union stands first."""
    if isinstance(transformer, Pipeline):
        steps = [step for _, step in transformer.steps if step not in (None, "passthrough")]
        yield from _first_steps(steps[0]) if steps else ()
    elif isinstance(transformer, FeatureUnion):
        for _, branch in transformer.transformer_list:
            if branch != "drop":
                yield from _first_steps(branch)
    else:
        yield transformer


def _as_batch(X):
    """Give array-likes, such as a pandas Series, the one form that numbers from 0 can index."""
    if is_one_array(X) or isinstance(X, (str, os.PathLike)):
        return X
    if hasattr(X, "__array__") and getattr(X, "ndim", 1) > 1:
        return np.asarray(X)
    return list(X) if hasattr(X, "__len__") and hasattr(X, "__iter__") else X


def _count_channels(X, expected=None):
    """Check everything about a batch but the values, which are the wrapped step's to judge."""
    forms = [_form(image) for image in X] if isinstance(X, list) else _form(X)
    return check_images(forms, n_channels=expected).n_channels


def _form(image):
    """Zeros of an image's shape and dtype, which take no memory; what is no float stays."""
    try:
        array = np.asarray(image)
    except (TypeError, ValueError):
        return image
    if array.dtype.kind != "f":
        return image
    return np.broadcast_to(np.zeros((), array.dtype), array.shape)
