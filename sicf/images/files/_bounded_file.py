"""Files that give no more than they hold, whatever a header asks of them.

Python makes room for as many bytes as are asked for before it reads, and a length in a damaged
header may ask for four gigabytes.
"""

import gzip
import io
import os

# Deflate cannot pack more than this many bytes into one.
LARGEST_RATIO = 1032


class _Bounded:
    """Reads of a file that never ask for more than `limit` bytes from its start."""

    limit = 0

    def read(self, size=-1, /):
        """Read at most `size` bytes, as any file does."""
        left = max(0, self.limit - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


class BoundedFile(_Bounded, io.BufferedReader):
    """A file that is bounded by its size."""

    def __init__(self, path):
        super().__init__(io.FileIO(path))
        self.limit = os.fstat(self.fileno()).st_size


class BoundedGzip(_Bounded, gzip.GzipFile):
    """A packed file that is bounded by what its size can unfold to."""

    def __init__(self, path):
        super().__init__(path, "rb")
        self.limit = os.stat(path).st_size * LARGEST_RATIO
