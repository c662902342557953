"""A frozen transformer gives the same row for the same image for ever: compute it once."""

import os
import re

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sicf._batch import check_images, is_one_array, stack_alike
from sicf.features._cache_key import recipe, row_key
from sicf.features._row_store import RowStore
from sicf.features._sift_descriptors import as_ragged

ROWS_AT_ONCE = 32
# How the error of a step names the one image that it was given.
ONLY_IMAGE = re.compile(r"\b(image|sample) 0\b", re.IGNORECASE)


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
    given as a parameter is known by its name alone: delete the folder after changing its code. One
    without a name of its own, such as a lambda, is refused.

    The wrapped transformer judges the pixels: `fill_nan` and errors are as without the cache.

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
        _check_one_step(self.transformer)
        _check_frozen(self.transformer)
        X = _as_batch(X)
        self.n_channels_in_ = _count_channels(X)
        self.transformer_ = clone(self.transformer).fit(_take(X, [0]))
        if self.location is not None:
            # Parameters that no key can be made of are an error here, not after hours of work.
            recipe(self.transformer_)
            RowStore(self.location).make_folder()
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
        X = _as_batch(X)
        _count_channels(X, expected=self.n_channels_in_)
        text = recipe(self.transformer_)
        keys = [row_key(text, np.asarray(image)) for image in X]
        store = RowStore(self.location)
        rows = {key: store.read(key) for key in dict.fromkeys(keys)}
        self._compute_missing(X, keys, rows, store)
        return self._in_container(_assemble([rows[key] for key in keys]))

    def _compute_missing(self, X, keys, rows, store):
        """Compute the rows that are None, each once however often its image occurs."""
        place = {key: index for index, key in reversed(list(enumerate(keys)))}
        missing = [key for key, row in rows.items() if row is None]
        for start in self._progress(range(0, len(missing), ROWS_AT_ONCE), len(missing)):
            chunk = missing[start : start + ROWS_AT_ONCE]
            computed = self._compute(X, [place[key] for key in chunk])
            for key, row in zip(chunk, computed, strict=True):
                rows[key] = np.asarray(row)
                store.write(key, rows[key])

    def _compute(self, X, indices):
        """Rows of a few images; an error names the image by its place in X, not among the few."""
        try:
            rows = self.transformer_.transform(_take(X, indices))
        except Exception as exc:
            failure = exc
        else:
            # A table, which scikit-learn's set_output asks for, is iterated by its columns.
            return rows.to_numpy() if hasattr(rows, "to_numpy") else rows
        # Outside the handler: there the first error, with its wrong number, would be shown as well.
        for index in indices:
            try:
                self.transformer_.transform(_take(X, [index]))
            except Exception as exc:
                _name_image(exc, index)
                raise
        failure.add_note(f"Raised for these images together, not for any alone: {indices}.")
        raise failure

    def _progress(self, starts, n_missing):
        if not self.verbose or not n_missing:
            return starts
        from tqdm.auto import tqdm

        name = type(self.transformer_).__name__
        return tqdm(starts, desc=f"{name}: {n_missing} new images", unit="batch", leave=False)

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
        if not hasattr(self.transformer_, "get_feature_names_out"):
            raise AttributeError(
                "Names of columns come from the wrapped step. "
                f"{type(self.transformer_).__name__} has no get_feature_names_out."
            )
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
        asked = getattr(self, "_container", None)
        container = asked or get_config()["transform_output"]
        # As in scikit-learn, a step without names gives arrays, whatever the global setting.
        nameless = not hasattr(self.transformer_, "get_feature_names_out")
        if container == "default" or (nameless and not asked):
            return rows
        names = self.get_feature_names_out()
        table = FunctionTransformer(feature_names_out=lambda *_: names)
        return table.set_output(transform=container).transform(rows)

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


def _check_one_step(transformer):
    if isinstance(transformer, type) or not hasattr(transformer, "fit"):
        raise TypeError(
            "CachedRows takes a frozen transformer, such as VGG16Embedder(). "
            f"Got {transformer!r} instead."
        )


def _check_frozen(transformer):
    if isinstance(transformer, CachedRows):
        raise TypeError(
            "CachedRows keeps every row of the step that it wraps. Got another CachedRows in it; "
            "wrap its transformer instead."
        )
    parts = getattr(transformer, "steps", None) or getattr(transformer, "transformer_list", None)
    if parts is not None:
        for _, part in parts:
            _check_frozen(part)
    elif transformer not in (None, "passthrough", "drop") and get_tags(transformer).requires_fit:
        raise TypeError(
            "CachedRows takes a frozen transformer, one that learns nothing in fit. "
            f"{type(transformer).__name__} learns; put it after the cached step."
        )


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


def _name_image(exc, index):
    """Put the image's true place into the error of a step that was given this image alone."""
    text = str(exc)
    if exc.args == (text,) and ONLY_IMAGE.search(text):
        exc.args = (ONLY_IMAGE.sub(rf"\1 {index}", text),)
    else:
        exc.add_note(f"Raised for image {index}.")


def _take(X, indices):
    return X[indices] if is_one_array(X) else [X[index] for index in indices]


def _assemble(rows):
    """Rows of one shape become an array; records, which differ in length, stay by themselves."""
    if rows[0].dtype.names:
        return as_ragged(rows)
    return stack_alike(rows)
