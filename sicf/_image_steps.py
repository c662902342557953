"""The steps that every pipeline of images begins with: files, region, contrast."""

from sicf.features import CachedRows
from sicf.images import HistEqualize, MaskROI, QuadrantROI

ROIS = ("quadrant", "mask", None)


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
