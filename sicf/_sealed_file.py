"""A file that says what it is and what it weighs: written whole or not at all, checked when read.

Two lines of text, the format's name and version and the SHA-256 of the rest; then the rest. A zip
archive is still one behind them: `unzip`, `zipfile` and skops read it as it is.
"""

import hashlib

from sicf._atomic_file import replace_file


def write_sealed(path, kind, version, body):
    """Write a file; one that is there stays whole until then.

    Parameters
    ----------
    path : Path
    kind : str
        What the file is, one word.
    version : int
        Of the format.
    body : bytes
    """
    digest = hashlib.sha256(body).hexdigest()
    replace_file(path, f"sicf {kind} {version}\n{digest}\n".encode(), body)


def read_sealed(path, kind, version):
    """Read a file.

    Parameters
    ----------
    path : Path
    kind : str
    version : int
        The newest that is known.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        The file is of another kind, of a newer version, or damaged.
    """
    first, _, rest = path.read_bytes().partition(b"\n")
    digest, _, body = rest.partition(b"\n")
    start = f"sicf {kind} ".encode()
    number = first[len(start) : len(start) + 20]
    if not first.startswith(start) or not number.isdigit():
        raise ValueError(f"{path} must be a file of a sicf {kind}. It begins with {first[:40]!r}.")
    if int(number) > version:
        raise ValueError(
            f"{path} has format {int(number)}, and this version of sicf knows up to {version}; "
            "load it with a newer sicf."
        )
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ValueError(f"{path} is damaged: its content does not have the checksum it names.")
    return body
