"""What all steps from image to image share."""

from sklearn.base import BaseEstimator

from sicf._batch import check_images
from sicf._without_columns import WithoutColumns
from sicf._worker_threads import one_opencv_thread_in_workers


class ImageStep(WithoutColumns, BaseEstimator):
    """Base of the steps that turn images into images and learn nothing.

    A subclass has the parameters `mask` and `fill_nan` and writes `_transform_batch(batch)`, which
    takes a checked `ImageBatch` and returns one (H, W, M) array for each image.
    """

    def fit(self, X, y=None):
        """Check the images and remember their number of channels.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
            Samples first, channels last; a list may mix sizes and dtypes. Any real dtype.
        y : Ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        self.n_channels_in_ = self._check_images(X).n_channels
        return self

    def transform(self, X):
        """Transform each image by itself.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of shape (n, H, W) or (n, H, W, M), or list of arrays where sizes or dtypes differ
        """
        self._check_parameters()
        batch = self._check_images(X)
        with one_opencv_thread_in_workers():
            images = self._transform_batch(batch)
        return batch.rebuild(images)

    def _check_images(self, X):
        seen = getattr(self, "n_channels_in_", None)
        return check_images(X, mask=self.mask, n_channels=seen, fill_nan=self.fill_nan)

    def _check_parameters(self):
        """Raise where a parameter is out of its range."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags
