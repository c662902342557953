"""explain: why each image got its answer."""

from sicf._number_checks import check_whole_number
from sicf.explanation._cohort import send_through
from sicf.explanation._explainer import EVIDENCE, Explainer
from sicf.explanation._explanation import Explanation
from sicf.explanation._fitted_chain import take_apart
from sicf.explanation._network_map import CAMS
from sicf.explanation._targets import choose_targets


def explain(
    pipeline,
    X,
    *,
    target=None,
    evidence="directed",
    cam="grad",
    occlusion=False,
    occlusion_grid=8,
    verbose=0,
):
    """Explain why a fitted pipeline gave each image its answer.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, from images (or files) to a forest, as :func:`make_sicf_lorf` makes it. It needs
        neither SIFT nor a network, neither region of interest nor selector.
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
        Or what its first step reads.
    target : object or array-like of shape (n,), default=None
        The class whose probability is explained, for all or for each image. None is the most
        probable one.
    evidence : {"directed", "shap"}, default="directed"
        What the maps draw of a column; see Notes.
    cam : {"grad", "hires"}, default="grad"
        Grad-CAM [2]_, or HiResCAM [3]_, which does not average gradients over places.
    occlusion : bool, default=False
        Whether to draw occlusion maps as well: a control that knows nothing of the model, and takes
        ``(occlusion_grid + 1) ** 2`` predictions an image.
    occlusion_grid : int, default=8
        Windows along a side of what the parts see.
    verbose : int, default=0
        Above 0, a progress bar.

    Returns
    -------
    Explanation

    Raises
    ------
    NotFittedError
        The pipeline is not fitted.
    TypeError
        It does not end in a forest, or a step before the forest mixes columns.
    ValueError
        X has another number of channels than `fit` saw.
    ImportError
        shap is not installed (``pip install 'sicf[explain]'``).

    Warns
    -----
    UserWarning
        The selector kept no column of a part; it then contributes 0.

    See Also
    --------
    importances_by_part : Of the forest, over all its training samples.

    Notes
    -----
    *Contributions.* SHAP values of the forest's columns by TreeSHAP [1]_ (path-dependent), summed
    over the columns of a part, or of each of its sequences where ``fuse_sequences="concat"``. With
    the base value they sum to the predicted probability; an error is raised where they do not.

    *Evidence.* A SHAP value says how much a column's value matters, and not in which direction the
    value would have to change: a column may speak for a class by being low, and then the pixels
    that raise it speak against the class. By "directed" each value is multiplied by the side on
    which the column lies among the forest's thresholds: 1 above them all, -1 below them all. By
    "shap" it is taken as it is.

    *Network.* The evidence-weighted sum of the selected columns is differentiated with respect to
    the last convolutional map before the layer. The map is scaled so that its absolute values sum
    to those of the evidence.

    *Visual words.* The evidence of a word is spread over its keypoints, each a Gaussian as wide as
    that by which SIFT weights the descriptor. Words that are not in the image have no place;
    `unplaced` holds their sum.

    *Places.* Maps go back through resizing and region of interest to the original picture. Beside
    the pipeline's own pass an image takes one forward pass for each sequence, and the first image
    one more.

    A map says what this model used, not what is there; ``docs/explanation.md`` has how faithful it
    was found to be.

    References
    ----------
    .. [1] S. M. Lundberg et al., "From local explanations to global understanding with explainable
       AI for trees", Nature Machine Intelligence 2, 2020. :doi:`10.1038/s42256-019-0138-9`
    .. [2] R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
       gradient-based localization", ICCV 2017. :doi:`10.1109/ICCV.2017.74`
    .. [3] R. L. Draelos and L. Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations
       of convolutional neural networks", 2020. :doi:`10.48550/arXiv.2011.08891`

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sicf import QuadrantROI, SIFTBoVW, explain, make_spine_phantoms
    >>> data = make_spine_phantoms(6, n_slices=1, sequences=("T2",), random_state=0)
    >>> pipeline = make_pipeline(
    ...     QuadrantROI(),
    ...     SIFTBoVW(16, random_state=0),
    ...     RandomForestClassifier(10, random_state=0),
    ... ).fit(data.images, data.target)
    >>> image = explain(pipeline, data.images)[0]
    >>> bool(abs(image.base_value + image.contributions.sum() - image.probability) < 1e-6)
    True
    >>> image.heat_map().shape
    (224, 224)
    """
    _check_options(evidence, cam, occlusion_grid)
    cohort = send_through(take_apart(pipeline), X)
    probabilities = cohort.chain.probabilities(cohort.rows)
    targets = choose_targets(target, cohort.chain.forest.classes_, probabilities)
    explainer = Explainer(cohort, evidence, cam, occlusion_grid if occlusion else None)
    values = explainer.shap.each(cohort.chain.to_forest(cohort.rows), probabilities)
    images = [
        explainer.explain(index, own, probabilities[index], targets[index])
        for index, own in enumerate(_progress(values, len(cohort), verbose))
    ]
    return Explanation(images, explainer.notes)


def _progress(work, total, verbose):
    if not verbose:
        return work
    from tqdm.auto import tqdm

    return tqdm(work, desc="Explaining", total=total, unit="image", leave=False)


def _check_options(evidence, cam, occlusion_grid):
    for name, value, known in (("evidence", evidence, EVIDENCE), ("cam", cam, CAMS)):
        if value not in known:
            raise ValueError(f"{name} must be one of {known}. Got {value!r} instead.")
    check_whole_number("occlusion_grid", occlusion_grid, least=2)
