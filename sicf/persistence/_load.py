"""load: an estimator from a file that `save` wrote, or a reason why not."""

from pathlib import Path

from sicf._sealed_file import read_sealed
from sicf.features import WeightsUnavailableError
from sicf.persistence._build import build, names_of, skops_io, unpacked
from sicf.persistence._header import MEMBER, compare_versions, read_header
from sicf.persistence._network_checks import check_weights, find_moved_weights, networks_in
from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._save import KIND, VERSION


def load(path, *, trusted=(), weights=None, check_versions=True):
    """Load an estimator that :func:`save` wrote.

    Parameters
    ----------
    path : path-like
    trusted : list of str, types or functions, default=()
        Your own classes and functions that the file may hold, as for :func:`save`. A function that
        builds a network is imported and called at the first image: name none that you do not know.
    weights : str, path, or list of them, default=None
        Files of networks' weights, or folders that have them under their old names, for weights
        that no longer lie where `fit` found them. They are known by their SHA-256.
    check_versions : bool, default=True
        Whether a file of another sicf or scikit-learn, by their first two numbers, is refused.
        False warns instead.

    Returns
    -------
    estimator
        Its predictions are those of the estimator that was saved, to the bit.

    Raises
    ------
    PersistenceError
        The file is damaged or no such file, was written under other versions, holds a type that is
        not trusted, or stands on weights that are missing or others.
    WeightsUnavailableError
        Weights that torchvision publishes are not here and cannot be fetched.
    FileNotFoundError
        There is no file.
    ImportError
        skops is not installed: ``pip install "sicf[persist]"``.

    Warns
    -----
    PersistenceWarning
        Versions of other packages, such as OpenCV or torch, differ.

    See Also
    --------
    save : Which kinds of things a file can hold.
    trusted_types : What is trusted without being named.

    Notes
    -----
    Nothing in the file is run: it holds names, numbers and text, and only types of
    :func:`trusted_types` and of `trusted` are made. The checksum says that a file is whole, not who
    wrote it: someone who alters a file on purpose can write a new one. Such a file is no code
    either, yet its answers may be anything.
    """
    skops_io("load")
    path, names = Path(path), names_of(trusted)
    if path.exists() and not path.is_file():
        raise PersistenceError(f"path must name a file. {path} is none.")
    try:
        return _from_body(read_sealed(path, KIND, VERSION), names, weights, check_versions)
    except (OSError, WeightsUnavailableError, Warning):
        raise
    # Whatever a file that was altered leads to.
    except Exception as exc:
        raise PersistenceError(f"{path} cannot be loaded. {exc}") from exc


def _from_body(body, names, weights, check_versions):
    members = unpacked(body)
    if MEMBER not in members:
        raise PersistenceError(f"The archive must have {MEMBER!r}.")
    header = read_header(members.pop(MEMBER))
    compare_versions(header["versions"], strict=check_versions)
    estimator = build(members, names)
    networks = networks_in(estimator)
    if weights is not None:
        find_moved_weights(networks, weights)
    check_weights(networks)
    return estimator
