"""A zip archive in memory, taken apart within bounds and put together again."""

import io
import zipfile

KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What is unpacked is at most so many times what is packed, or so many bytes if that is more.
LARGEST_RATIO = 100
ALWAYS_ALLOWED = 64 << 20
MOST_MEMBERS = 1_000_000
# Learnt weights of networks: no compressor finds anything in them.
INCOMPRESSIBLE = ".bin"


def pack(members):
    """Put members into an archive that `unpack` takes.

    Parameters
    ----------
    members : dict of str to bytes

    Returns
    -------
    bytes
    """
    body = _archive(members, zipfile.ZIP_DEFLATED)
    if sum(map(len, members.values())) <= _allowance(body):
        return body
    # Such as an array of nothing but zeros, which would look like a bomb.
    return _archive(members, zipfile.ZIP_STORED)


def unpack(body):
    """Take an archive apart; what it says of its sizes is checked before a byte is unpacked.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    ValueError, zipfile.BadZipFile
        It is damaged, or a bomb.
    """
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        infos = archive.infolist()
        _check_sizes(infos, body)
        members = {info.filename: _read(archive, info) for info in infos}
    if len(members) != len(infos):
        raise ValueError("Each name in the archive must be there once.")
    return members


def stored(members):
    """Put members into an archive that is quick to read.

    Parameters
    ----------
    members : dict of str to bytes

    Returns
    -------
    bytes
    """
    return _archive(members, zipfile.ZIP_STORED)


def _archive(members, compression):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as archive:
        for name, content in members.items():
            kind = zipfile.ZIP_STORED if name.endswith(INCOMPRESSIBLE) else None
            archive.writestr(name, content, compress_type=kind)
    return body.getvalue()


def _check_sizes(infos, body):
    if len(infos) > MOST_MEMBERS:
        raise ValueError(f"The archive may have {MOST_MEMBERS} members. Got {len(infos)}.")
    if any(info.compress_type not in KINDS or info.flag_bits & 1 for info in infos):
        raise ValueError("Members of the archive must be deflated or stored, and not encrypted.")
    total = sum(info.file_size for info in infos)
    if total > _allowance(body):
        raise ValueError(
            f"The archive may unpack to {_allowance(body)} bytes, {LARGEST_RATIO} times its own "
            f"size. It claims {total}."
        )


def _allowance(body):
    return max(ALWAYS_ALLOWED, LARGEST_RATIO * len(body))


def _read(archive, info):
    # Of so many bytes, and not of all that come: the size that is claimed may be a lie.
    with archive.open(info) as member:
        content = member.read(info.file_size)
    if len(content) != info.file_size:
        raise ValueError(f"{info.filename!r} must have {info.file_size} bytes. Got {len(content)}.")
    return content
