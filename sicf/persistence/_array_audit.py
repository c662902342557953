"""Arrays in a file: as large as they say, so that none asks for memory that it does not fill."""

import io
import math

from numpy.lib import format as npy

SUFFIX = ".npy"
READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def audit_arrays(members):
    """Check each array's header against its size.

    Parameters
    ----------
    members : dict of str to bytes

    Raises
    ------
    ValueError
        Naming the member.
    """
    for name, content in members.items():
        if name.endswith(SUFFIX):
            _audit(name, content)


def _audit(name, content):
    file = io.BytesIO(content)
    version = npy.read_magic(file)
    if version not in READERS:
        raise ValueError(f"{name} must be an array of numbers or text. It has format {version}.")
    shape, _, dtype = READERS[version](file)
    size = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or min(shape, default=0) < 0 or size != len(content) - file.tell():
        raise ValueError(
            f"{name} must hold the array it describes, of shape {shape} and type {dtype}. It has "
            f"{len(content) - file.tell()} bytes."
        )
