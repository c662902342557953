"""A frozen transformer gives the same row for the same image for ever: compute it once."""

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from sicf._number_checks import check_whole_number
from sicf._plain_state import PlainState
from sicf.features._cache_key import READER_LIBRARIES, recipe, row_keys
from sicf.features._cache_samples import ReadSamples, as_samples
from sicf.features._row_computer import RowComputer
from sicf.features._row_source import ROWS_AT_ONCE, RowSource
from sicf.features._row_store import LEAST_BYTES, RowStore
from sicf.features._stored_rows import StoredRows


class CachedRows(PlainState, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):
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
    max_bytes : int, default=None
        Size within which the cache's file is kept, at least 1 MiB: the oldest rows are dropped
        before new ones are written. A row that is larger is not kept. None sets no bound.
    verbose : int, default=0
        Above 0, a progress bar over the rows that have to be computed.

    Attributes
    ----------
    transformer_ : estimator
        The fitted clone.
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included; not where the first step reads files.

    Notes
    -----
    The key of a row is a hash of the image's pixels, dtype and shape, of the transformer's
    parameters but for those which cannot change a row (`n_jobs`, `batch_size`, `verbose`), of the
    network's weights and kind of device, of the source code, and of the versions of the libraries
    that compute. An estimator whose rows depend on other things than its parameters says so by a
    method ``rows_depend_on()`` that returns a dict. A function without a name of its own, such as a
    lambda, is refused.

    Where the first step reads files, it has a method ``digest_samples(X)``, which gives 32 bytes
    for the content of each sample; then X is anything that this step takes, indexed by position.

    Rows are read and computed in batches, straight into the output. Rows of records, such as those
    of :class:`SIFTDescriptors`, differ in length and stay on disk: `transform` returns a sequence
    that reads them as they are asked for. Nothing of X may change before it has been used up.

    The wrapped transformer judges the pixels: `fill_nan` and errors are as without the cache.

    All rows lie in one sqlite3 file, which many processes may read and write at once; it should be
    on a local disk. A file that is damaged, or something else, or cannot be written, costs one
    `RowCacheWarning` a call: the rows are right all the same. See ``docs/cache.md``.

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

    def __init__(self, transformer, location=None, *, max_bytes=None, verbose=0):
        self.transformer = transformer
        self.location = location
        self.max_bytes = max_bytes
        self.verbose = verbose

    def fit(self, X, y=None):
        """Check that the transformer is frozen, and fit it on the first image, for its form.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
            Or what the first step takes, where it reads files.
        y : Ignored

        Returns
        -------
        self
        """
        _check_one_step(self.transformer)
        _check_frozen(self.transformer)
        if self.max_bytes is not None:
            check_whole_number("max_bytes", self.max_bytes, least=LEAST_BYTES)
        samples = as_samples(X, self.transformer)
        if samples.n_channels is not None:
            self.n_channels_in_ = samples.n_channels
        self.transformer_ = clone(self.transformer).fit(samples.take([0]))
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
            Or what the first step takes, where it reads files.

        Returns
        -------
        ndarray, list or StoredRows
            What the wrapped transformer gives; of ragged rows a sequence that reads them from the
            folder.
        """
        check_is_fitted(self)
        if self.location is None:
            return self._in_container(self.transformer_.transform(X))
        source = self._row_source(X)
        rows = source.assemble()
        if rows is None:
            source.fill()
        source.store.warn()
        return StoredRows(source) if rows is None else self._in_container(rows)

    def _stored_rows(self, X):
        """Rows that are computed no earlier than they are asked for, for the rooms next door."""
        return StoredRows(self._row_source(X))

    def _row_source(self, X):
        samples = as_samples(X, self.transformer_, getattr(self, "n_channels_in_", None))
        digests = samples.digests()
        reading = READER_LIBRARIES if isinstance(samples, ReadSamples) else ()
        return RowSource(
            row_keys(recipe(self.transformer_, reading), digests),
            RowComputer(self.transformer_, samples, digests),
            RowStore(self.location, self.max_bytes),
            rows_at_once=_rows_at_once(self.transformer_),
            title=type(self.transformer_).__name__ if self.verbose else None,
        )

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


def _rows_at_once(transformer):
    """As many as the greediest step of the chain takes at once."""
    parameters = transformer.get_params(deep=True).items()
    sizes = [value for name, value in parameters if name.rpartition("__")[2] == "batch_size"]
    return max([ROWS_AT_ONCE, *(size for size in sizes if isinstance(size, int))])
