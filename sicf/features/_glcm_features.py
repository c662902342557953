"""Images to rows by grey-level co-occurrence."""

import math

import numpy as np

from sicf._number_checks import check_whole_number
from sicf.features._picture_features import PictureFeatures

PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "ASM")
ANGLES = (0, 45, 90, 135)
AGGREGATES = ("mean_range", "mean", None)


class GLCMFeatures(PictureFeatures):
    """Describe each image by properties of its grey-level co-occurrence: 36 columns a sequence.

    Parameters
    ----------
    levels : int, default=32
        Grey levels to which the 256 of a picture are merged, 2 to 256.
    distances : sequence of int, default=(1, 2, 3)
        Distances between the pixels of a pair, in pixels.
    properties : sequence of str, default=None
        Of "contrast", "dissimilarity", "homogeneity", "energy", "correlation" and "ASM", as
        scikit-image computes them. None takes all six.
    aggregate : {"mean_range", "mean", None}, default="mean_range"
        What becomes of the four angles 0, 45, 90 and 135 degrees: mean and range (highest less
        lowest), the mean alone, or, by None, a column for each.
    size : int, default=None
        Side in pixels of the square to which each picture is resized before. None keeps it.
    fuse_sequences : {"mean", "max", "concat"}, default="mean"
        How the rows of several sequences become one.
    sequence_names : sequence of str, default=None
        Names for the columns of "concat".
    mask : int, default=None
        The channel that holds a mask; it is never taken for a sequence.
    n_jobs : int, default=None
        Workers over images. The result does not depend on it.

    Attributes
    ----------
    n_channels_in_ : int
        Number of channels seen in `fit`, the mask included.

    See Also
    --------
    make_glcm_rbf : With a support vector machine after it.

    Notes
    -----
    Pairs are counted in both directions [1]_. Pictures that are not eight-bit are first stretched
    to eight bits, each sequence of each image from its own minimum and maximum. The paper's text
    and the study [2]_ behind it give no levels, distances or properties: these are the usual ones.

    References
    ----------
    .. [1] R. M. Haralick, K. Shanmugam and I. Dinstein, "Textural features for image
       classification", IEEE Transactions on Systems, Man, and Cybernetics 3 (6), 1973.
       :doi:`10.1109/TSMC.1973.4309314`
    .. [2] A. AlKubeyyer et al., "Automatic detection of the meningioma tumor firmness in MRI
       images", Journal of X-Ray Science and Technology 28 (4), 2020. :doi:`10.3233/XST-200644`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import GLCMFeatures
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> glcm = GLCMFeatures().fit(X)
    >>> glcm.transform(X).shape, [str(name) for name in glcm.get_feature_names_out()[:2]]
    ((2, 36), ['contrast_d1_mean', 'contrast_d1_range'])
    """

    def __init__(
        self,
        levels=32,
        *,
        distances=(1, 2, 3),
        properties=None,
        aggregate="mean_range",
        size=None,
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        n_jobs=None,
    ):
        self.levels = levels
        self.distances = distances
        self.properties = properties
        self.aggregate = aggregate
        self.size = size
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.n_jobs = n_jobs

    def _names(self):
        kinds = {"mean_range": ("mean", "range"), "mean": ("mean",), None: map(str, ANGLES)}
        kinds = list(kinds[self.aggregate])
        return [
            f"{name}_d{distance}_{kind}"
            for name in self._properties()
            for distance in self.distances
            for kind in kinds
        ]

    def _describe(self, plane):
        from skimage.feature import graycomatrix, graycoprops

        if max(self.distances) >= min(plane.shape):
            raise ValueError(
                f"distances must be below the shorter side of a picture, {min(plane.shape)}. "
                f"Got {max(self.distances)} instead."
            )
        merged = (plane.astype(np.uint16) * self.levels // 256).astype(np.uint8)
        angles = [math.radians(angle) for angle in ANGLES]
        pairs = graycomatrix(
            merged, self.distances, angles, self.levels, symmetric=True, normed=True
        )
        return np.concatenate(
            [self._over_angles(graycoprops(pairs, name)).ravel() for name in self._properties()]
        )

    def _over_angles(self, values):
        """Values of shape (distances, angles) as (distances, columns)."""
        if self.aggregate is None:
            return values
        columns = [values.mean(axis=1)]
        if self.aggregate == "mean_range":
            columns.append(np.ptp(values, axis=1))
        return np.stack(columns, axis=1)

    def _properties(self):
        return PROPERTIES if self.properties is None else tuple(self.properties)

    def _check_own_parameters(self):
        check_whole_number("levels", self.levels, 2)
        if self.levels > 256:
            raise ValueError(f"levels must be at most 256. Got {self.levels} instead.")
        if not np.iterable(self.distances) or not len(self.distances):
            raise ValueError(f"distances must be several numbers. Got {self.distances!r} instead.")
        for distance in self.distances:
            check_whole_number("distances", distance)
        if self.aggregate not in AGGREGATES:
            raise ValueError(
                f"aggregate must be one of {AGGREGATES}. Got {self.aggregate!r} instead."
            )
        chosen = self._properties()
        if not chosen or not set(chosen) <= set(PROPERTIES) or len(set(chosen)) < len(chosen):
            raise ValueError(
                f"properties must be different ones of {PROPERTIES}. "
                f"Got {self.properties!r} instead."
            )
