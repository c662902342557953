"""Files that give no more than they hold, whatever a header asks of them."""

import io
import os


class BoundedFile(io.BufferedReader):
    """A file that is never asked for more bytes than are left.

    Python makes room for as many bytes as are asked for before it reads, and an element of a
    damaged DICOM header may ask for four gigabytes.
    """

    def __init__(self, raw):
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size=-1, /):
        """Read at most `size` bytes, as any file does."""
        left = max(0, self._size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def open_bounded(path):
    """Open a file to read its bytes, bounded by its size.

    Parameters
    ----------
    path : Path

    Returns
    -------
    BoundedFile
    """
    return BoundedFile(io.FileIO(path))
