"""Pictures of a folder: one sub-folder for each class, and in it, if there are, one a patient."""

import os
import re
import warnings
from pathlib import Path

from sicf.images.files._open_scan import SUFFIXES

IGNORED = ("thumbs.db", "desktop.ini")


def list_folder(folder, group_pattern=None):
    """Find pictures, classes and patients.

    Parameters
    ----------
    folder : Path
    group_pattern : str, default=None
        Its first parenthesis picks the patient out of a file's name.

    Returns
    -------
    paths : list of Path
    labels, groups : list of str
    """
    pattern = _compiled(group_pattern)
    classes = _class_folders(folder)
    paths, labels, groups = [], [], []
    for kind in classes:
        found = _files_below(kind)
        if not found:
            raise ValueError(f"The folder of a class must hold pictures. {kind} holds none.")
        paths += found
        labels += [kind.name] * len(found)
        groups += [_group_of(path, folder, pattern) for path in found]
    if pattern is None and all(path.parent.parent == folder for path in paths):
        _warn_of_unknown_patients()
    _warn_of_patients_with_several_classes(labels, groups)
    return paths, labels, groups


def _class_folders(folder):
    visible = [path for path in sorted(folder.iterdir()) if not _hidden(path)]
    classes = [path for path in visible if path.is_dir()]
    if not classes:
        raise ValueError(
            f"A folder must hold one sub-folder for each class. {folder} holds none; for other "
            "layouts give a table with columns for path, label and group."
        )
    stray = [path.name for path in visible if path.suffix.lower() in SUFFIXES and path.is_file()]
    if stray:
        raise ValueError(
            f"Pictures must lie in the folder of their class. {stray[0]!r} lies beside the classes"
            f"{f', and {len(stray) - 1} more' if len(stray) > 1 else ''}."
        )
    return classes


def _files_below(kind):
    found, visited = [], set()
    for place, folders, files in os.walk(kind, followlinks=True):
        if os.path.realpath(place) in visited:
            raise ValueError(f"A link leads round in a circle, or to the same pictures: {place}.")
        visited.add(os.path.realpath(place))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in files]
    return sorted(path for path in found if not _hidden(path))


def _group_of(path, folder, pattern):
    if pattern is not None:
        found = pattern.search(path.name)
        if not found or not found.group(1):
            raise ValueError(
                "group_pattern must pick a patient out of every name. "
                f"{pattern.pattern!r} finds none in {path.name!r}."
            )
        return found.group(1)
    kind, *inside = path.relative_to(folder).parts
    return inside[0] if len(inside) > 1 else f"{kind}/{inside[0]}"


def _warn_of_unknown_patients():
    warnings.warn(
        "No folder names the patients, so each picture counts as its own patient. Where a patient "
        "has several pictures, scores come out too high; give each patient a folder inside the "
        "class, or pick the patient out of the files' names by group_pattern=, or give a table "
        "and name the patients' column by group_column=.",
        UserWarning,
        stacklevel=4,
    )


def _warn_of_patients_with_several_classes(labels, groups):
    classes = {}
    for label, group in zip(labels, groups, strict=True):
        classes.setdefault(group, set()).add(label)
    several = [group for group, found in classes.items() if len(found) > 1]
    if several:
        warnings.warn(
            f"{len(several)} patient(s) occur in several classes, {several[0]!r} among them, and "
            "are kept together as one patient each. Where they are different people, give their "
            "folders different names.",
            UserWarning,
            stacklevel=4,
        )


def _compiled(pattern):
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except (re.error, TypeError) as exc:
        raise ValueError(f"group_pattern is no regular expression: {pattern!r}: {exc}.") from exc
    if not compiled.groups:
        raise ValueError(
            f"group_pattern must hold a parenthesis round the patient. Got {pattern!r} instead."
        )
    return compiled


def _hidden(path):
    return path.name.startswith(".") or path.name.lower() in IGNORED
