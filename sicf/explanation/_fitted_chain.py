"""A fitted pipeline taken apart: reading, image steps, feature parts, steps on columns, forest."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from sklearn.base import OneToOneFeatureMixin
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from sicf.features import (
    CachedRows,
    NoKeypointsWarning,
    SIFTBoVW,
    SIFTDescriptors,
    TorchEmbedder,
    VisualWords,
)
from sicf.images._image_step import ImageStep

FORESTS = (RandomForestClassifier, ExtraTreesClassifier, DecisionTreeClassifier)
EXTRACTORS = (TorchEmbedder, SIFTBoVW, SIFTDescriptors)


@dataclass(frozen=True)
class Part:
    """What gives some of the columns: image steps of its own, then steps from picture to row.

    Parameters
    ----------
    name : str
    image_steps : list of transformer
    extractors : list of transformer
        Fitted; usually one.
    weight : float
        By which the union multiplies the columns.
    """

    name: str
    image_steps: list
    extractors: list
    weight: float = 1.0

    @property
    def embedder(self):
        """The network, or None."""
        first = uncached(self.extractors[0])
        return first if len(self.extractors) == 1 and isinstance(first, TorchEmbedder) else None

    @property
    def sift(self):
        """Fitted descriptors, which may be cached, and words, or None."""
        first, *others = self.extractors
        if not others and isinstance(first, SIFTBoVW):
            return first.descriptors_, first.words_
        pair = len(others) == 1 and isinstance(uncached(first), SIFTDescriptors)
        return (first, others[0]) if pair and isinstance(others[0], VisualWords) else None

    def setting(self, name):
        """A parameter of the first extractor that has it, or None."""
        found = [getattr(uncached(step), name, None) for step in self.extractors]
        return next((value for value in found if value is not None), None)

    def rows(self, images, *, cached=True):
        """Columns of each image, and what SIFT found on the way.

        Parameters
        ----------
        images : array or list of n images
            As the part sees them.
        cached : bool, default=True
            Whether row caches are read and written.

        Returns
        -------
        rows : ndarray of shape (n, width)
            As the union takes them.
        keypoints : sequence of n structured arrays, or None
        """
        steps = self.extractors if self.sift is None else self.sift
        rows, keypoints = images, None
        for step in steps:
            rows = (step if cached else uncached(step)).transform(rows)
            keypoints = rows if self.sift is not None and keypoints is None else keypoints
        rows = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
        return (rows if self.weight == 1 else rows * self.weight), keypoints


@dataclass(frozen=True)
class FittedChain:
    """The steps of a fitted pipeline by what they do.

    Parameters
    ----------
    reader : transformer or None
    image_steps : list of transformer
        Shared by all parts.
    parts : list of Part
    column_steps : list of transformer
        Selectors, and steps that keep each column a column.
    forest : classifier
    """

    reader: object
    image_steps: list
    parts: list
    column_steps: list = field(default_factory=list)
    forest: object = None

    @property
    def mask(self):
        """The mask's channel, as the first step that knows of one names it."""
        steps = [uncached(step) for step in self.image_steps]
        found = [getattr(step, "mask", None) for step in steps]
        found += [part.setting("mask") for part in self.parts]
        return next((mask for mask in found if mask is not None), None)

    @property
    def mask_seen(self):
        """The mask's channel in what the shared image steps give; fusion moves it."""
        found = [part.setting("mask") for part in self.parts]
        return next((mask for mask in found if mask is not None), self.mask)

    def kept_columns(self, width):
        """Which of the union's columns reach the forest, as positions."""
        columns = np.arange(width)
        for step in self.column_steps:
            if isinstance(step, SelectorMixin):
                columns = columns[step.get_support()]
        return columns

    def to_forest(self, rows):
        """Rows of the union as rows of the forest."""
        for step in self.column_steps:
            rows = np.asarray(step.transform(named(step, rows)))
        return rows

    def probabilities(self, rows):
        """Of rows of the union, of shape (n, K)."""
        rows = self.to_forest(rows)
        return self.forest.predict_proba(named(self.forest, rows))

    def probabilities_of_seen(self, images):
        """Of what the shared image steps gave; no cache is read or written."""
        with warnings.catch_warnings(action="ignore", category=NoKeypointsWarning):
            rows = [
                part.rows(through(part.image_steps, images), cached=False)[0] for part in self.parts
            ]
        return self.probabilities(np.hstack(rows))


