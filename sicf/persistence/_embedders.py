"""The networks inside an estimator: whose code they are, and whether their weights are here."""

from pathlib import Path

from sicf.features import TorchEmbedder, WeightsUnavailableError
from sicf.persistence._object_walk import walk
from sicf.persistence._persistence_error import PersistenceError


def embedders_in(estimator):
    """Find every embedder, fitted or not.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    list of TorchEmbedder
    """
    return [part for part in walk(estimator) if isinstance(part, TorchEmbedder)]


def check_factories(embedders, trusted):
    """Refuse a network whose function, named "package.module:function", nobody has trusted.

    It would be imported and called at the first image.

    Parameters
    ----------
    embedders : list of TorchEmbedder
    trusted : collection of str
    """
    for embedder in embedders:
        model = getattr(embedder, "model", None)
        if isinstance(model, str) and ":" in model and model.replace(":", ".") not in trusted:
            raise PersistenceError(
                "A network's function must be trusted: it is imported and called. If you know "
                f"{model!r}, pass trusted=[{model!r}]."
            )


def find_moved_weights(embedders, places):
    """Let embedders whose file of weights has moved take the one with the same SHA-256.

    Parameters
    ----------
    embedders : list of TorchEmbedder
    places : str, path, or list of them
        Files, or folders with files of the same names.
    """
    from sicf.features._network_weights import is_file_name, sha256

    places = [Path(place) for place in ([places] if _is_one(places) else places)]
    moved = {}
    for embedder in embedders:
        wanted = _file_hash(embedder)
        if wanted and is_file_name(embedder.weights):
            name = Path(str(embedder.weights).replace("\\", "/")).name
            for path in (place / name if place.is_dir() else place for place in places):
                if path.is_file() and sha256(path) == wanted:
                    moved[str(embedder.weights)] = str(path)
    # The unfitted twin inside a CachedRows, say, names the same file.
    for embedder in embedders:
        if str(embedder.weights) in moved:
            embedder.weights = moved[str(embedder.weights)]


def check_weights(embedders):
    """Refuse fitted embedders whose weights are missing, or are not those that `fit` saw.

    Parameters
    ----------
    embedders : list of TorchEmbedder

    Raises
    ------
    PersistenceError, WeightsUnavailableError
    """
    for embedder in embedders:
        if not hasattr(embedder, "weights_fingerprint_"):
            continue
        try:
            embedder._fingerprint()
        except WeightsUnavailableError:
            raise
        except FileNotFoundError as exc:
            raise PersistenceError(
                f"The weights must be where fit found them. {exc} Put the file with fingerprint "
                f"{embedder.weights_fingerprint_!r} there, or load with weights='its folder'."
            ) from exc
        except ValueError as exc:
            raise PersistenceError(
                f"{exc} The estimator was fitted on the first and would give other answers by the "
                "second; load with weights='file or folder' that has the first, or fit again."
            ) from exc


def _is_one(places):
    return isinstance(places, str | Path)


def _file_hash(embedder):
    """SHA-256 of the file that a fitted embedder stands on; None where there is none."""
    told = getattr(embedder, "weights_fingerprint_", "")
    if embedder.fine_tune == "all":
        return None
    return told.rpartition(" on ")[2] or None
