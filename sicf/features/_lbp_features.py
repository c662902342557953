"""Images to rows by local binary patterns."""

import numbers

import numpy as np

from sicf.features._picture_features import PictureFeatures

# Number of different codes by the number of points.
N_CODES = {
    "uniform": lambda points: points + 2,
    "nri_uniform": lambda points: points * (points - 1) + 3,
}
METHODS = tuple(N_CODES)


class LBPFeatures(PictureFeatures):
    """Describe each image by histograms of local binary patterns: 54 columns a sequence.

    Parameters
    ----------
    rings : sequence of (int, float), default=((8, 1), (16, 2), (24, 3))
        Number of points on each circle, at least 2, and its radius in pixels. Each ring gives a
        histogram of its own.
    method : {"uniform", "nri_uniform"}, default="uniform"
        "uniform" counts patterns with at most two changes by their number of bright points, which
        does not depend on rotation (points + 2 columns); "nri_uniform" tells their rotations apart
        (``points * (points - 1) + 3`` columns).
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
    make_lbp_svm : With a support vector machine after it.

    Notes
    -----
    The patterns [1]_ are scikit-image's, on whole numbers: in floats, rounding would break ties.
    Pictures that are not eight-bit are first stretched to eight bits, each sequence of each image
    from its own minimum and maximum. Each histogram sums to 1. The study [2]_ that the paper
    compares itself with used such patterns, but its rings could not be read.

    References
    ----------
    .. [1] T. Ojala, M. Pietikäinen and T. Mäenpää, "Multiresolution gray-scale and rotation
       invariant texture classification with local binary patterns", IEEE Transactions on Pattern
       Analysis and Machine Intelligence 24 (7), 2002. :doi:`10.1109/TPAMI.2002.1017623`
    .. [2] A. AlKubeyyer et al., "Automatic detection of the meningioma tumor firmness in MRI
       images", Journal of X-Ray Science and Technology 28 (4), 2020. :doi:`10.3233/XST-200644`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import LBPFeatures
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> lbp = LBPFeatures().fit(X)
    >>> lbp.transform(X).shape, str(lbp.get_feature_names_out()[-1])
    ((2, 54), 'p24_r3_25')
    """

    def __init__(
        self,
        rings=((8, 1), (16, 2), (24, 3)),
        *,
        method="uniform",
        size=None,
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        n_jobs=None,
    ):
        self.rings = rings
        self.method = method
        self.size = size
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.n_jobs = n_jobs

    def _names(self):
        return [
            f"p{points}_r{radius:g}_{code:02d}"
            for points, radius in self.rings
            for code in range(N_CODES[self.method](points))
        ]

    def _describe(self, plane):
        return np.concatenate([self._histogram(plane, *ring) for ring in self.rings])

    def _histogram(self, plane, points, radius):
        from skimage.feature import local_binary_pattern

        codes = local_binary_pattern(plane, points, radius, self.method).astype(np.intp)
        return np.bincount(codes.ravel(), minlength=N_CODES[self.method](points)) / codes.size

    def _check_own_parameters(self):
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {METHODS}. Got {self.method!r} instead.")
        rings = list(self.rings) if np.iterable(self.rings) else []
        if not rings or not all(_is_ring(ring) for ring in rings):
            raise ValueError(
                "rings must be pairs of a number of points, at least 2, and a radius above 0. "
                f"Got {self.rings!r} instead."
            )
        if len({tuple(ring) for ring in rings}) < len(rings):
            raise ValueError(f"rings must differ. Got {self.rings!r} instead.")


def _is_ring(ring):
    if not isinstance(ring, (tuple, list)) or len(ring) != 2:
        return False
    points, radius = ring
    whole = isinstance(points, numbers.Integral) and not isinstance(points, bool) and points >= 2
    return whole and isinstance(radius, numbers.Real) and radius > 0
