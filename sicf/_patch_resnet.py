"""The rival PatchResNet: patches, a network, three selectors, eighteen neighbours and a vote."""

from sklearn.feature_selection import SelectKBest, chi2
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from sicf._image_steps import image_steps
from sicf._named_columns import NamedColumns
from sicf._number_checks import check_whole_number
from sicf.classification import IterativeMajorityVoting
from sicf.features import CachedRows, PatchDeepFeatures
from sicf.selection import DiagonalNCA, ReliefF

SELECTORS = ("nca", "chi2", "relieff")


def make_patch_resnet(
    *,
    read=None,
    roi="quadrant",
    equalize=None,
    model="resnet50",
    layers=("avgpool", "fc"),
    weights="IMAGENET1K_V1",
    patch_sizes=(32, 56, 112),
    patch_resize=None,
    pool="concat",
    size=224,
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    selectors=SELECTORS,
    n_selected=1000,
    n_neighbors=1,
    metric="cityblock",
    ranking="inner_cv",
    cv=5,
    cache=None,
    n_jobs=None,
    random_state=None,
):
    """Make the rival PatchResNet: blocks of patches' columns, each selected thrice, and a vote.

    Parameters
    ----------
    read : transformer, default=None
        A first step that turns X into images. None takes images.
    roi : {"quadrant", "mask", None}, default="quadrant"
        As in :func:`make_sicf`.
    equalize : {"global", "clahe", None}, default=None
        Histogram equalization.
    model, layers, weights, patch_sizes, patch_resize, pool, size, fuse_sequences, \
    sequence_names, mask
        As of :class:`PatchDeepFeatures`.
    selectors : sequence of {"nca", "chi2", "relieff"}, default=("nca", "chi2", "relieff")
        What selects in each block: :class:`DiagonalNCA`, the chi-squared statistic of columns that
        are scaled to [0, 1], or :class:`ReliefF`.
    n_selected : int, default=1000
        Columns that each selector keeps of a block, at most.
    n_neighbors : int, default=1
        Of each member.
    metric : str, default="cityblock"
        Of each member, as scikit-learn names it.
    ranking, cv
        As of :class:`IterativeMajorityVoting`.
    cache : str or path, default=None
        Folder for the rows, so that each picture is embedded once; see :class:`CachedRows`.
    n_jobs : int, default=None
        Members, and inner folds, at the same time.
    random_state : int, default=None
        Draws the inner folds, and seeds the network where `weights` is None (None is then 0).

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``features`` and ``vote``, after ``read`` where it is given.
        The features are computed once; each of the members, such as ``avgpool@32 nca``, takes its
        block of their columns. `groups` reach the inner folds through metadata routing;
        :func:`evaluate` does that for you.

    Notes
    -----
    The abstract [1]_ gives patches, network, layers, selectors, nearest neighbours and vote. Not
    readable, and so changeable defaults, are the numbers of selected columns, of neighbours and
    their distance. Patches are shown to the network as they are, not resized to 224, which is 22
    times as dear (``patch_resize=224``). The original ranks its members on the very predictions
    that it reports (``ranking="reported"``); here they are ranked inside the training part. See
    ``docs/rivals.md``.

    References
    ----------
    .. [1] T. Muezzinoglu et al., "PatchResNet: multiple patch division-based deep feature fusion
       framework for brain tumor classification using MRI images", Journal of Digital Imaging 36,
       2023. :doi:`10.1007/s10278-023-00789-x`

    Examples
    --------
    >>> from sicf import make_patch_resnet
    >>> pipeline = make_patch_resnet(roi=None, weights=None)
    >>> members = [name for name, _ in pipeline["vote"].estimators]
    >>> len(members), members[0], members[-1]
    (18, 'avgpool@32 nca', 'fc@112 relieff')
    """
    check_whole_number("n_selected", n_selected)
    _check_selectors(selectors)
    features = PatchDeepFeatures(
        model,
        layers,
        weights=weights,
        patch_sizes=patch_sizes,
        patch_resize=patch_resize,
        pool=pool,
        size=size,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        random_state=random_state or 0,
    )
    features = features if cache is None else CachedRows(features, cache)
    members = [
        (f"{layer}@{side} {kind}", _member(f"{layer}@{side}_", kind, n_selected, neighbours))
        for side in patch_sizes
        for layer in layers
        for kind in selectors
        for neighbours in [KNeighborsClassifier(n_neighbors, metric=metric)]
    ]
    return Pipeline(
        [
            *image_steps(read, roi, equalize, mask, cache),
            ("features", features.set_output(transform="pandas")),
            ("vote", _vote(members, ranking, cv, n_jobs, random_state)),
        ]
    )


def _vote(members, ranking, cv, n_jobs, random_state):
    return IterativeMajorityVoting(
        members, ranking=ranking, cv=cv, n_jobs=n_jobs, random_state=random_state
    )


def _member(block, kind, n_selected, neighbours):
    """A block's columns, scaled and selected, and their nearest neighbours."""
    selector = {
        "nca": DiagonalNCA(n_selected, prefilter=max(2000, n_selected)),
        "chi2": SelectKBest(chi2, k=n_selected),
        "relieff": ReliefF(n_selected, prefilter=max(2000, n_selected)),
    }[kind]
    return Pipeline(
        [
            ("block", NamedColumns(block)),
            ("scale", MinMaxScaler()),
            ("select", selector),
            ("neighbours", neighbours),
        ]
    )


def _check_selectors(selectors):
    if isinstance(selectors, str) or not selectors or not set(selectors) <= set(SELECTORS):
        raise ValueError(f"selectors must be some of {SELECTORS}. Got {selectors!r} instead.")
