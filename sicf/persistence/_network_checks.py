"""The networks inside an estimator: whether the files of weights they stand on are here."""

from pathlib import Path

from sicf.features import WeightsUnavailableError
from sicf.features._on_weights import OnWeights
from sicf.persistence._object_walk import walk
from sicf.persistence._persistence_error import PersistenceError


def networks_in(estimator):
    """Find every part that stands on weights, fitted or not.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    list of OnWeights
    """
    return [part for part in walk(estimator) if isinstance(part, OnWeights)]


def weights_of(estimator):
    """Names and fingerprints of the weights that are not in the estimator itself.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    list of (str, str)
        Sorted.
    """
    found = {
        (str(part.weights), part.weights_fingerprint_)
        for part in _fitted(networks_in(estimator))
        if part._weights_outside() is not None
    }
    return sorted(found)


def find_moved_weights(networks, places):
    """Let networks whose file of weights has moved take the one with the same SHA-256.

    Parameters
    ----------
    networks : list of OnWeights
    places : str, path, or list of them
        Files, or folders with files of the same names.
    """
    from sicf.features._network_weights import is_file_name, sha256

    places = [Path(place) for place in ([places] if _is_one(places) else places)]
    moved = {}
    for network in _fitted(networks):
        wanted = network._weights_outside()
        if wanted and is_file_name(network.weights):
            name = Path(str(network.weights).replace("\\", "/")).name
            for path in (place / name if place.is_dir() else place for place in places):
                if path.is_file() and sha256(path) == wanted:
                    moved[str(network.weights)] = str(path)
    # The unfitted twin inside a CachedRows, say, names the same file.
    for network in networks:
        if str(network.weights) in moved:
            network.weights = moved[str(network.weights)]


def check_weights(networks):
    """Refuse fitted networks whose weights are missing, or are not those that `fit` saw.

    Parameters
    ----------
    networks : list of OnWeights

    Raises
    ------
    PersistenceError, WeightsUnavailableError
    """
    for network in _fitted(networks):
        try:
            network._fingerprint()
        except WeightsUnavailableError:
            raise
        except FileNotFoundError as exc:
            raise PersistenceError(
                f"The weights must be where fit found them. {exc} Put the file with fingerprint "
                f"{network.weights_fingerprint_!r} there, or load with weights='its folder'."
            ) from exc
        except ValueError as exc:
            raise PersistenceError(
                f"{exc} The estimator was fitted on the first and would give other answers by the "
                "second; load with weights='file or folder' that has the first, or fit again."
            ) from exc


def _fitted(networks):
    return [network for network in networks if hasattr(network, "weights_fingerprint_")]


def _is_one(places):
    return isinstance(places, str | Path)
