"""What extractors share that compute one row from each sequence of a picture, and learn nothing."""

from abc import abstractmethod

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from sicf._batch import check_images
from sicf._intensity import to_uint8
from sicf._number_checks import check_whole_number
from sicf._spread import spread_in_order
from sicf.features._sequence_fusion import (
    check_fusion,
    check_sequence_names,
    fuse_sequences,
    fused_names,
)


class PictureFeatures(TransformerMixin, BaseEstimator):
    """Base of frozen extractors: a subclass says what a picture of eight bits becomes.

    A subclass has the parameters `size`, `fuse_sequences`, `sequence_names`, `mask` and `n_jobs`,
    and the methods `_names`, `_describe` and `_check_own_parameters`.
    """

    def fit(self, X, y=None):
        """Check images and parameters; nothing is learnt.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        batch = check_images(X, mask=self.mask)
        check_sequence_names(self.sequence_names, len(batch.sequence_channels))
        self.n_channels_in_ = batch.n_channels
        return self

    def transform(self, X):
        """Describe each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of float32 of shape (n, n_features)
        """
        self._check_parameters()
        seen = getattr(self, "n_channels_in_", None)
        batch = check_images(X, mask=self.mask, n_channels=seen)
        check_sequence_names(self.sequence_names, len(batch.sequence_channels))
        images = [(batch.sequences(index), index) for index in range(len(batch))]
        rows = spread_in_order(_describe_image, self, images, n_jobs=self.n_jobs)
        return fuse_sequences(np.stack(rows), self.fuse_sequences).astype(np.float32)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns.

        Parameters
        ----------
        input_features : Ignored

        Returns
        -------
        ndarray of str objects of shape (n_features,)
        """
        self._check_parameters()
        seen = getattr(self, "n_channels_in_", 1 + (self.mask is not None))
        sequence_names = check_sequence_names(self.sequence_names, seen - (self.mask is not None))
        return fused_names(self._names(), self.fuse_sequences, sequence_names)

    def rows_depend_on(self):
        """Say what the rows depend on, for a cache.

        Returns
        -------
        dict
            The parameters that change the rows.
        """
        free = ("n_jobs", "sequence_names")
        return {name: v for name, v in self.get_params(deep=False).items() if name not in free}

    def _describe_image(self, sequences, index):
        planes = np.moveaxis(sequences, 2, 0)
        try:
            return np.stack([self._describe(self._resized(plane)) for plane in planes])
        except ValueError as exc:
            raise ValueError(f"{exc} Raised by image {index}.") from exc

    def _resized(self, plane):
        import cv2

        plane = np.ascontiguousarray(to_uint8(plane))
        if self.size is None or plane.shape == (self.size, self.size):
            return plane
        shrinks = self.size <= min(plane.shape)
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return cv2.resize(plane, (self.size, self.size), interpolation=how)

    def _check_parameters(self):
        check_fusion(self.fuse_sequences)
        if self.size is not None:
            check_whole_number("size", self.size)
        self._check_own_parameters()

    @abstractmethod
    def _names(self):
        """Names of the columns of one sequence."""

    @abstractmethod
    def _describe(self, plane):
        """One row from a picture of eight bits; a ValueError says what is wrong with it."""

    @abstractmethod
    def _check_own_parameters(self):
        """Raise where a parameter of the subclass is wrong."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags


def _describe_image(features, image):
    return features._describe_image(*image)
