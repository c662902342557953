"""Descriptors to rows: a codebook of visual words learnt on the training images."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.metrics import pairwise_distances_argmin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sicf._number_checks import check_whole_number
from sicf.features import _encodings as encodings
from sicf.features._descriptor_walks import checked, chunks, count_descriptors, gather
from sicf.features._sequence_fusion import (
    check_fusion,
    check_sequence_names,
    fuse_sequences,
    fused_names,
)

ENCODINGS = ("bovw", "vlad", "stats", "quadrants")
CODEBOOKS = ("shared", "per_sequence")


class NoKeypointsWarning(UserWarning):
    """Images without a single keypoint were turned into rows of zeros."""


class VisualWords(TransformerMixin, BaseEstimator):
    """Encode the descriptors of an image in one row, by a codebook learnt in `fit`.

    Parameters
    ----------
    n_words : int, default=512
        Length of a row, at least 2. For "vlad" a multiple of 128: ``n_words / 128`` words with
        128 numbers each. "stats" and "quadrants" have always 512 columns and learn nothing.
    encoding : {"bovw", "vlad", "stats", "quadrants"}, default="bovw"
        How 128-dimensional descriptors become the paper's 512 numbers, which it does not say:
        a histogram of visual words, L1-normalised [1]_; aggregated residuals [2]_; mean, standard
        deviation, minimum and maximum; or the mean descriptor of the picture's four quadrants.
    root_sift : bool, default=False
        Compare descriptors by the Hellinger distance [3]_.
    fuse_sequences : {"mean", "max", "concat"}, default="mean"
        How the rows of several sequences become one. Mean and maximum are over the sequences that
        have keypoints.
    codebook : {"shared", "per_sequence"}, default="shared"
        One codebook for all sequences, or one for each, which needs ``fuse_sequences="concat"``.
    n_sequences : int, default=None
        Number of sequences. None takes the highest one seen in `fit`.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    max_descriptors : int, default=100_000
        The codebook is learnt on at most so many descriptors, drawn at random.
    random_state : int, RandomState instance or None, default=None
        Draws the descriptors and starts the clustering.

    Attributes
    ----------
    codebooks_ : list of ndarray of shape (number of words, 128)
        The visual words: one array, or one for each sequence. Empty where nothing is learnt.
    n_sequences_ : int
        Number of sequences.

    See Also
    --------
    SIFTDescriptors : Gives the descriptors.

    References
    ----------
    .. [1] J. Sivic and A. Zisserman, "Video Google: a text retrieval approach to object matching
       in videos", ICCV 2003. :doi:`10.1109/ICCV.2003.1238663`
    .. [2] H. Jegou et al., "Aggregating local descriptors into a compact image representation",
       CVPR 2010. :doi:`10.1109/CVPR.2010.5540039`
    .. [3] R. Arandjelovic and A. Zisserman, "Three things everyone should know to improve object
       retrieval", CVPR 2012. :doi:`10.1109/CVPR.2012.6248018`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import SIFTDescriptors, VisualWords
    >>> X = np.random.default_rng(0).integers(0, 256, size=(4, 64, 64), dtype=np.uint8)
    >>> keypoints = SIFTDescriptors().fit_transform(X)
    >>> VisualWords(n_words=8, random_state=0).fit_transform(keypoints).shape
    (4, 8)
    """

    def __init__(
        self,
        n_words=512,
        *,
        encoding="bovw",
        root_sift=False,
        fuse_sequences="mean",
        codebook="shared",
        n_sequences=None,
        sequence_names=None,
        max_descriptors=100_000,
        random_state=None,
    ):
        self.n_words = n_words
        self.encoding = encoding
        self.root_sift = root_sift
        self.fuse_sequences = fuse_sequences
        self.codebook = codebook
        self.n_sequences = n_sequences
        self.sequence_names = sequence_names
        self.max_descriptors = max_descriptors
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn the codebook.

        Parameters
        ----------
        X : sequence of n structured arrays
            What :class:`SIFTDescriptors` gives.
        y : Ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            No image has a keypoint, or there are fewer descriptors than words.
        """
        self._check_parameters()
        counts = count_descriptors(X, self.n_sequences)
        if not counts.any():
            raise ValueError(
                f"At least one image must have a keypoint. None of the {len(X)} image(s) has one; "
                "lower contrast_threshold, use detector='dense', or look at the pictures."
            )
        self._settle_sequences(self.n_sequences or int(np.flatnonzero(counts.any(axis=0))[-1]) + 1)
        self.codebooks_ = self._learn_codebooks(X, counts)
        return self

    def transform(self, X):
        """Encode each image.

        Parameters
        ----------
        X : sequence of n structured arrays
            What :class:`SIFTDescriptors` gives.

        Returns
        -------
        ndarray of float32 of shape (n, n_features)
            An image without keypoints is a row of zeros; one `NoKeypointsWarning` counts them.
        """
        check_is_fitted(self)
        rows, described = self._encode_all(X)
        warn_of_empty(described)
        return rows

    def get_feature_names_out(self, input_features=None):
        """Names of the columns: ``word_000`` for "bovw", else what the number is.

        Parameters
        ----------
        input_features : Ignored

        Returns
        -------
        ndarray of str objects of shape (n_features,)
        """
        check_is_fitted(self)
        return fused_names(self._row_names(), self.fuse_sequences, self._sequence_names)

    def _row_names(self):
        size = range(encodings.DESCRIPTOR_SIZE)
        if self.encoding == "bovw":
            digits = max(3, len(str(self.n_words - 1)))
            return [f"word_{word:0{digits}d}" for word in range(self.n_words)]
        parts = {
            "vlad": [f"vlad_{word}" for word in range(self.n_words // encodings.DESCRIPTOR_SIZE)],
            "stats": ["mean", "std", "min", "max"],
            "quadrants": ["above_left", "above_right", "below_left", "below_right"],
        }
        return [f"{part}_{number:03d}" for part in parts[self.encoding] for number in size]

    def _settle_sequences(self, n_sequences):
        self.n_sequences_ = n_sequences
        self._sequence_names = check_sequence_names(self.sequence_names, n_sequences)

    def _take_codebooks(self, codebooks):
        """Be fitted with what an equal fit has learnt; `n_sequences` must be given."""
        self._settle_sequences(self.n_sequences)
        self.codebooks_ = [codebook.copy() for codebook in codebooks]
        return self

    def _learns(self):
        return self.encoding in ("bovw", "vlad")

    def _learn_codebooks(self, X, counts):
        """Draw for all codebooks first, so that the descriptors are read in one walk over X."""
        if not self._learns():
            return []
        rng = check_random_state(self.random_state)
        shared = self.codebook == "shared"
        sizes = [counts.sum()] if shared else counts.sum(axis=0)[: self.n_sequences_]
        draws = [self._draw(size, rng, len(X)) for size in sizes]
        drawn = gather(X, [draw.members for draw in draws], by_sequence=not shared)
        return [
            self._cluster(descriptors, draw.seed)
            for descriptors, draw in zip(drawn, draws, strict=True)
        ]

    def _draw(self, n_descriptors, rng, n_images):
        """Draw which of the descriptors, and the seed of the clustering."""
        n_centers = self._n_centers()
        if n_descriptors < n_centers:
            raise ValueError(
                f"n_words must not exceed the number of descriptors. Got {n_centers} words with "
                f"{n_descriptors} descriptor(s) in {n_images} image(s)."
            )
        # As rng.choice without replacement, which would shuffle numbers of twice the size.
        members = np.arange(n_descriptors, dtype=np.uint32)
        if n_descriptors > self.max_descriptors:
            rng.shuffle(members)
            members = np.sort(members[: self.max_descriptors])
        return _Draw(members, rng.randint(np.iinfo(np.int32).max))

    def _cluster(self, descriptors, seed):
        from sklearn.cluster import MiniBatchKMeans

        n_centers = self._n_centers()
        kmeans = MiniBatchKMeans(
            n_centers,
            batch_size=4096,
            n_init=1,
            init_size=3 * n_centers,
            random_state=seed,
        )
        return kmeans.fit(self._as_floats(descriptors)).cluster_centers_

    def _n_centers(self):
        if self.encoding == "vlad":
            return self.n_words // encodings.DESCRIPTOR_SIZE
        return self.n_words

    def _as_floats(self, descriptors):
        descriptors = descriptors.astype(np.float32)
        return encodings.root_sift(descriptors) if self.root_sift else descriptors

    def _encode_all(self, X):
        """Rows of all images, and which of these have a keypoint; X is walked once."""
        rows, described = [], []
        for chunk in chunks(self._checked_sequences(X)):
            rows.append(self._encode(chunk).astype(np.float32))
            described.extend(len(keypoints) > 0 for keypoints in chunk)
        return np.concatenate(rows), np.array(described)

    def _encode(self, X):
        """Rows of a few images, fused over sequences."""
        keypoints = np.concatenate(X)
        image = np.repeat(np.arange(len(X)), [len(k) for k in X])
        sequence = keypoints["sequence"].astype(np.intp)
        row, n_rows = image * self.n_sequences_ + sequence, len(X) * self.n_sequences_
        rows = self._encode_rows(keypoints, sequence, row, n_rows)
        present = np.bincount(row, minlength=n_rows).reshape(len(X), self.n_sequences_) > 0
        rows = rows.reshape(len(X), self.n_sequences_, -1)
        return fuse_sequences(rows, self.fuse_sequences, present)

    def _encode_rows(self, keypoints, sequence, row, n_rows):
        descriptors = self._as_floats(keypoints["descriptor"])
        if self.encoding == "stats":
            return encodings.statistics(descriptors, row, n_rows)
        if self.encoding == "quadrants":
            position = np.column_stack([keypoints["row"], keypoints["column"]])
            return encodings.quadrant_means(descriptors, position, row, n_rows)
        words, n_words = self._nearest_words(descriptors, sequence), self._n_centers()
        if self.encoding == "bovw":
            return encodings.word_histograms(words % n_words, row, n_rows, n_words)
        residuals = descriptors - np.concatenate(self.codebooks_)[words]
        return encodings.vlad(residuals, words % n_words, row, n_rows, n_words)

    def _nearest_words(self, descriptors, sequence):
        """Place of the word nearest to each descriptor in all codebooks laid end to end."""
        if not len(descriptors):
            return np.zeros(0, np.intp)
        if self.codebook == "shared":
            return pairwise_distances_argmin(descriptors, self.codebooks_[0])
        words = np.zeros(len(descriptors), np.intp)
        for m, codebook in enumerate(self.codebooks_):
            own = np.flatnonzero(sequence == m)
            if own.size:
                nearest = pairwise_distances_argmin(descriptors[own], codebook)
                words[own] = m * self._n_centers() + nearest
        return words

    def _checked_sequences(self, X):
        for index, keypoints in enumerate(checked(X)):
            if keypoints.size and keypoints["sequence"].max() >= self.n_sequences_:
                raise ValueError(
                    f"X must have the {self.n_sequences_} sequence(s) that fit saw. Image {index} "
                    f"has a keypoint in sequence {keypoints['sequence'].max()}."
                )
            yield keypoints

    def _check_parameters(self):
        check_fusion(self.fuse_sequences)
        if self.encoding not in ENCODINGS:
            raise ValueError(f"encoding must be one of {ENCODINGS}. Got {self.encoding!r} instead.")
        if self.codebook not in CODEBOOKS:
            raise ValueError(f"codebook must be one of {CODEBOOKS}. Got {self.codebook!r} instead.")
        if self.codebook == "per_sequence" and self.fuse_sequences != "concat":
            raise ValueError(
                "codebook='per_sequence' needs fuse_sequences='concat': words of different "
                f"codebooks cannot be averaged. Got {self.fuse_sequences!r} instead."
            )
        self._check_numbers()

    def _check_numbers(self):
        check_whole_number("n_words", self.n_words, least=2)
        check_whole_number("max_descriptors", self.max_descriptors)
        if self.n_sequences is not None:
            check_whole_number("n_sequences", self.n_sequences)
        if self.encoding == "vlad" and self.n_words % encodings.DESCRIPTOR_SIZE:
            raise ValueError(
                "n_words must be a multiple of 128 for encoding='vlad'. "
                f"Got {self.n_words} instead."
            )
        if self._learns() and self.max_descriptors < self._n_centers():
            raise ValueError(
                "max_descriptors must not be below the number of words learnt on them. Got "
                f"max_descriptors={self.max_descriptors} with n_words={self.n_words}, that is "
                f"{self._n_centers()} word(s), instead."
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags


class _Draw(NamedTuple):
    """What a codebook is learnt from: sorted places of descriptors laid end to end, and a seed."""

    members: np.ndarray
    seed: int


def warn_of_empty(described):
    """Count the images that have no keypoint.

    Parameters
    ----------
    described : ndarray of bool
        Which images have one.
    """
    n_empty = np.count_nonzero(~described)
    if n_empty:
        warnings.warn(
            f"{n_empty} of {len(described)} image(s) have no keypoint and become rows of zeros.",
            NoKeypointsWarning,
            stacklevel=3,
        )
