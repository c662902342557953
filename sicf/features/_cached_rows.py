"""A frozen transformer gives the same row for the same image for ever: compute it once."""

import os
import tempfile
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sicf._batch import check_images, is_one_array
from sicf.features._cache_key import recipe, row_key
from sicf.features._sift_descriptors import as_ragged

ROWS_AT_ONCE = 32


class CachedRows(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
    """Keep each image's row in a folder, so that it is computed once in all folds and days.

    Wraps a frozen transformer, that is one whose `fit` learns nothing (its tag `requires_fit` is
    False). Unknown parameters are handed on to it, so that a grid over ``vgg16__layer`` needs no
    change when `vgg16` is wrapped.

    Parameters
    ----------
    transformer : estimator
        A frozen transformer, or a `Pipeline` or `FeatureUnion` of frozen ones.
    location : str or path, default=None
        The folder. It is made if it is not there. None keeps nothing and hands everything on.
    verbose : int, default=0
        Above 0, a progress bar over the rows that have to be computed.

    Attributes
    ----------
    transformer_ : estimator
        The fitted clone.
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    Notes
    -----
    The key of a row is a hash of the image's pixels, dtype and shape, of the transformer's
    parameters but for those which cannot change a row (`n_jobs`, `batch_size`, `verbose`), of the
    network's weights, and of the versions of sicf, NumPy, OpenCV, torch and torchvision. A function
    given as a parameter is known by its name alone: delete the folder after changing its code.

    A row is one ``.npy`` file, written under another name and moved into place, so that a reader in
    another process never sees half of it. Files are read without pickle; a broken one is computed
    again.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from sicf import CachedRows, SIFTDescriptors
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cached = CachedRows(SIFTDescriptors(), folder).fit(X)
    ...     first, again = cached.transform(X), cached.transform(X[:1])
    >>> bool((first[0] == again[0]).all())
    True
    """

    def __init__(self, transformer, location=None, *, verbose=0):
        self.transformer = transformer
        self.location = location
        self.verbose = verbose

    def fit(self, X, y=None):
        """Check that the transformer is frozen, and fit it on the first image, for its form.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self
        """
        _check_frozen(self.transformer)
        self.n_channels_in_ = check_images(X).n_channels
        self.transformer_ = clone(self.transformer).fit(_take(X, [0]))
        return self

    def transform(self, X):
        """Read the rows that are there; compute and keep those that are not.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray or list
            What the wrapped transformer gives.
        """
        check_is_fitted(self)
        if self.location is None:
            return self._in_container(self.transformer_.transform(X))
        check_images(X, n_channels=self.n_channels_in_)
        text = recipe(self.transformer_)
        keys = [row_key(text, np.asarray(image)) for image in X]
        rows = {key: self._read(key) for key in dict.fromkeys(keys)}
        self._compute_missing(X, keys, rows)
        return self._in_container(_assemble([rows[key] for key in keys]))

    def _compute_missing(self, X, keys, rows):
        """Compute the rows that are None, each once however often its image occurs."""
        place = {key: index for index, key in reversed(list(enumerate(keys)))}
        missing = [key for key, row in rows.items() if row is None]
        for start in self._progress(range(0, len(missing), ROWS_AT_ONCE), len(missing)):
            chunk = missing[start : start + ROWS_AT_ONCE]
            computed = self.transformer_.transform(_take(X, [place[key] for key in chunk]))
            for key, row in zip(chunk, computed, strict=True):
                rows[key] = np.asarray(row)
                self._write(key, rows[key])

    def _progress(self, starts, n_missing):
        if not self.verbose or not n_missing:
            return starts
        from tqdm.auto import tqdm

        name = type(self.transformer_).__name__
        return tqdm(starts, desc=f"{name}: {n_missing} new images", unit="batch", leave=False)

    def _path(self, key):
        return Path(self.location) / key[:2] / f"{key}.npy"

    def _read(self, key):
        try:
            return np.load(self._path(key), allow_pickle=False)
        except (FileNotFoundError, ValueError, EOFError):
            return None

    def _write(self, key, row):
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, row, allow_pickle=False)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def get_feature_names_out(self, input_features=None):
        """Names of the wrapped transformer's columns.

        Parameters
        ----------
        input_features : array-like of str or None

        Returns
        -------
        ndarray of str objects, or what came in where the wrapped step gives images
        """
        check_is_fitted(self)
        return self.transformer_.get_feature_names_out(input_features)

    def set_output(self, *, transform=None):
        """Choose the container of rows of numbers; images and ragged rows stay as they are.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None

        Returns
        -------
        self
        """
        if transform is not None:
            self._container = transform
        return self

    def _in_container(self, rows):
        if not isinstance(rows, np.ndarray) or rows.ndim != 2:
            return rows
        names = self.get_feature_names_out()
        table = FunctionTransformer(feature_names_out=lambda *_: names)
        if getattr(self, "_container", None):
            table.set_output(transform=self._container)
        return table.transform(rows)

    def __sklearn_clone__(self):
        copy = super().__sklearn_clone__()
        return copy.set_output(transform=getattr(self, "_container", None))

    def get_params(self, deep=True):
        """Parameters of the wrapper and, with `deep`, those of the wrapped transformer.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        dict
        """
        own = super().get_params(deep=deep)
        if not deep or not hasattr(self.transformer, "get_params"):
            return own
        return {**self.transformer.get_params(deep=True), **own}

    def set_params(self, **params):
        """Set parameters; those that the wrapper does not have go to the wrapped transformer.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self
        """
        mine = {k: v for k, v in params.items() if k.partition("__")[0] in self._own_names()}
        super().set_params(**mine)
        others = {k: v for k, v in params.items() if k not in mine}
        if others:
            self.transformer.set_params(**others)
        return self

    def _own_names(self):
        return super().get_params(deep=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.no_validation = True
        return tags


def _check_frozen(transformer):
    parts = getattr(transformer, "steps", None) or getattr(transformer, "transformer_list", None)
    if parts is not None:
        for _, part in parts:
            _check_frozen(part)
    elif transformer not in (None, "passthrough") and get_tags(transformer).requires_fit:
        raise TypeError(
            "CachedRows takes a frozen transformer, one that learns nothing in fit. "
            f"{type(transformer).__name__} learns; put it after the cached step."
        )


def _take(X, indices):
    return X[indices] if is_one_array(X) else [X[index] for index in indices]


def _assemble(rows):
    """Rows of one shape become an array; records, which differ in length, stay by themselves."""
    if rows[0].dtype.names:
        return as_ragged(rows)
    if len({row.shape for row in rows}) == 1:
        return np.stack(rows)
    return list(rows)
