"""save: a fitted estimator into one file without pickle."""

import io
import json
import zipfile
from pathlib import Path

from sicf._sealed_file import write_sealed
from sicf.persistence._build import build, names_of, skops_io
from sicf.persistence._header import MEMBER, header_of
from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._schema_audit import SCHEMA
from sicf.persistence._sealed_archive import pack

KIND, VERSION = "estimator", 1


def save(estimator, path, *, trusted=()):
    """Save a fitted estimator to one file, without pickle and without pretrained weights.

    Parameters
    ----------
    estimator : estimator
        Such as what :func:`make_sicf_lorf` made, a search over it, or any step of it.
    path : path-like
        A file that is there is replaced, whole or not at all.
    trusted : list of str, types or functions, default=()
        What else the estimator may hold, beside :func:`trusted_types`: your own classes and
        functions, by themselves or as "package.module.name". :func:`load` needs the same.

    Raises
    ------
    PersistenceError
        The estimator holds something that cannot be saved so, such as a lambda, or of a type that
        is not trusted. No file is written.
    ImportError
        skops is not installed: ``pip install "sicf[persist]"``.

    See Also
    --------
    load : The way back.

    Notes
    -----
    The file is a zip archive of skops [1]_ behind two lines of text, the second of which is the
    SHA-256 of the rest. It names the versions of the packages, and the networks' weights by name
    and hash; weights that were learnt in `fit` are in it.

    Before the file is written it is built again in memory, so that what cannot be loaded is an
    error while the estimator is still there.

    References
    ----------
    .. [1] https://skops.readthedocs.io/en/stable/persistence.html

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import sicf
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> selector = sicf.RandomColumns(2, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sicf.save(selector, Path(folder) / "selector.sicf")
    ...     again = sicf.load(Path(folder) / "selector.sicf")
    >>> bool((again.transform(X) == selector.transform(X)).all())
    True
    """
    skops_io("save")
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise TypeError(f"estimator must be an estimator. Got {estimator!r} instead.")
    names = names_of(trusted)
    members = _dumped(estimator)
    try:
        build(members, names)
    except PersistenceError as exc:
        raise PersistenceError(f"{type(estimator).__name__} cannot be saved. {exc}") from exc
    members[MEMBER] = json.dumps(header_of(estimator), indent=1).encode()
    write_sealed(Path(path), KIND, VERSION, pack(members))


def _dumped(estimator):
    """What skops writes, by the names of its members, with a schema that has no blanks."""
    try:
        data = skops_io("save").dumps(estimator)
    except Exception as exc:
        loop = " It refers to itself, as what set_fit_request leaves behind does."
        loop = loop if isinstance(exc, RecursionError) else ""
        raise PersistenceError(
            f"{type(estimator).__name__} cannot be saved: skops knows no way to keep something in "
            f"it.{loop} {type(exc).__name__}: {exc}"
        ) from exc
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members[SCHEMA])
    members[SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
    return members
