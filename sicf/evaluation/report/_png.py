"""Pictures as PNG inside the page, with nothing but zlib."""

import struct
import zlib
from base64 import b64encode

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(pixels):
    """Encode a grey picture.

    Parameters
    ----------
    pixels : ndarray of uint8 of shape (H, W)

    Returns
    -------
    bytes
    """
    height, width = pixels.shape
    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    # Each row begins with the number of its filter; 0 is none.
    rows = np.pad(pixels, ((0, 0), (1, 0))).tobytes()
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def data_uri(pixels):
    """A grey picture as an address that holds all of it."""
    return "data:image/png;base64," + b64encode(png(pixels)).decode("ascii")


def _chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
