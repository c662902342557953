"""The systems of texture that the paper compares itself with, as pipelines."""

from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sicf._image_steps import image_steps
from sicf.features import CachedRows, DWTFeatures, GLCMFeatures, LBPFeatures

CLASSIFIERS = ("svm", "knn")


def make_dwt_svm(
    *,
    classifier="svm",
    read=None,
    roi="quadrant",
    equalize=None,
    size=224,
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    cache=None,
    n_jobs=None,
):
    """Make the rival "DWT + SVM": wavelet statistics, standardised, and a classifier.

    Parameters
    ----------
    classifier : {"svm", "knn"}, default="svm"
        A support vector machine, or the five nearest neighbours by Euclidean distance, weighted by
        its inverse.
    read : transformer, default=None
        A first step that turns X into images. None takes images.
    roi : {"quadrant", "mask", None}, default="quadrant"
        As in :func:`make_sicf`.
    equalize : {"global", "clahe", None}, default=None
        Histogram equalization.
    size : int, default=224
        Side in pixels of the square that is described. None keeps each picture's own size.
    fuse_sequences : {"mean", "max", "concat"}, default="mean"
        How the rows of several sequences become one.
    sequence_names : sequence of str, default=None
        Names of the sequences; they only name columns.
    mask : int, default=None
        The channel of X that holds a mask of labels.
    cache : str or path, default=None
        Folder for the rows, so that each picture is described once; see :class:`CachedRows`.
    n_jobs : int, default=None
        Workers over images.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``features``, ``scale`` and ``classifier``, after ``read``
        where it is given.

    See Also
    --------
    make_glcm_rbf, make_lbp_svm : The same with other texture.

    Notes
    -----
    The paper takes this rival's figures from a study of meningioma [1]_ whose text gives neither
    kernel nor penalty. Here the machine has radial basis functions, ``C=1``, ``gamma="scale"`` and
    balanced class weights; choose otherwise by ``set_params(classifier__C=10)`` or by a search
    inside the folds. Its answers are values of `decision_function`, not probabilities.

    References
    ----------
    .. [1] A. AlKubeyyer et al., "Automatic detection of the meningioma tumor firmness in MRI
       images", Journal of X-Ray Science and Technology 28 (4), 2020. :doi:`10.3233/XST-200644`

    Examples
    --------
    >>> from sicf import make_dwt_svm
    >>> list(make_dwt_svm(roi=None).named_steps)
    ['roi', 'equalize', 'features', 'scale', 'classifier']
    """
    features = DWTFeatures(
        size=size,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        n_jobs=n_jobs,
    )
    return _texture_pipeline(features, classifier, read, roi, equalize, mask, cache)


def make_glcm_rbf(
    *,
    classifier="svm",
    read=None,
    roi="quadrant",
    equalize=None,
    size=224,
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    cache=None,
    n_jobs=None,
):
    """Make the rival "GLCM + RBF": co-occurrence properties, standardised, and a classifier.

    Parameters
    ----------
    classifier, read, roi, equalize, size, fuse_sequences, sequence_names, mask, cache, n_jobs
        As in :func:`make_dwt_svm`.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``features``, ``scale`` and ``classifier``, after ``read``
        where it is given.

    Notes
    -----
    "RBF" is read as a support vector machine with radial basis functions, not as a network of
    them. The notes of :func:`make_dwt_svm` hold here too.

    Examples
    --------
    >>> from sicf import make_glcm_rbf
    >>> make_glcm_rbf(classifier="knn")["classifier"]
    KNeighborsClassifier(weights='distance')
    """
    features = GLCMFeatures(
        size=size,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        n_jobs=n_jobs,
    )
    return _texture_pipeline(features, classifier, read, roi, equalize, mask, cache)


def make_lbp_svm(
    *,
    classifier="svm",
    read=None,
    roi="quadrant",
    equalize=None,
    size=224,
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    cache=None,
    n_jobs=None,
):
    """Make the rival "LBP + SVM": local binary patterns, standardised, and a classifier.

    Parameters
    ----------
    classifier, read, roi, equalize, size, fuse_sequences, sequence_names, mask, cache, n_jobs
        As in :func:`make_dwt_svm`.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``features``, ``scale`` and ``classifier``, after ``read``
        where it is given.

    Notes
    -----
    The study that the paper takes these figures from found its best, which the paper prints as
    "LBP + SVM", with nearest neighbours: ``classifier="knn"``. The notes of :func:`make_dwt_svm`
    hold here too.

    Examples
    --------
    >>> from sicf import make_lbp_svm
    >>> make_lbp_svm()["classifier"]
    SVC(class_weight='balanced')
    """
    features = LBPFeatures(
        size=size,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        n_jobs=n_jobs,
    )
    return _texture_pipeline(features, classifier, read, roi, equalize, mask, cache)


def _texture_pipeline(features, classifier, read, roi, equalize, mask, cache):
    if classifier not in CLASSIFIERS:
        raise ValueError(f"classifier must be one of {CLASSIFIERS}. Got {classifier!r} instead.")
    if classifier == "svm":
        model = SVC(kernel="rbf", C=1.0, gamma="scale", class_weight="balanced")
    else:
        model = KNeighborsClassifier(5, metric="minkowski", p=2, weights="distance")
    return Pipeline(
        [
            *image_steps(read, roi, equalize, mask, cache),
            ("features", features if cache is None else CachedRows(features, cache)),
            ("scale", StandardScaler()),
            ("classifier", model),
        ]
    )
