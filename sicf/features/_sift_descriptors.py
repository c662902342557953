"""Images to SIFT descriptors: the frozen half of the bag of visual words."""

from operator import attrgetter

import numpy as np
from sklearn.base import BaseEstimator

from sicf._batch import check_images, check_mask_labels
from sicf._intensity import to_uint8
from sicf._number_checks import check_number, check_whole_number
from sicf._spread import spread_in_order
from sicf._without_columns import WithoutColumns
from sicf._worker_threads import one_opencv_thread

KEYPOINT_DTYPE = np.dtype(
    [
        ("sequence", np.uint8),
        ("row", np.float32),
        ("column", np.float32),
        ("size", np.float32),
        ("angle", np.float32),
        ("response", np.float32),
        ("descriptor", np.uint8, (128,)),
    ]
)
DETECTORS = ("sift", "dense")
REGIONS = ("image", "mask")
# Joblib's own choice grows until the last thread to finish keeps the others waiting.
IMAGES_AT_ONCE = 4


class SIFTDescriptors(WithoutColumns, BaseEstimator):
    """Find keypoints in each sequence of each image and describe them by SIFT.

    Nothing is learnt, so the descriptors of an image are the same in every fold; put
    :class:`CachedRows` round this step to compute them once.

    Parameters
    ----------
    detector : {"sift", "dense"}, default="sift"
        SIFT's own keypoints, or a regular grid, upright, which describes flat regions as well.
    max_keypoints : int, default=None
        The strongest keypoints kept in each sequence, with those that tie with the last
        ("sift" only). None keeps all.
    contrast_threshold : float, default=0.04
        Weaker keypoints are dropped ("sift" only). OpenCV's default.
    edge_threshold : float, default=10.0
        Keypoints that lie along an edge are dropped above this ratio of curvatures ("sift" only).
    sigma : float, default=1.6
        Blur of the first octave, in pixels.
    dense_step : int, default=8
        Distance between the points of the grid, in pixels ("dense" only).
    dense_size : float, default=16.0
        Diameter of a point of the grid, in pixels ("dense" only).
    region : {"image", "mask"}, default="image"
        Where keypoints may lie. "mask" needs the `mask` channel.
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    mask_labels : sequence of int, default=None
        The labels that count as region. None counts all above 0.
    n_jobs : int, default=None
        Threads over images, by joblib. The result does not depend on it.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    VisualWords : Turns the descriptors into rows of one length.
    SIFTBoVW : Both steps in one.

    Notes
    -----
    Eight-bit pictures are used as they are. Any other dtype is stretched to eight bits from the
    minimum and the maximum of each sequence of each image, so that float in [0, 1], float in
    [0, 4095] and uint16 of one scene give the same descriptors.

    References
    ----------
    .. [1] D. G. Lowe, "Distinctive image features from scale-invariant keypoints", International
       Journal of Computer Vision 60 (2), 2004. :doi:`10.1023/B:VISI.0000029664.99615.94`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import SIFTDescriptors
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> keypoints = SIFTDescriptors().fit_transform(X)
    >>> keypoints.shape, keypoints[0].dtype.names[:3], keypoints[0]["descriptor"].shape[1]
    ((2,), ('sequence', 'row', 'column'), 128)
    """

    def __init__(
        self,
        detector="sift",
        *,
        max_keypoints=None,
        contrast_threshold=0.04,
        edge_threshold=10.0,
        sigma=1.6,
        dense_step=8,
        dense_size=16.0,
        region="image",
        mask=None,
        mask_labels=None,
        n_jobs=None,
    ):
        self.detector = detector
        self.max_keypoints = max_keypoints
        self.contrast_threshold = contrast_threshold
        self.edge_threshold = edge_threshold
        self.sigma = sigma
        self.dense_step = dense_step
        self.dense_size = dense_size
        self.region = region
        self.mask = mask
        self.mask_labels = mask_labels
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Check the images and remember their number of channels.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        y : Ignored

        Returns
        -------
        self
        """
        self._check_parameters()
        self.n_channels_in_ = check_images(X, mask=self.mask).n_channels
        return self

    def transform(self, X):
        """Describe the keypoints of each image.

        Parameters
        ----------
        X : array-like of shape (n, H, W) or (n, H, W, M), or list of images

        Returns
        -------
        ndarray of object of shape (n,)
            For each image a structured array with one record for each keypoint, sequence by
            sequence: `sequence` (number of the sequence), `row` and `column` (position as a share
            of height and width, 0 to 1), `size` (diameter, pixels), `angle` (degrees, -1 on the
            grid), `response` (strength) and `descriptor` (128 numbers, 0 to 255).
        """
        self._check_parameters()
        seen = getattr(self, "n_channels_in_", None)
        batch = check_images(X, mask=self.mask, n_channels=seen)
        with one_opencv_thread():
            rows = spread_in_order(
                _describe_image,
                self,
                [(batch.sequences(i), self._allowed_region(batch, i)) for i in range(len(batch))],
                n_jobs=self.n_jobs,
                prefer="threads",
                batch_size=IMAGES_AT_ONCE,
            )
        return as_ragged(rows)

    def _allowed_region(self, batch, index):
        if self.region == "image":
            return None
        return batch.region(index, self.mask_labels).astype(np.uint8)

    def _describe_plane(self, plane, allowed, sequence):
        import cv2

        sift = cv2.SIFT_create(
            nfeatures=self.max_keypoints or 0,
            contrastThreshold=self.contrast_threshold,
            edgeThreshold=self.edge_threshold,
            sigma=self.sigma,
        )
        if self.detector == "sift":
            keypoints, descriptors = sift.detectAndCompute(plane, allowed)
        else:
            keypoints, descriptors = sift.compute(plane, self._grid(plane.shape, allowed))
        return _as_records(keypoints, descriptors, sequence, plane.shape)

    def _grid(self, shape, allowed):
        import cv2

        first = self.dense_step // 2
        rows, columns = (range(first, side, self.dense_step) for side in shape)
        return [
            cv2.KeyPoint(float(column), float(row), float(self.dense_size))
            for row in rows
            for column in columns
            if allowed is None or allowed[row, column]
        ]

    def _check_parameters(self):
        if self.detector not in DETECTORS:
            raise ValueError(f"detector must be one of {DETECTORS}. Got {self.detector!r} instead.")
        if self.region not in REGIONS:
            raise ValueError(f"region must be one of {REGIONS}. Got {self.region!r} instead.")
        if self.region == "mask" and self.mask is None:
            raise ValueError("region='mask' needs mask, the number of the mask channel. Got None.")
        check_mask_labels(self.mask_labels)
        if self.max_keypoints is not None:
            check_whole_number("max_keypoints", self.max_keypoints)
        check_whole_number("dense_step", self.dense_step)
        for name in ("dense_size", "sigma"):
            check_number(name, getattr(self, name), above=0)
        for name in ("contrast_threshold", "edge_threshold"):
            check_number(name, getattr(self, name))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.no_validation = True
        return tags


def as_ragged(rows):
    """Put rows of differing lengths into one object array, which indexing can slice."""
    ragged = np.empty(len(rows), dtype=object)
    for index, row in enumerate(rows):
        ragged[index] = row
    return ragged


def _describe_image(step, image):
    """Records of all sequences of one image."""
    sequences, allowed = image
    with one_opencv_thread():  # in a process of its own nobody else has seen to it
        described = [
            step._describe_plane(np.ascontiguousarray(to_uint8(sequences[:, :, m])), allowed, m)
            for m in range(sequences.shape[2])
        ]
    return np.concatenate(described)


def _as_records(keypoints, descriptors, sequence, shape):
    import cv2

    records = np.empty(len(keypoints), KEYPOINT_DTYPE)
    if not len(keypoints):
        return records
    position = cv2.KeyPoint_convert(keypoints)
    records["sequence"] = sequence
    # A pixel's centre lies half a pixel inside the picture.
    records["column"] = (position[:, 0] + 0.5) / shape[1]
    records["row"] = (position[:, 1] + 0.5) / shape[0]
    for field in ("size", "angle", "response"):
        # Here no other thread can run: keypoints are objects of Python.
        numbers = map(attrgetter(field), keypoints)
        records[field] = np.fromiter(numbers, np.float32, len(keypoints))
    # OpenCV writes whole numbers from 0 to 255 as floats: eight bits lose nothing.
    records["descriptor"] = descriptors
    return records
