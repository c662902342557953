"""The steps that every pipeline of images begins with: files, region, contrast, fusion."""

from sklearn.base import clone
from sklearn.utils import get_tags

from sicf import fusion
from sicf.features import CachedRows
from sicf.images import HistEqualize, MaskROI, QuadrantROI

ROIS = ("quadrant", "mask", None)
FUSERS = {
    "densefuse": "DenseFuse",
    "fusiongan": "FusionGAN",
    "medfusiongan": "MedFusionGAN",
    "tsjnet": "TSJNet",
}
# A fuser gives one picture, and the mask after it.
MASK_AFTER_FUSION = 1


def image_steps(read, roi, equalize, mask, cache=None, **kept):
    """Make the named steps before the features.

    Parameters
    ----------
    read : transformer or None
        A first step that turns X into images.
    roi : {"quadrant", "mask", None}
    equalize : {"global", "clahe", None}
    mask : int or None
        The channel that holds a mask.
    cache : str or path, default=None
        Folder for what each step gives.
    **kept : dict
        More for :class:`CachedRows`.

    Returns
    -------
    list of (str, transformer)
        ``roi`` and ``equalize``, "passthrough" where there is none, after ``read`` where given.
    """
    steps = {
        "read": read,
        "roi": _roi_step(roi, mask),
        "equalize": "passthrough" if equalize is None else HistEqualize(equalize, mask=mask),
    }
    return [(name, _keep(step, cache, kept)) for name, step in steps.items() if step is not None]


def fuser_step(fuser, mask, random_state=None, verbose=0, cache=None, **kept):
    """Make the step that fuses the sequences into one picture.

    Parameters
    ----------
    fuser : {"densefuse", "fusiongan", "medfusiongan", "tsjnet"} or estimator
        An estimator is cloned; where it has a `mask`, that is set.
    mask : int or None
        The channel that holds a mask, before the step.
    random_state : int, default=None
        Seed of a fuser that is given by its name.
    verbose : int, default=0
        For a fuser that is given by its name.
    cache : str or path, default=None
        Folder for what a fuser that learns nothing gives.
    **kept : dict
        More for :class:`CachedRows`.

    Returns
    -------
    transformer
    """
    if isinstance(fuser, str) and fuser in FUSERS:
        made = getattr(fusion, FUSERS[fuser])
        step = made(mask=mask, random_state=random_state or 0, verbose=verbose)
    elif isinstance(fuser, (str, type)) or not hasattr(fuser, "transform"):
        raise ValueError(
            f"fuser must be None, one of {list(FUSERS)} or a transformer. Got {fuser!r} instead."
        )
    else:
        step = clone(fuser)
        if "mask" in step.get_params():
            step.set_params(mask=mask)
    learns = get_tags(step).requires_fit
    return step if learns else _keep(step, cache, {**kept, "verbose": verbose})


def _keep(step, cache, kept):
    """Only where there is a cache: without it, the steps are what their users look into."""
    return step if cache is None or step == "passthrough" else CachedRows(step, cache, **kept)


def _roi_step(roi, mask):
    if roi == "quadrant":
        return QuadrantROI(mask=mask)
    if roi == "mask":
        return MaskROI(mask=mask)
    if roi is None:
        return "passthrough"
    raise ValueError(f"roi must be one of {ROIS}. Got {roi!r} instead.")
