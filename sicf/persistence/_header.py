"""The header of a saved estimator: under which versions, and on which weights, it was fitted."""

import json
import platform
import warnings
from functools import lru_cache
from importlib import metadata

from sicf.persistence._network_checks import weights_of
from sicf.persistence._persistence_error import PersistenceError, PersistenceWarning

MEMBER = "sicf.json"
PACKAGES = (
    "scikit-learn",
    "numpy",
    "scipy",
    "scikit-image",
    "PyWavelets",
    "torch",
    "torchvision",
    "numba",
    "skops",
)
OPENCV = "opencv"
# Before OpenCV was asked itself, its version stood under the name of the distribution it came in.
OPENCV_BEFORE = ("opencv-python-headless", "opencv-python")
# Their objects are what is in the file; of the others only rows or last digits may differ.
DECISIVE = ("sicf", "scikit-learn")


def header_of(estimator):
    """Say what has to be known before an estimator is loaded.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    dict
        For JSON: `estimator`, its class; `versions` by package; `weights`, of each fitted network
        those that are not in the file, by name and fingerprint.
    """
    return {
        "estimator": f"{type(estimator).__module__}.{type(estimator).__qualname__}",
        "versions": versions(),
        "weights": [{"name": name, "fingerprint": told} for name, told in weights_of(estimator)],
    }


def read_header(content):
    """Read a header.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    dict

    Raises
    ------
    PersistenceError
        It has another form.
    """
    header = json.loads(content.decode())
    found = header.get("versions") if isinstance(header, dict) else None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise PersistenceError(
            f"{MEMBER} must hold the versions of packages. Got {content[:80]!r}."
        )
    return header


# What is installed is looked up in files, and does not change under a process that has it loaded.
@lru_cache(maxsize=1)
def versions():
    """Versions of Python and of the packages that make a row or an answer.

    Returns
    -------
    dict of str to str
    """
    import cv2

    from sicf import __version__

    # OpenCV itself: four distributions, and builds that are of none, bring the same module.
    found = {
        "sicf": __version__,
        "python": platform.python_version(),
        OPENCV: cv2.__version__,
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def compare_versions(saved, strict):
    """Refuse, or warn of, versions other than those that an estimator was saved under.

    Parameters
    ----------
    saved : dict of str to str
    strict : bool
        Whether another sicf or scikit-learn is refused; otherwise it is warned of as well.

    Raises
    ------
    PersistenceError
        Naming both versions.
    """
    saved, now = _with_opencv(saved), versions()
    # What is in neither is nothing; what is in one alone made the rows, or will make them.
    known = ("sicf", "python", OPENCV, *PACKAGES)
    other = [name for name in known if _release(saved.get(name)) != _release(now.get(name))]
    if not other:
        return
    told = ", ".join(
        f"{name} {saved.get(name, '?')} (now {now.get(name, 'not here')})" for name in other
    )
    if strict and set(other) & set(DECISIVE):
        packages = " ".join(f"'{name}=={saved[name]}'" for name in DECISIVE if name in saved)
        raise PersistenceError(
            f"The estimator must be loaded under the versions it was saved under: {told}. Install "
            f"them (pip install {packages}), fit again, or load with check_versions=False, and "
            "compare its answers on images whose answers you know."
        )
    warnings.warn(
        f"The estimator was saved under {told}: it may give other answers.",
        PersistenceWarning,
        stacklevel=4,
    )


def _with_opencv(saved):
    before = [saved[name] for name in OPENCV_BEFORE if name in saved]
    return ({OPENCV: before[0]} if before else {}) | saved


def _release(version):
    """Major and minor version, where there are two; None where there is no version."""
    return version and version.split(".")[:2]
