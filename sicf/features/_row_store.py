"""Rows in a folder: one ``.npy`` file for each key, which no reader ever sees half written."""

import os
import tempfile
from pathlib import Path

import numpy as np


class RowStore:
    """Arrays kept by key in a folder that several processes may share.

    Parameters
    ----------
    folder : str or path
    """

    def __init__(self, folder):
        self.folder = folder

    def make_folder(self):
        """Make the folder if it is not there.

        Raises
        ------
        OSError, TypeError
            It cannot be made.
        """
        try:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
        except (OSError, TypeError) as exc:
            raise type(exc)(
                "location (or cache) must be a folder, or the name of one that can be made. "
                f"Got {self.folder!r} instead: {exc}"
            ) from exc

    def read(self, key):
        """Read a row without running code from its file.

        Parameters
        ----------
        key : str

        Returns
        -------
        ndarray or None
            None where there is no file, or a broken one.
        """
        try:
            with open(self._path(key), "rb") as file:
                # np.load would take a file that begins like a zip archive for one.
                return np.lib.format.read_array(file, allow_pickle=False)
        except FileNotFoundError:
            return None
        except OSError:
            raise
        except Exception:  # a broken file raises whatever its reader met first
            return None

    def write(self, key, row):
        """Write under another name, and move the whole file into place.

        Parameters
        ----------
        key : str
        row : ndarray
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, row, allow_pickle=False)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _path(self, key):
        return Path(self.folder) / key[:2] / f"{key}.npy"
