"""Images to rows by the discrete wavelet transform."""

import numpy as np

from sicf._number_checks import check_whole_number
from sicf.features._picture_features import PictureFeatures

STATISTICS = ("mean_abs", "std", "energy", "entropy")


class DWTFeatures(PictureFeatures):
    """Describe each image by statistics of its wavelet sub-bands: 40 columns a sequence.

    Parameters
    ----------
    wavelet : str, default="db4"
        Name of a discrete wavelet of PyWavelets.
    level : int, default=3
        Levels of the decomposition, with ``3 * level + 1`` sub-bands. At most what the picture's
        shorter side has room for.
    mode : str, default="symmetric"
        How PyWavelets goes on beyond the border.
    statistics : sequence of {"mean_abs", "std", "energy", "entropy"}, default=None
        What is taken of each sub-band's coefficients: mean of the absolute values, standard
        deviation, mean square, and the Shannon entropy in bits of their squares divided by the
        sum of the squares (0 where all are 0). None takes all four.
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
    make_dwt_svm : With a support vector machine after it.

    Notes
    -----
    Eight-bit pictures are divided by 255; any other dtype is first stretched to eight bits, each
    sequence of each image from its own minimum and maximum. The study [1]_ that the paper compares
    itself with used wavelets, but which wavelet, levels and statistics could not be read: these
    are the usual ones.

    References
    ----------
    .. [1] A. AlKubeyyer et al., "Automatic detection of the meningioma tumor firmness in MRI
       images", Journal of X-Ray Science and Technology 28 (4), 2020. :doi:`10.3233/XST-200644`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import DWTFeatures
    >>> X = np.random.default_rng(0).integers(0, 256, size=(2, 64, 64), dtype=np.uint8)
    >>> dwt = DWTFeatures().fit(X)
    >>> dwt.transform(X).shape, str(dwt.get_feature_names_out()[0])
    ((2, 40), 'a3_mean_abs')
    """

    def __init__(
        self,
        wavelet="db4",
        *,
        level=3,
        mode="symmetric",
        statistics=None,
        size=None,
        fuse_sequences="mean",
        sequence_names=None,
        mask=None,
        n_jobs=None,
    ):
        self.wavelet = wavelet
        self.level = level
        self.mode = mode
        self.statistics = statistics
        self.size = size
        self.fuse_sequences = fuse_sequences
        self.sequence_names = sequence_names
        self.mask = mask
        self.n_jobs = n_jobs

    def _names(self):
        details = [f"{kind}{at}" for at in range(self.level, 0, -1) for kind in "hvd"]
        bands = [f"a{self.level}", *details]
        return [f"{band}_{statistic}" for band in bands for statistic in self._statistics()]

    def _describe(self, plane):
        import pywt

        room = pywt.dwt_max_level(min(plane.shape), pywt.Wavelet(self.wavelet).dec_len)
        if self.level > room:
            raise ValueError(
                f"level must be at most {room} for a picture of {plane.shape[0]} x "
                f"{plane.shape[1]} pixels and {self.wavelet!r}. Got {self.level} instead."
            )
        coarse, *details = pywt.wavedec2(plane / 255, self.wavelet, self.mode, self.level)
        bands = [coarse, *(band for three in details for band in three)]
        return np.array([MEASURES[name](band) for band in bands for name in self._statistics()])

    def _statistics(self):
        return STATISTICS if self.statistics is None else tuple(self.statistics)

    def _check_own_parameters(self):
        import pywt

        check_whole_number("level", self.level)
        if self.wavelet not in pywt.wavelist(kind="discrete"):
            raise ValueError(
                "wavelet must be the name of a discrete wavelet of PyWavelets, such as 'db4'. "
                f"Got {self.wavelet!r} instead."
            )
        if self.mode not in pywt.Modes.modes:
            raise ValueError(f"mode must be one of {pywt.Modes.modes}. Got {self.mode!r} instead.")
        chosen = self._statistics()
        if not chosen or not set(chosen) <= set(STATISTICS) or len(set(chosen)) < len(chosen):
            raise ValueError(
                f"statistics must be different ones of {STATISTICS}. "
                f"Got {self.statistics!r} instead."
            )


def _entropy(band):
    squares = band**2
    total = squares.sum()
    if total == 0:
        return 0.0
    share = squares[squares > 0] / total
    # A share so small that it is 0 in floats adds nothing.
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())


MEASURES = {
    "mean_abs": lambda band: np.abs(band).mean(),
    "std": np.std,
    "energy": lambda band: np.mean(band**2),
    "entropy": _entropy,
}
