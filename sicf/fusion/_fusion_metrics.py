"""How much of two source images is left in the fused one: twelve metrics."""

from functools import partial

import numpy as np

from sicf.fusion._correlation_metrics import (
    correlation,
    correlation_of_differences,
    standard_deviation,
)
from sicf.fusion._entropy_metrics import entropy, mutual_information
from sicf.fusion._error_metrics import peak_signal_to_noise
from sicf.fusion._feature_information import feature_information
from sicf.fusion._feature_maps import FEATURES
from sicf.fusion._gradient_metrics import average_gradient, edges_kept, spatial_frequency
from sicf.fusion._metric_images import PEAK, check_metric_images
from sicf.fusion._structure_metrics import (
    GAUSSIAN,
    UNIFORM,
    structural_similarity,
    visual_information,
)

CONVENTIONS = ("matlab", "cddfuse")
# Shortest side in pixels for which each metric is defined.
LEAST_SIDE = {
    "EN": 1,
    "SD": 1,
    "SF": 2,
    "AG": 2,
    "MI": 1,
    "SCD": 1,
    "CC": 1,
    "VIF": 41,
    "Qabf": 1,
    "SSIM": 11,
    "FMI": 3,
    "PSNR": 1,
}
OF_FUSED_ALONE = ("EN", "SD", "SF", "AG")


def fusion_metrics(
    A,
    B,
    F,
    *,
    which=None,
    convention="matlab",
    parity=False,
    fmi_feature="pixel",
    data_range=None,
):
    """Measure how much of two source images their fused image holds.

    Parameters
    ----------
    A, B : array-like of shape (H, W) or (n, H, W), or list of n arrays of shape (H, W)
        Source images, registered to each other: uint8, or floats between 0 and 255. Integers of
        other types, and other ranges, need `data_range`.
    F : array-like of the same shape
        Fused images. Fusers give them between 0 and 1: multiply by 255, or bring all three to that
        range and set ``data_range=1``.
    which : str or sequence of str, default=None
        Of "EN", "SD", "SF", "AG", "MI", "SCD", "CC", "VIF", "Qabf", "SSIM", "FMI" and "PSNR".
        None takes all twelve.
    convention : {"matlab", "cddfuse"}, default="matlab"
        Whose units: those of the MATLAB toolbox that most papers use, or those of the Python code
        that came with CDDFuse [9]_. They differ in five metrics; see Notes.
    parity : bool, default=False
        Whether to repeat what we take for slips of the published codes; see Notes.
    fmi_feature : {"pixel", "gradient", "dct", "wavelet", "edge"}, default="pixel"
        The feature map of FMI.
    data_range : float, default=None
        Highest value that a pixel may have; the lowest is 0. Pixels are multiplied by
        ``255 / data_range``. None stands for 255.

    Returns
    -------
    dict of str to float, or to ndarray of float64 of shape (n,)
        Metrics in the order of `which`; floats where A has shape (H, W). Higher is
        taken for better in all of them.

    Raises
    ------
    TypeError
        Images are not of real numbers.
    ValueError
        Shapes differ; a side is too short for a metric (41 pixels for VIF, 11 for SSIM, 3 for FMI,
        2 for SF and AG); a pixel is not finite or outside the range; the floats of A, of B or of F
        all lie between 0 and 1 and come without `data_range`; a name is not known.

    See Also
    --------
    complexity_report : What a fusion network costs.
    detection_measures : What fused images are good for: detection.
    segmentation_measures : The same: segmentation.

    Notes
    -----
    =====  ===========================  ==========================================================
    name   range                        what
    =====  ===========================  ==========================================================
    EN     0 to 8                       entropy of F's 256 grey levels, bits [1]_
    SD     0 to 127.5                   standard deviation of F's pixels
    SF     0 and above                  spatial frequency of F [10]_
    AG     0 and above                  average gradient of F
    MI     0 to 16 bits                 mutual information of F with A and with B, added [2]_
    SCD    -2 to 2                      correlation of F - B with A and of F - A with B, added [3]_
    CC     -1 to 1                      mean correlation of F with A and with B
    VIF    0 and above; 2 if A = B = F  visual information fidelity, in pixels, added [4]_
    Qabf   about 0 to 0.975             edges of A and B kept in F [5]_
    SSIM   -1 to 1                      structural similarity of F with A and B, mean [6]_
    FMI    about 0 to 1                 information shared by windows of feature maps [7]_ [8]_
    PSNR   infinity if A = B = F        peak 255 over the mean squared error to A and B, decibels
    =====  ===========================  ==========================================================

    **Conventions.** ``"cddfuse"`` gives MI in nats (0.693 times as much), AG divided by all pixels
    rather than by (H - 1)(W - 1), the sum of both SSIM, with a uniform window of 7 x 7 rather than
    a Gaussian one of 11 x 11, PSNR with F's highest pixel as peak. VIF is a sum in both.

    **Parity.** Both published codes put F's strength itself for the ratio of two equal strengths
    in Qabf, where 1 is meant. The SSIM of CDDFuse had the constants of a data range of 2, which
    its version of scikit-image took for floats. Its VIF is 1 for a constant source. ``parity=True``
    repeats the first in both conventions, and the others in ``"cddfuse"``. Figures in papers that
    used that code compare with ``convention="cddfuse", parity=True`` alone.

    **Constant images.** NaN stands for what is not defined: CC and SCD where an image, or a
    difference of two, is constant (so SCD where F equals a source); VIF where a source is constant;
    Qabf where both sources are black. EN, SD, SF, AG and MI of a constant F are 0; SSIM, FMI and
    PSNR are defined. A constant F of 0 has no PSNR in ``"cddfuse"``.

    Grey levels are rounded for EN and MI alone. Windows of VIF and SSIM lie inside the image; for
    Qabf the image is continued by 0, so that one that is constant and not black has its border for
    an edge.

    References
    ----------
    .. [1] J. W. Roberts, J. A. van Aardt and F. B. Ahmed, "Assessment of image fusion procedures
       using entropy, image quality, and multispectral classification", Journal of Applied Remote
       Sensing 2 (1), 2008. :doi:`10.1117/1.2945910`
    .. [2] G. Qu, D. Zhang and P. Yan, "Information measure for performance of image fusion",
       Electronics Letters 38 (7), 2002. :doi:`10.1049/el:20020212`
    .. [3] V. Aslantas and E. Bendes, "A new image quality metric for image fusion: the sum of the
       correlations of differences", AEU 69 (12), 2015. :doi:`10.1016/j.aeue.2015.09.004`
    .. [4] H. R. Sheikh and A. C. Bovik, "Image information and visual quality", IEEE Transactions
       on Image Processing 15 (2), 2006. :doi:`10.1109/TIP.2005.859378`
    .. [5] C. S. Xydeas and V. Petrovic, "Objective image fusion performance measure", Electronics
       Letters 36 (4), 2000. :doi:`10.1049/el:20000267`
    .. [6] Z. Wang et al., "Image quality assessment: from error visibility to structural
       similarity", IEEE Transactions on Image Processing 13 (4), 2004.
       :doi:`10.1109/TIP.2003.819861`
    .. [7] M. B. A. Haghighat, A. Aghagolzadeh and H. Seyedarabi, "A non-reference image fusion
       metric based on mutual information of image features", Computers and Electrical Engineering
       37 (5), 2011. :doi:`10.1016/j.compeleceng.2011.07.012`
    .. [8] M. Haghighat and M. A. Razian, "Fast-FMI: non-reference image fusion metric", AICT, 2014.
       :doi:`10.1109/ICAICT.2014.7036000`
    .. [9] Z. Zhao et al., "CDDFuse: correlation-driven dual-branch feature decomposition for
       multi-modality image fusion", CVPR, 2023. :doi:`10.1109/CVPR52729.2023.00572`
    .. [10] A. M. Eskicioglu and P. S. Fisher, "Image quality measures and their performance", IEEE
       Transactions on Communications 43 (12), 1995. :doi:`10.1109/26.477498`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import fusion_metrics
    >>> A = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    >>> found = fusion_metrics(A, A.T, (A // 2 + A.T // 2), which=("EN", "CC", "SSIM"))
    >>> {name: round(value, 3) for name, value in found.items()}
    {'EN': 6.721, 'CC': 0.707, 'SSIM': 0.77}
    """
    names = _names(which)
    _check_choice("convention", convention, CONVENTIONS)
    _check_choice("fmi_feature", fmi_feature, tuple(FEATURES))
    if not isinstance(parity, bool | np.bool_):
        raise TypeError(f"parity must be True or False. Got {parity!r} instead.")
    stacks = check_metric_images(A, B, F, data_range)
    for image in stacks[0]:
        _check_sides(names, image.shape)
    formulas = _formulas(convention, parity, fmi_feature)
    found = {
        name: np.array(
            [_measure(name, formulas[name], three) for three in zip(*stacks, strict=True)]
        )
        for name in names
    }
    single = np.ndim(A[0]) < 2
    return {name: float(value[0]) for name, value in found.items()} if single else found


