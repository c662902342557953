"""Which code made a row: digests of the source files, taken once in a process."""

import hashlib
import inspect
from functools import lru_cache
from pathlib import Path

HOUSE = Path(__file__).parents[1]
# Selection and evaluation come after the rows, and datasets before the pixels.
CAN_CHANGE_A_ROW = ("*.py", "images/**/*.py", "features/**/*.py")


@lru_cache(maxsize=1)
def code_of_sicf():
    """SHA-256 over all files of sicf that can change a row, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in CAN_CHANGE_A_ROW for path in HOUSE.glob(pattern)}):
        digest.update(path.relative_to(HOUSE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


# Kept by the object, not by the file: a file that was edited after its import runs as it was.
@lru_cache(maxsize=256)
def code_of(thing):
    """SHA-256 of the file that defines a class or a function.

    Parameters
    ----------
    thing : type or function

    Returns
    -------
    str
        64 hexadecimal digits. Of its own lines where there is no file, as in a notebook; empty
        where there are no lines either, as for compiled code.
    """
    try:
        path = Path(inspect.getsourcefile(thing) or "")
        source = path.read_bytes() if path.is_file() else inspect.getsource(thing).encode()
    except (TypeError, OSError):
        return ""
    return hashlib.sha256(source).hexdigest()


def is_of_sicf(thing):
    """Whether a class or a function is one of sicf's own, which `code_of_sicf` stands for."""
    return (thing.__module__ or "").partition(".")[0] == "sicf"
