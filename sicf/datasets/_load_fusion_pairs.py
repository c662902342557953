"""Pairs of infrared and visible pictures, from the public sets' own folders."""

import numbers
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch, check_scalar

from sicf.datasets._fusion_labels import read_labels
from sicf.datasets._fusion_layouts import find_part, pair_files
from sicf.datasets._progress import progress
from sicf.images.files._bounded_file import BoundedFile
from sicf.images.files._guarded import Fault, read_guarded
from sicf.images.files._picture_file import FORMATS, LARGEST_PICTURE


def load_fusion_pairs(folder, *, layout="auto", split=None, limit=None, verbose=0):
    """Load infrared and visible pictures of MSRS, M3FD, RoadScene or LLVIP, with their labels.

    Parameters
    ----------
    folder : path
        The set's own folder, as its authors give it out.
    layout : {"auto", "msrs", "m3fd", "roadscene", "llvip"}, default="auto"
        Whose folders they are. "auto" knows them by their names.
    split : str, default=None
        MSRS has "train", "test" and "detection", LLVIP "train" and "test", one of which must be
        named. M3FD and RoadScene are not split, which is None.
    limit : int, default=None
        Only the first so many pairs, by name. None takes all.
    verbose : int, default=0
        Above 0, a progress bar.

    Returns
    -------
    Bunch
        images : ndarray of uint8 of shape (n, H, W, 2), or list where sizes differ
            Infrared, and the luminance of the visible picture (Y of JPEG's YCbCr).
        labels : ndarray of uint8 of shape (n, H, W), list, or None
            Classes of pixels (MSRS, "train" and "test"; a list where sizes differ), or a list of
            boxes, each a dict as :func:`detection_measures` takes it; None where there are none.
        label_names : list of str
            The classes; number 0 is the background.
        names : list of str
            Of the pairs, sorted.
        infrared_files, visible_files : list of str
            The files. Colours are in the second, for whoever wants a fused picture in colour.
        layout : str
            The layout that was found.

    Raises
    ------
    FileNotFoundError
        There is no such folder, or it lacks a folder of the layout.
    ValueError
        The folders are of no layout that is known, an infrared picture has no visible one, two of
        a pair differ in size, labels are there for some alone, or a file cannot be read.

    See Also
    --------
    fusion_metrics : How good fused pictures of these are.

    Notes
    -----
    ==========  =============================================================================
    layout      folders
    ==========  =============================================================================
    MSRS        ``train``, ``test``: ``ir``, ``vi``, ``Segmentation_labels`` (nine classes);
                ``detection``: ``ir``, ``vi``, ``labels`` (lines of class, centre and size)
    M3FD        ``Ir``, ``Vis``, ``Annotation`` (boxes of six classes, in VOC's XML)
    RoadScene   ``cropinfrared``, ``crop_LR_visible``; ``crop_HR_visible`` has other sizes
    LLVIP       ``infrared/train``, ``visible/train``, the same for ``test``; ``Annotations``
                (boxes of persons, in VOC's XML)
    ==========  =============================================================================

    The sets are those of [1]_, [2]_, [3]_ and [4]_. Pairs belong together by name. Visible pictures
    without an infrared one are passed over. Where the folder of labels is not there, or the set has
    none, `labels` is None. Corners of boxes are as in the file.

    XML with a DOCTYPE is refused, and so are files of labels above a megabyte. All pictures are
    held in memory: LLVIP's training pairs are 31 gigabytes.

    References
    ----------
    .. [1] L. Tang et al., "PIAFusion: a progressive infrared and visible image fusion network based
       on illumination aware", Information Fusion 83-84, 2022. :doi:`10.1016/j.inffus.2022.03.007`
    .. [2] J. Liu et al., "Target-aware dual adversarial learning and a multi-scenario
       multi-modality benchmark to fuse infrared and visible for object detection", CVPR, 2022.
       :doi:`10.1109/CVPR52688.2022.00571`
    .. [3] H. Xu et al., "U2Fusion: a unified unsupervised image fusion network", IEEE Transactions
       on Pattern Analysis and Machine Intelligence 44 (1), 2022. :doi:`10.1109/TPAMI.2020.3012548`
    .. [4] X. Jia et al., "LLVIP: a visible-infrared paired dataset for low-light vision", ICCV
       Workshops, 2021. :doi:`10.1109/ICCVW54120.2021.00389`

    Examples
    --------
    >>> import cv2, numpy as np, tempfile
    >>> from pathlib import Path
    >>> from sicf import load_fusion_pairs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for place in ("cropinfrared", "crop_LR_visible"):
    ...         (Path(folder) / place).mkdir()
    ...         path = Path(folder) / place / "FLIR_00006.jpg"
    ...         _ = cv2.imwrite(str(path), np.zeros((64, 48, 3), np.uint8))
    ...     data = load_fusion_pairs(folder)
    >>> data.layout, data.images.shape, data.names
    ('roadscene', (1, 64, 48, 2), ['FLIR_00006'])
    """
    if limit is not None:
        check_scalar(limit, "limit", numbers.Integral, min_val=1)
    folder = Path(folder)
    layout, part = find_part(folder, layout, split)
    pairs = pair_files(folder, part)[:limit]
    images, labels = [], []
    for _, infrared, visible, marked in progress(pairs, verbose, "pair"):
        images.append(_pair(infrared, visible))
        if marked is not None:
            labels.append(read_labels(marked, part.names, images[-1].shape[:2]))
    return Bunch(
        images=_stacked(images),
        labels=_stacked(labels) if labels else None,
        label_names=list(part.names) if labels else [],
        names=[name for name, *_ in pairs],
        infrared_files=[str(pair[1]) for pair in pairs],
        visible_files=[str(pair[2]) for pair in pairs],
        layout=layout,
    )


def _pair(infrared, visible):
    first, second = _luminance(infrared), _luminance(visible)
    if first.shape != second.shape:
        raise ValueError(
            f"Both pictures of a pair must have one size. {infrared} has {first.shape}, "
            f"{visible} has {second.shape}."
        )
    return np.stack([first, second], axis=2)


def _luminance(path):
    return read_guarded(path, "a picture", lambda: _read(path))


def _read(path):
    from PIL import Image

    with BoundedFile(path) as opened, Image.open(opened, formats=FORMATS) as picture:
        if picture.width * picture.height > LARGEST_PICTURE:
            raise Fault(f"it promises {picture.width} x {picture.height} pixels")
        if picture.mode not in ("L", "RGB", "RGBA", "P", "YCbCr"):
            raise Fault(f"it must have 8 bits a channel. Got the mode {picture.mode}")
        # By way of RGB, since a palette may have alpha. L is Y, but rounded and not cut down.
        return np.array(picture if picture.mode == "L" else picture.convert("RGB").convert("L"))


def _stacked(arrays):
    if isinstance(arrays[0], dict) or len({array.shape for array in arrays}) > 1:
        return arrays
    return np.stack(arrays)
