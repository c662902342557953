"""Where four public sets of infrared and visible pictures keep their files."""

from typing import NamedTuple

from sicf.images.files._picture_file import PICTURE_SUFFIXES

ROAD = ("unlabelled", "car", "person", "bike", "curve", "car stop", "guardrail", "cone", "bump")
TRAFFIC = ("background", "People", "Car", "Bus", "Lamp", "Motorcycle", "Truck")
# The set says nowhere what its three kinds of boxes are.
NUMBERED = ("background", "0", "1", "2")


class Part(NamedTuple):
    """Folders of one part of a set, and what its labels are."""

    infrared: str
    visible: str
    labels: str | None = None
    suffix: str | None = None
    names: tuple = ()


# By layout and split; None is the one part of a set that nobody has split.
LAYOUTS = {
    "msrs": {
        "train": Part("train/ir", "train/vi", "train/Segmentation_labels", ".png", ROAD),
        "test": Part("test/ir", "test/vi", "test/Segmentation_labels", ".png", ROAD),
        "detection": Part("detection/ir", "detection/vi", "detection/labels", ".txt", NUMBERED),
    },
    "m3fd": {None: Part("Ir", "Vis", "Annotation", ".xml", TRAFFIC)},
    # Of RoadScene's two crops of the visible picture only this one is as large as the infrared.
    "roadscene": {None: Part("cropinfrared", "crop_LR_visible")},
    "llvip": {
        split: Part(
            f"infrared/{split}", f"visible/{split}", "Annotations", ".xml", ("background", "person")
        )
        for split in ("train", "test")
    },
}
NAMES = ("auto", *LAYOUTS)


def find_part(folder, layout, split):
    """Find the part that a user means.

    Parameters
    ----------
    folder : Path
    layout : {"auto", "msrs", "m3fd", "roadscene", "llvip"}
    split : str or None

    Returns
    -------
    layout : str
    part : Part
    """
    if layout not in NAMES:
        raise ValueError(f"layout must be one of {NAMES}. Got {layout!r} instead.")
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    if layout == "auto":
        layout = _recognised(folder)
    parts = LAYOUTS[layout]
    if split not in parts:
        raise ValueError(
            f"split must be one of {tuple(parts)} for the layout {layout!r}. Got {split!r} instead."
        )
    for place in (parts[split].infrared, parts[split].visible):
        if not (folder / place).is_dir():
            raise FileNotFoundError(f"The layout {layout!r} needs a folder {place} in {folder}.")
    return layout, parts[split]


def pair_files(folder, part):
    """Pair pictures by their names, whatever their endings.

    Returns
    -------
    list of (str, Path, Path, Path or None)
        Name, infrared, visible, labels of each infrared picture, sorted by name.
    """
    infrared = _pictures(folder / part.infrared)
    visible = _pictures(folder / part.visible)
    if not infrared:
        raise ValueError(f"{folder / part.infrared} must hold pictures. It holds none.")
    alone = sorted(set(infrared) - set(visible))
    if alone:
        raise ValueError(
            f"Every infrared picture must have a visible one of its name. "
            f"{infrared[alone[0]]} has none in {folder / part.visible}"
            f"{f', nor have {len(alone) - 1} more' if len(alone) > 1 else ''}."
        )
    labels = _label_files(folder, part, infrared)
    return [(name, infrared[name], visible[name], labels.get(name)) for name in sorted(infrared)]


def _recognised(folder):
    found = [
        layout
        for layout, parts in LAYOUTS.items()
        if any(
            all((folder / place).is_dir() for place in (part.infrared, part.visible))
            for part in parts.values()
        )
    ]
    if len(found) == 1:
        return found[0]
    folders = "; ".join(
        f"{layout}: {part.infrared} and {part.visible}"
        for layout, parts in LAYOUTS.items()
        for part in parts.values()
    )
    raise ValueError(
        f"layout='auto' needs the folders of one layout ({folders}). "
        f"{folder} has those of {' and '.join(found) if found else 'none'}."
    )


def _pictures(place):
    found = {}
    for path in sorted(place.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in PICTURE_SUFFIXES:
            continue
        if path.stem in found:
            raise ValueError(f"Names must be unique. {found[path.stem]} and {path} share one.")
        found[path.stem] = path
    return found


def _label_files(folder, part, infrared):
    """Labels are left out of many copies of a set; but with a folder of them, none may lack."""
    if part.labels is None or not (folder / part.labels).is_dir():
        return {}
    files = {name: folder / part.labels / f"{name}{part.suffix}" for name in infrared}
    lacking = [path for path in files.values() if not path.is_file()]
    if lacking:
        raise ValueError(
            f"Every picture must have its labels, or none. There is no {lacking[0]}"
            f"{f', and {len(lacking) - 1} more are missing' if len(lacking) > 1 else ''}."
        )
    return files
