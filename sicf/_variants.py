"""The paper's ablations, and the control that every comparison needs, as pipelines."""

from sklearn.pipeline import Pipeline

from sicf._image_steps import image_steps
from sicf._pipelines import make_sicf_lorf, paper_forest
from sicf.features import SICF, ThumbnailFeatures

DESCRIPTORS = ("sift", "vgg16")


def make_sicf_variant(*, descriptors=("sift", "vgg16"), selector="lyrebird", **options):
    """Make one of the paper's ablations: some of the descriptors, with a selector or without.

    Parameters
    ----------
    descriptors : sequence of {"sift", "vgg16"}, default=("sift", "vgg16")
        The streams of features.
    selector : {"lyrebird", None} or selector, default="lyrebird"
        :class:`LyrebirdSelector`, all columns, or a selector of one's own, such as
        :class:`BorutaSelector` or :class:`sklearn.feature_selection.SelectKBest`.
    **options
        As :func:`make_sicf_lorf` takes them; those of the search are for "lyrebird" alone.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``sicf``, ``selector`` (where there is one) and ``forest``,
        after ``read`` where it is given.

    See Also
    --------
    make_sicf_lorf : The whole system, which is what the defaults make.

    Notes
    -----
    The paper's Table 6 has five of the six cells: each descriptor and both with the forest alone
    (``selector=None``), VGG16 and both with Lyrebird and forest. ``descriptors=("sift",)`` with
    ``selector="lyrebird"`` is the missing one.

    Examples
    --------
    >>> from sicf import make_sicf_variant
    >>> pipeline = make_sicf_variant(descriptors=("sift",), selector=None)
    >>> list(pipeline.named_steps), pipeline["sicf"].transformer_list[0][0]
    (['roi', 'equalize', 'sicf', 'forest'], 'sift')
    """
    whole = make_sicf_lorf(**options)
    steps = dict(whole.steps)
    steps["sicf"] = _streams(steps["sicf"], descriptors)
    if selector is None:
        del steps["selector"]
    elif selector != "lyrebird":
        steps["selector"] = _checked_selector(selector)
    return Pipeline(list(steps.items()))


def make_thumbnail_forest(
    *,
    size=32,
    read=None,
    roi=None,
    equalize=None,
    fuse_sequences="concat",
    sequence_names=None,
    mask=None,
    n_jobs=None,
    random_state=None,
):
    """Make the control of every comparison: the paper's forest on thumbnails.

    Parameters
    ----------
    size : int, default=32
        Side of the thumbnail in pixels.
    read : transformer, default=None
        A first step that turns X into images. None takes images.
    roi : {"quadrant", "mask", None}, default=None
        As in :func:`make_sicf`.
    equalize : {"global", "clahe", None}, default=None
        Histogram equalization.
    fuse_sequences : {"concat", "mean", "max"}, default="concat"
        How the rows of several sequences become one.
    sequence_names : sequence of str, default=None
        Names of the sequences; they only name columns.
    mask : int, default=None
        The channel of X that holds a mask of labels.
    n_jobs : int, default=None
        Workers for the forest.
    random_state : int, default=None
        Seed of the forest.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``thumbnail`` and ``forest``, after ``read`` where it is
        given.

    Examples
    --------
    >>> from sicf import make_thumbnail_forest
    >>> make_thumbnail_forest()["thumbnail"]
    ThumbnailFeatures()
    """
    steps = image_steps(read, roi, equalize, mask)
    thumbnail = ThumbnailFeatures(
        size, fuse_sequences=fuse_sequences, sequence_names=sequence_names, mask=mask
    )
    forest = paper_forest(n_jobs, random_state)
    return Pipeline([*steps, ("thumbnail", thumbnail), ("forest", forest)])


def _streams(union, descriptors):
    """The union with the named streams alone."""
    known = not isinstance(descriptors, str) and set(descriptors) <= set(DESCRIPTORS)
    if not known or not descriptors or len(set(descriptors)) < len(descriptors):
        raise ValueError(
            f"descriptors must be different ones of {DESCRIPTORS}. Got {descriptors!r} instead."
        )
    return SICF([(name, step) for name, step in union.transformer_list if name in descriptors])


def _checked_selector(selector):
    if isinstance(selector, str) or not hasattr(selector, "fit"):
        raise ValueError(
            f'selector must be "lyrebird", None or a selector. Got {selector!r} instead.'
        )
    return selector
