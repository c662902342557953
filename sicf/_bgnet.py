"""The rival BgNet: pairs of planes, its network, and a vote."""

from sicf.classification import PairedPlaneBagger, ResNetSTClassifier
from sicf.features import CosineRecipe


def make_bgnet(
    *,
    network=None,
    input_size=224,
    weights=None,
    epochs=20,
    class_weight="balanced",
    weight_clinical=0.4,
    top_fraction=None,
    n_visits=8,
    max_pairs=None,
    fuse_sequences="mean",
    checkpoint=None,
    device=None,
    random_state=None,
    verbose=0,
):
    """Make the rival BgNet, for patients with several axial and sagittal crops.

    Parameters
    ----------
    network : dict, default=None
        Sizes of :class:`ResNetSTClassifier` other than the published, such as ``{"width": 8}``.
    input_size : int, default=224
        Side in pixels of a pair.
    weights : path, default=None
        A state dict of the network to begin with. None is a seeded initialisation.
    epochs : int, default=20
        Passes over the pairs.
    class_weight : {"balanced", None} or sequence of float, default="balanced"
        As of :class:`CosineRecipe`; the code has (0.2, 0.8).
    weight_clinical, top_fraction, n_visits, max_pairs
        As of :class:`PairedPlaneBagger`; the code has ``top_fraction=0.5``.
    fuse_sequences, checkpoint, device
        As of :class:`ResNetSTClassifier`.
    random_state : int, default=None
        Draws pairs and flips; seeds the network as well (None is then 0).
    verbose : int, default=0
        Above 0, a progress bar over the epochs.

    Returns
    -------
    PairedPlaneBagger
        Takes a list of dicts, one for each patient.

    Notes
    -----
    The sizes, the loss, the optimizer and its schedule, the flips and the decision are those of the
    repository that belongs to the paper [1]_; what differs and why is in ``docs/rivals.md``. The
    network of 37 million weights is trained from scratch, which wants a GPU and some hundred
    patients. Any classifier of images can take its place; pairs of crops show no canal to look for:
    ``PairedPlaneBagger(make_sicf_lorf(roi=None))``.

    References
    ----------
    .. [1] H. Liu et al., "BgNet: classification of benign and malignant tumors with MRI multi-plane
       attention learning", Frontiers in Oncology 12, 2022. :doi:`10.3389/fonc.2022.971871`

    Examples
    --------
    >>> from sicf import make_bgnet
    >>> model = make_bgnet(epochs=2)
    >>> model.set_params(estimator__training__batch_size=32).estimator.training.epochs
    2
    """
    estimator = ResNetSTClassifier(
        **(network or {}),
        input_size=input_size,
        fuse_sequences=fuse_sequences,
        weights=weights,
        training=CosineRecipe(epochs=epochs, class_weight=class_weight),
        checkpoint=checkpoint,
        device=device,
        verbose=verbose,
        random_state=random_state or 0,
    )
    half = input_size // 2
    return PairedPlaneBagger(
        estimator,
        weight_clinical=weight_clinical,
        top_fraction=top_fraction,
        n_visits=n_visits,
        max_pairs=max_pairs,
        height=half,
        width=input_size,
        random_state=random_state,
    )
