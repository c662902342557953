"""An evaluation on disk while it runs: one file a finished fit."""

import tempfile
from pathlib import Path

from sicf.evaluation._fold_answer import FoldAnswer
from sicf.evaluation._kept_file import read_kept, write_kept

KIND, VERSION = "fold", 1
ARRAYS = ("scores", "predicted")


class FoldFiles:
    """The finished fits of a folder.

    Parameters
    ----------
    folder : path-like
        Made if need be.

    Raises
    ------
    ValueError
        It cannot be written to.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError as exc:
            raise ValueError(
                f"checkpoint must be a folder that can be written to. Got {str(folder)!r}: {exc}"
            ) from exc

    def load(self, key):
        """What a fit came to, or None where it was not finished.

        Parameters
        ----------
        key : str

        Returns
        -------
        FoldAnswer or None

        Raises
        ------
        ValueError
            The file is damaged, or is another fit's.
        """
        path = self._path(key)
        try:
            text, arrays = read_kept(path, KIND, VERSION)
        except FileNotFoundError:
            return None
        except ValueError as exc:
            exc.add_note(f"Delete {path} to fit that fold anew.")
            raise
        if text.pop("key") != key:
            raise ValueError(f"{path} was written by another fit; delete it to fit that fold anew.")
        return FoldAnswer(**arrays, **text)

    def save(self, key, answer):
        """Write a finished fit.

        Parameters
        ----------
        key : str
        answer : FoldAnswer
        """
        facts = answer._asdict()
        arrays = {name: facts.pop(name) for name in ARRAYS}
        write_kept(self._path(key), KIND, VERSION, {"key": key, **facts}, arrays)

    def _path(self, key):
        return self.folder / f"fold-{key}.sicf"