def _formulas(convention, parity, fmi_feature):
    ours = convention == "matlab"
    if ours:
        similarity = partial(_mean_of_two, partial(structural_similarity, window=GAUSSIAN))
    else:
        peak = 2.0 if parity else PEAK
        similarity = partial(structural_similarity, window=UNIFORM, peak=peak)
    return {
        "EN": entropy,
        "SD": standard_deviation,
        "SF": spatial_frequency,
        "AG": partial(average_gradient, over_gaps=ours),
        "MI": partial(mutual_information, in_nats=not ours),
        "SCD": correlation_of_differences,
        "CC": correlation,
        "VIF": partial(visual_information, of_nothing=1.0 if parity and not ours else np.nan),
        "Qabf": partial(edges_kept, ties_by_strength=parity),
        "SSIM": similarity,
        "FMI": partial(feature_information, feature=fmi_feature),
        "PSNR": partial(peak_signal_to_noise, peak=PEAK if ours else None),
    }


def _mean_of_two(sum_of_two, *triple):
    return sum_of_two(*triple) / 2


def _measure(name, formula, triple):
    return formula(triple[2]) if name in OF_FUSED_ALONE else formula(*triple)


def _names(which):
    if which is None:
        return tuple(LEAST_SIDE)
    names = (which,) if isinstance(which, str) else tuple(which)
    unknown = [name for name in names if name not in LEAST_SIDE]
    if unknown or not names:
        raise ValueError(f"which must name some of {tuple(LEAST_SIDE)}. Got {which!r} instead.")
    return names


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}. Got {value!r} instead.")


def _check_sides(names, shape):
    for name in names:
        if min(shape) < LEAST_SIDE[name]:
            raise ValueError(
                f"{name} needs images of at least {LEAST_SIDE[name]} pixels a side. "
                f"Got {shape[0]} x {shape[1]} instead. which= leaves metrics out."
            )
