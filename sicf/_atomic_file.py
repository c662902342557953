"""Files that are whole or absent, and folders that can be written to."""

import os
import tempfile
import threading


def replace_file(path, *parts):
    """Write a file beside its place and move it there, so that it is never half written.

    Parameters
    ----------
    path : Path
    *parts : bytes
        Written one after the other.

    Raises
    ------
    OSError
        It cannot be written, such as on a full disk; what was there before is whole.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with beside.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as exc:
        reason = f"{exc.strerror or exc}; what was there before is whole"
        raise OSError(exc.errno, reason, str(path)) from exc
    finally:
        beside.unlink(missing_ok=True)


def check_writable(folder):
    """Make a folder of checkpoints if need be; raise where it cannot be written to.

    Parameters
    ----------
    folder : Path
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as exc:
        raise ValueError(
            f"checkpoint must be a folder that can be written to. Got {str(folder)!r}: {exc}"
        ) from exc
