"""The one way into foreign readers: whatever they raise, users read our own words.

Headers hold patients' names, and the texts of other libraries' errors quote headers.
"""

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from sicf.images.files._quiet import quiet


class Fault(Exception):
    """A reason in our own words, with nothing from a header but numbers, why a file is not read."""


class MissingExtra(ImportError):
    """A library that reads such files is not installed."""


def read_guarded(name, kind, read):
    """Run a reader; turn whatever goes wrong into a ValueError that names the file.

    Parameters
    ----------
    name : str or path
    kind : str
        What was expected, as in "cannot be read as DICOM".
    read : callable
        Without parameters.

    Returns
    -------
    object
        What `read` returns.

    Raises
    ------
    ImportError
        A library is missing; it says which extra has it.
    ValueError
        Anything else. It is raised outside the handler, so that not even its context holds the
        foreign error, which logs print.
    """
    with quiet():
        try:
            return read()
        except MissingExtra:
            raise
        except Fault as fault:
            reason = str(fault)
        except Exception as exc:  # Readers raise whatever a damaged header leads them to.
            reason = _in_our_words(exc)
    raise ValueError(f"{name} cannot be read as {kind}: {reason}.")


@contextmanager
def naming_file(path):
    """Name the one file of several that something is wrong with."""
    try:
        yield
    except MissingExtra:
        raise
    except Fault as fault:
        reason = str(fault)
    except Exception as exc:
        reason = _in_our_words(exc)
    else:
        return
    raise Fault(f"in {path.name}, {reason}")


def _in_our_words(exc):
    if isinstance(exc, PermissionError):
        return "reading it is not permitted"
    return f"it is damaged, cut off or of another kind ({type(exc).__name__})"


def need(library, kind, extra):
    """Import a library that an extra brings; what goes wrong there is not the file's fault.

    Parameters
    ----------
    library : str
    kind : str
        What it reads, as in "Reading DICOM needs pydicom".
    extra : str

    Returns
    -------
    module
    """
    try:
        return import_module(library)
    except Exception as exc:
        raise MissingExtra(
            f"Reading {kind} needs {library}, which does not load ({type(exc).__name__}: {exc}); "
            f"pip install 'sicf[{extra}]' brings it."
        ) from exc


def check_there(path):
    """Raise where there is no such file or folder, with advice about paths of Windows."""
    try:
        there = Path(path).exists()
    except (OSError, ValueError):  # A name too long, or one with a NUL.
        there = False
    if not there:
        raise FileNotFoundError(f"There is no file {path}.{explain_backslash(path)}")


def explain_backslash(path):
    """What to add to the error about a missing file, where a path of Windows was given."""
    if os.sep == "\\" or "\\" not in str(path):
        return ""
    return " Its path holds '\\', which parts folders on Windows only; write '/' instead."
