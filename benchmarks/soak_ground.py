"""Where pieces of work are started in processes of their own, and what came of them is judged."""

import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from soak_work import REFUSED as REFUSED_CODE

KILLED, RIGHT, REFUSED, WRONG, UNCLEAR = (
    "killed",
    "right",
    "refused clearly",
    "wrong or lost",
    "unclear",
)
SCRIPT = Path(__file__).with_name("soak_work.py")
LONGEST = 900


class Ground:
    """A folder, a source of chance, and every piece of work done once in peace.

    Parameters
    ----------
    folder : path
    rng : Generator

    """

    def __init__(self, folder, rng):
        self.folder = folder
        self.rng = rng
        # Another user works here too.
        folder.chmod(0o777)

    def new_folder(self, mode=0o777):
        """A new folder for what a piece of work keeps."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        folder.chmod(mode)
        return folder

    def start(self, work, folder, *options):
        """Start a piece of work.

        Returns
        -------
        Piece
        """
        return Piece(self, work, folder, options)

    @cache  # noqa: B019 - one ground a run
    def in_peace(self, work):
        """Numbers of an undisturbed piece of work, and the seconds that it takes."""
        start = time.perf_counter()
        piece = self.start(work, self.new_folder())
        code, told = piece.wait()
        if code:
            raise RuntimeError(f"{work} fails undisturbed: {told}")
        return piece.numbers(), time.perf_counter() - start

    def moment(self, work):
        """Seconds after which to disturb a piece of work, at random."""
        return self.rng.uniform(0.2, 1.3) * self.in_peace(work)[1]


class Piece:
    """One piece of work on its way."""

    def __init__(self, ground, work, folder, options):
        self.ground, self.work = ground, work
        self.output = ground.new_folder() / "numbers.npz"
        command = [sys.executable, str(SCRIPT), work, str(folder), str(self.output)]
        self.process = subprocess.Popen(
            [*command, *map(str, options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self):
        """Wait until it ends; its code, and what it told."""
        told = self.process.communicate(timeout=LONGEST)[1]
        return self.process.returncode, told

    def numbers(self):
        """What it found."""
        with np.load(self.output) as kept:
            return dict(kept)

    def verdict(self, *, may_refuse=(), must_tell=""):
        """Judge it by what it was in peace.

        Parameters
        ----------
        may_refuse : sequence of str
            Words of which a refusal has to hold one.
        must_tell : str
            What it has to say where it comes to the end.

        Returns
        -------
        str
        """
        code, told = self.wait()
        expected, _ = self.ground.in_peace(self.work)
        if code == REFUSED_CODE and any(word in told.splitlines()[-1] for word in may_refuse):
            return REFUSED
        if code == 0 and must_tell in told:
            if same(self.numbers(), expected):
                return RIGHT
            print(f"{self.work}: other numbers than in peace", file=sys.stderr)
            return WRONG
        print(f"{self.work} ended with {code}: {told[-600:]}", file=sys.stderr)
        return UNCLEAR


def same(found, expected):
    """Whether two sets of named arrays are equal, bit for bit."""
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name], expected[name], equal_nan=True) for name in expected
    )