def take_apart(pipeline):
    """Sort the steps of a fitted pipeline by what they do.

    Parameters
    ----------
    pipeline : Pipeline

    Returns
    -------
    FittedChain

    Raises
    ------
    TypeError
        It is no pipeline, does not end in a forest of classification trees, or a step between
        features and forest mixes columns.
    NotFittedError
        It is not fitted.
    """
    if not isinstance(pipeline, Pipeline):
        raise TypeError(
            "pipeline must be a Pipeline from images to a forest, such as make_sicf_lorf() gives. "
            f"Got {type(pipeline).__name__} instead."
        )
    *steps, (_, forest) = flatten("pipeline", pipeline)
    _check_forest(forest)
    column_steps = []
    while steps and isinstance(steps[-1][1], (SelectorMixin, OneToOneFeatureMixin)):
        column_steps.insert(0, steps.pop()[1])
    if not steps:
        raise TypeError("pipeline must have a step from images to columns. Got none.")
    reader = steps.pop(0)[1] if hasattr(uncached(steps[0][1]), "digest_samples") else None
    image_steps, parts = _split(steps)
    return FittedChain(reader, image_steps, parts, column_steps, forest)


def uncached(step):
    """The step itself, where CachedRows is round it."""
    return step.transformer_ if isinstance(step, CachedRows) else step


def through(steps, images):
    """Let images go through several steps; no cache is read or written."""
    for step in steps:
        images = uncached(step).transform(images)
    return images


def named(step, rows):
    """Rows with the names of columns, for a step that was fitted with names."""
    names = getattr(step, "feature_names_in_", None)
    if names is None:
        return rows
    import pandas as pd

    return pd.DataFrame(rows, columns=names)


def flatten(name, step):
    """Steps of pipelines in pipelines, in order; what passes everything on is left out.

    Parameters
    ----------
    name : str
    step : estimator

    Returns
    -------
    list of (str, estimator)
    """
    if step is None or isinstance(step, str):
        return []
    inner = uncached(step) if hasattr(step, "transformer_") else step
    if isinstance(inner, Pipeline):
        return [pair for name, step in inner.steps for pair in flatten(name, step)]
    return [(name, inner if isinstance(inner, FeatureUnion) else step)]


def _split(steps):
    """Image steps, and the parts after them."""
    name, last = steps[-1]
    if isinstance(last, FeatureUnion):
        return [step for _, step in steps[:-1]], _parts_of_union(last)
    part = _make_part(name, [step for _, step in steps])
    return part.image_steps, [Part(name, [], part.extractors)]


def _parts_of_union(union):
    weights = union.transformer_weights or {}
    parts = []
    for name, step in union.transformer_list:
        if step == "drop":
            continue
        chain = [inner for _, inner in flatten(name, step)]
        if not chain:
            raise TypeError(f"A part must turn images into columns. {name!r} is {step!r}.")
        parts.append(_make_part(name, chain, weights.get(name, 1.0)))
    return parts


def _make_part(name, chain, weight=1.0):
    """Image steps end where a known extractor begins, or where a step is no image step."""
    kinds = [uncached(step) for step in chain]
    known = [place for place, step in enumerate(kinds) if isinstance(step, EXTRACTORS)]
    if known:
        first = known[0]
    else:
        others = [place for place, step in enumerate(kinds) if not isinstance(step, ImageStep)]
        first = others[0] if others else len(chain) - 1
    return Part(name, chain[:first], chain[first:], weight)


def _check_forest(forest):
    if not isinstance(forest, FORESTS):
        raise TypeError(
            "The last step must be a forest of classification trees, whose SHAP values are exact. "
            f"Got {type(forest).__name__} instead."
        )
    try:
        check_is_fitted(forest)
    except NotFittedError as exc:
        raise NotFittedError(
            "The pipeline must be fitted before it can be explained. Call fit first."
        ) from exc
    if forest.n_outputs_ != 1:
        raise TypeError(f"The forest must have one target. Got {forest.n_outputs_} instead.")
