"""The paper's system as a scikit-learn pipeline, from images to a diagnosis class."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from sicf._image_steps import MASK_AFTER_FUSION, fuser_step, image_steps
from sicf.features import SICF, CachedRows, SIFTBoVW, VGG16Embedder
from sicf.selection import LyrebirdSelector


def make_sicf(
    *,
    read=None,
    roi="quadrant",
    equalize="global",
    fuser=None,
    n_words=512,
    weights="IMAGENET1K_V1",
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    fine_tune=None,
    training=None,
    augmenter=None,
    cache=None,
    cache_max_bytes=None,
    n_jobs=None,
    random_state=None,
    verbose=0,
):
    """Make the pipeline from images to the 4,608 columns of SICF.

    Parameters
    ----------
    read : transformer, default=None
        A first step that turns X into images, such as one that reads files. None takes images.
    roi : {"quadrant", "mask", None}, default="quadrant"
        Crop round the spinal canal found by :class:`QuadrantROI`, round the `mask` channel by
        :class:`MaskROI`, or not at all (pictures that show no spine).
    equalize : {"global", "clahe", None}, default="global"
        Histogram equalization.
    fuser : {None, "densefuse", "fusiongan", "medfusiongan", "tsjnet"} or transformer, default=None
        A network that fuses the sequences of each image into one picture, before the features; see
        :class:`DenseFuse`, :class:`FusionGAN`, :class:`MedFusionGAN` and :class:`TSJNet`. Three
        sequences are fused in turn: the first two, then what came of them with the third. By name
        it has its defaults, and is trained in `fit`. A transformer is cloned, and told of the
        `mask`.
    n_words : int, default=512
        Visual words.
    weights : str, path or None, default="IMAGENET1K_V1"
        Weights of VGG16: torchvision's name, a file, or None for a seeded initialisation.
    fuse_sequences : {"mean", "max", "concat", "rgb"}, default="mean"
        How several sequences become one row. "rgb" puts three sequences into the three channels of
        the network; SIFT, which has no such thing, then takes the mean. A `fuser` leaves one
        sequence: "rgb" is then an error, and the others are the same.
    sequence_names : sequence of str, default=None
        Names of the sequences, such as ``("T1", "T2", "T1ce")``; they only name columns. With a
        `fuser` there are no columns of single sequences.
    mask : int, default=None
        The channel of X that holds a mask of labels.
    fine_tune : {None, "head", "all"}, default=None
        What of VGG16 is trained in `fit`, on `y`; see :class:`VGG16Embedder`.
    training : TrainingRecipe, default=None
        How. None is the paper's.
    augmenter : MRIAugmenter, default=None
        Makes variants of the network's training pictures, in each epoch others. To train SIFT's
        words, the selection and the forest on variants too, wrap the pipeline in
        :class:`AugmentedFit`.
    cache : str or path, default=None
        Folder for what the frozen parts give, so that each picture is read, cropped, equalized,
        described and embedded once in all folds, and each training set has its codebook learnt
        once; see :class:`CachedRows`.
    cache_max_bytes : int, default=None
        Size within which the cache's file is kept. None sets no bound.
    n_jobs : int, default=None
        Workers for SIFT.
    random_state : int, default=None
        Seed of the codebook, and of VGG16 where `weights` is None.
    verbose : int, default=0
        Above 0, progress bars over the pictures that have to be computed.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize`` and ``sicf``, after ``read`` where it is given, with ``fuse``
        before ``sicf`` where there is a `fuser`; every parameter
        is within reach of `set_params`, as in ``sicf__sift__n_words`` or ``sicf__vgg16__layer``.
        With a `cache` the frozen steps are wrapped in :class:`CachedRows`, which hands their
        parameters on; the step itself is then its `transformer_`.

    See Also
    --------
    make_sicf_lorf : The same with selection and forest.

    Examples
    --------
    >>> from sicf import make_sicf
    >>> pipeline = make_sicf(roi=None, weights=None)
    >>> list(pipeline.named_steps)
    ['roi', 'equalize', 'sicf']
    """
    kept = {"max_bytes": cache_max_bytes, "verbose": verbose}
    steps = image_steps(read, roi, equalize, mask, cache, **kept)
    if fuser is not None:
        if fuse_sequences == "rgb":
            raise ValueError(
                "fuse_sequences='rgb' needs 3 sequences, and a fuser leaves one. "
                f"Got fuser={fuser!r}."
            )
        steps.append(("fuse", fuser_step(fuser, mask, random_state, cache=cache, **kept)))
        # What comes after it sees one sequence, which has no name, and the mask in its own place.
        mask = None if mask is None else MASK_AFTER_FUSION
        fuse_sequences, sequence_names = "mean", None
    sift = SIFTBoVW(
        n_words,
        fuse_sequences="mean" if fuse_sequences == "rgb" else fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        cache=cache,
        cache_max_bytes=cache_max_bytes,
        n_jobs=n_jobs,
        random_state=random_state,
    )
    vgg16 = VGG16Embedder(
        weights=weights,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        fine_tune=fine_tune,
        training=training,
        augmenter=augmenter,
        verbose=verbose,
        random_state=random_state or 0,
    )
    # The rows of a network that learns are good for one fit alone.
    deep = CachedRows(vgg16, cache, **kept) if fine_tune is None else vgg16
    streams = [("sift", sift), ("vgg16", deep)]
    return Pipeline([*steps, ("sicf", SICF(streams))])


def make_sicf_lorf(
    *,
    read=None,
    roi="quadrant",
    equalize="global",
    fuser=None,
    n_words=512,
    weights="IMAGENET1K_V1",
    fuse_sequences="mean",
    sequence_names=None,
    mask=None,
    mode="robust",
    population_size=10,
    max_iter=10,
    cv=5,
    fine_tune=None,
    training=None,
    augmenter=None,
    cache=None,
    cache_max_bytes=None,
    n_jobs=None,
    random_state=None,
    verbose=0,
):
    """Make the whole system: images, SICF, Lyrebird selection, random forest.

    Parameters
    ----------
    read, roi, equalize, fuser, n_words, weights, fuse_sequences, sequence_names, mask
        As in :func:`make_sicf`.
    mode : {"robust", "paper"}, default="robust"
        How :class:`LyrebirdSelector` searches: what we found to work, or the paper's literal text.
    population_size : int, default=10
        Candidate masks in a generation.
    max_iter : int, default=10
        Generations after the first.
    cv : int or splitter, default=5
        Folds inside the search. An integer with `groups` keeps the slices of a patient together.
    fine_tune, training, augmenter, cache, cache_max_bytes
        As in :func:`make_sicf`.
    n_jobs : int, default=None
        Workers for SIFT, for the population of the search and for the forest.
    random_state : int, default=None
        One seed gives one result, whatever `n_jobs` and the state of the cache.
    verbose : int, default=0
        Above 0, progress bars over new pictures and over the search.

    Returns
    -------
    Pipeline
        Steps ``roi``, ``equalize``, ``sicf``, ``selector`` and ``forest``, with ``read`` and
        ``fuse`` as in :func:`make_sicf`. `groups` reach the
        folds inside the selector through metadata routing; :func:`evaluate` does that for you.

    Notes
    -----
    The forest is scikit-learn's, with the paper's values: 100 trees, depth at most 20, Gini
    impurity, balanced class weights. Where the paper is silent on the search (population,
    iterations) the defaults are ours.

    With `fine_tune` the columns of VGG16 have seen the labels that the search scores them on: its
    own scores, `best_score_` among them, are then optimistic. Cross-validate the whole pipeline.

    References
    ----------
    .. [1] Z. Shi et al., "An intelligent MRI data fusion framework for optimized diagnosis of
       spinal tumors", Frontiers in Medicine 12, 2025. :doi:`10.3389/fmed.2025.1606570`

    Examples
    --------
    >>> from sicf import make_sicf_lorf
    >>> pipeline = make_sicf_lorf(weights=None, population_size=4, max_iter=2, random_state=0)
    >>> pipeline.set_params(selector__mode="paper", forest__n_estimators=200).named_steps["forest"]
    RandomForestClassifier(class_weight='balanced', max_depth=20, n_estimators=200,
                           random_state=0)
    """
    features = make_sicf(
        read=read,
        roi=roi,
        equalize=equalize,
        fuser=fuser,
        n_words=n_words,
        weights=weights,
        fuse_sequences=fuse_sequences,
        sequence_names=sequence_names,
        mask=mask,
        fine_tune=fine_tune,
        training=training,
        augmenter=augmenter,
        cache=cache,
        cache_max_bytes=cache_max_bytes,
        n_jobs=n_jobs,
        random_state=random_state,
        verbose=verbose,
    )
    selector = LyrebirdSelector(
        mode=mode,
        population_size=population_size,
        max_iter=max_iter,
        cv=cv,
        n_jobs=n_jobs,
        random_state=random_state,
        verbose=verbose,
    )
    forest = paper_forest(n_jobs, random_state)
    return Pipeline([*features.steps, ("selector", selector), ("forest", forest)])


def paper_forest(n_jobs=None, random_state=None):
    """Make the paper's random forest.

    Parameters
    ----------
    n_jobs, random_state
        As scikit-learn takes them.

    Returns
    -------
    RandomForestClassifier
        100 trees, depth at most 20, Gini impurity, balanced class weights.
    """
    return RandomForestClassifier(
        n_estimators=100,
        max_depth=20,
        criterion="gini",
        class_weight="balanced",
        n_jobs=n_jobs,
        random_state=random_state,
    )
