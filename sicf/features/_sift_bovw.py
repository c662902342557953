"""Images to rows by SIFT: descriptors and visual words in one estimator."""

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from sicf._plain_state import PlainState
from sicf.features._cached_rows import CachedRows
from sicf.features._kept_words import encode, fit_words, gives_the_same_again
from sicf.features._sift_descriptors import SIFTDescriptors
from sicf.features._visual_words import VisualWords


class SIFTBoVW(PlainState, TransformerMixin, BaseEstimator):
    """Bag of visual words on SIFT descriptors: the handcrafted stream of SICF.

    The codebook is learnt on the images given to `fit` alone, so inside cross-validation no test
    image has a word in it.

    Parameters
    ----------
    n_words : int, default=512
        Length of a row of one sequence, at least 2.
    detector : {"sift", "dense"}, default="sift"
        SIFT's own keypoints or a regular grid.
    encoding : {"bovw", "vlad", "stats", "quadrants"}, default="bovw"
        How descriptors become one row; see :class:`VisualWords`.
    root_sift : bool, default=False
        Compare descriptors by the Hellinger distance.
    max_keypoints : int, default=None
        The strongest keypoints kept in each sequence. None keeps all.
    contrast_threshold : float, default=0.04
        Weaker keypoints are dropped.
    dense_step : int, default=8
        Distance between the points of the grid, in pixels.
    region : {"image", "mask"}, default="image"
        Where keypoints may lie. "mask" needs the `mask` channel.
    fuse_sequences : {"mean", "max", "concat"}, default="mean"
        How the rows of several sequences become one.
    codebook : {"shared", "per_sequence"}, default="shared"
        One codebook for all sequences, or one for each, which needs ``fuse_sequences="concat"``.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    mask_labels : sequence of int, default=None
        The labels that count as region. None counts all above 0.
    max_descriptors : int, default=100_000
        The codebook is learnt on at most so many descriptors, drawn at random.
    cache : str or path, default=None
        Folder in which the descriptors of each image are kept, and, where `random_state` is a
        number, the codebook of each training set and the rows; see :class:`CachedRows`.
    cache_max_bytes : int, default=None
        Size within which the cache's file is kept. None sets no bound.
    n_jobs : int, default=None
        Threads over images. The result does not depend on it.
    random_state : int, RandomState instance or None, default=None
        Draws the descriptors and starts the clustering.

    Attributes
    ----------
    descriptors_ : SIFTDescriptors or CachedRows
        The frozen half.
    words_ : VisualWords
        The learnt half, with the codebook.
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    SIFTDescriptors, VisualWords : The two halves, with more parameters.

    Notes
    -----
    The paper gives "standard SIFT descriptors", which have 128 numbers for each of many keypoints,
    and an "output: 512-dimensional vector", without the step between. 512 visual words are the
    usual reading; `encoding` has the others.

    References
    ----------
    .. [1] D. G. Lowe, "Distinctive image features from scale-invariant keypoints", International
       Journal of Computer Vision 60 (2), 2004. :doi:`10.1023/B:VISI.0000029664.99615.94`
    .. [2] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import SIFTBoVW
    >>> X = np.random.default_rng(0).integers(0, 256, size=(4, 64, 64), dtype=np.uint8)
    >>> sift = SIFTBoVW(n_words=16, random_state=0).fit(X)
    >>> sift.transform(X).shape, str(sift.get_feature_names_out()[7])
    ((4, 16), 'word_007')
    """

    def __init__(
        self,
        n_words=512,
        *,
        detector="sift",
        encoding="bovw",
        root_sift=False,
        max_keypoints=None,
        contrast_threshold=0.04,
        dense_step=8,
        region="image",
        fuse_sequences="mean",
        codebook="shared",
        sequence_names=None,
        mask=None,
        mask_labels=None,
        max_descriptors=100_000,
        cache=None,
        cache_max_bytes=None,
        n_jobs=None,
        random_state=None,
    ):
        self.n_words = n_words
        self.detector = detector
        self.encoding = encoding
        self.root_sift = root_sift
        self.max_keypoints = max_keypoints
        self.contrast_threshold = contrast_threshold
        self.dense_step = dense_step
        self.region = region
        self.fuse_sequences = fuse_sequences
        self.codebook = codebook
        self.sequence_names = sequence_names
        self.mask = mask
        self.mask_labels = mask_labels
        self.max_descriptors = max_descriptors
        self.cache = cache
        self.cache_max_bytes = cache_max_bytes
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn the codebook.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            No image has a keypoint, or there are fewer descriptors than words.
        """
        self._fit(X)
        return self

    def fit_transform(self, X, y=None):
        """Learn the codebook and encode the same images, describing them once.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        ndarray of float32 of shape (n, n_features)
        """
        return self._encode(self._fit(X))

    def transform(self, X):
        """Encode each image by the words nearest to its descriptors.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of float32 of shape (n, n_features)
            An image without keypoints is a row of zeros; one `NoKeypointsWarning` counts them.
        """
        check_is_fitted(self)
        return self._encode(self._describe(X))

    def get_feature_names_out(self, input_features=None):
        """Names of the columns, ``word_000`` and so on.

        Parameters
        ----------
        input_features : Ignored

        Returns
        -------
        ndarray of str objects of shape (n_features,)
        """
        check_is_fitted(self)
        return self.words_.get_feature_names_out()

    def _fit(self, X):
        """Fit both halves and return the descriptors."""
        words = self._make_words()
        # Before the descriptors, which may take hours.
        words._check_parameters()
        frozen = SIFTDescriptors(
            self.detector,
            max_keypoints=self.max_keypoints,
            contrast_threshold=self.contrast_threshold,
            dense_step=self.dense_step,
            region=self.region,
            mask=self.mask,
            mask_labels=self.mask_labels,
            n_jobs=self.n_jobs,
        )
        self.descriptors_ = CachedRows(frozen, self.cache, max_bytes=self.cache_max_bytes).fit(X)
        self.n_channels_in_ = self.descriptors_.n_channels_in_
        words.set_params(n_sequences=self.n_channels_in_ - (self.mask is not None))
        self.words_ = words
        descriptors = self._describe(X)
        if self._keeps_words():
            fit_words(words, descriptors)
            descriptors.store.warn()
        else:
            words.fit(descriptors)
        return descriptors

    def _describe(self, X):
        """Descriptors, which are not computed before they are needed where words are kept."""
        if self._keeps_words():
            return self.descriptors_._stored_rows(X)
        return self.descriptors_.transform(X)

    def _encode(self, descriptors):
        if not self._keeps_words():
            return self.words_.transform(descriptors)
        rows = encode(self.words_, descriptors)
        descriptors.store.warn()
        return rows

    def _keeps_words(self):
        return self.descriptors_.location is not None and gives_the_same_again(self.words_)

    def _make_words(self):
        return VisualWords(
            self.n_words,
            encoding=self.encoding,
            root_sift=self.root_sift,
            fuse_sequences=self.fuse_sequences,
            codebook=self.codebook,
            sequence_names=self.sequence_names,
            max_descriptors=self.max_descriptors,
            random_state=self.random_state,
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.no_validation = True
        return tags
