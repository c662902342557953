"""The disturbances of `soak.py`: each gives its verdicts, one a piece of work."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from soak_ground import KILLED, RIGHT, UNCLEAR, WRONG
from soak_work import features, phantoms, search

AT_ONCE = 6
NOBODY = 65534
MEGABYTE = 1 << 20
MEMORY = (150, 600)  # megabytes
CACHE_FAILS = "RowCacheWarning"


def threads_share_a_fitted_pipeline(ground, rounds):
    """Threads transform with one fitted pipeline, and read and write one cache."""
    images, _, _ = phantoms()
    expected = ground.in_peace("embed")[0]["rows"]
    for _ in range(rounds):
        fitted = features(ground.new_folder()).fit(images)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for rows in threads.map(fitted.transform, [images] * AT_ONCE):
                yield RIGHT if np.array_equal(rows, expected) else WRONG


def threads_fit(ground, rounds):
    """Threads that search at once, each with a checkpoint of its own."""
    expected = ground.in_peace("search")[0]
    for _ in range(rounds):
        with ThreadPoolExecutor(AT_ONCE) as threads:
            folders = [ground.new_folder() for _ in range(AT_ONCE)]
            for found in threads.map(search, folders):
                right = np.array_equal(found["masks"], expected["masks"])
                yield RIGHT if right else WRONG


def processes_share_a_cache(ground, rounds):
    """Processes that make one cache and write to it at once."""
    for _ in range(rounds):
        folder = ground.new_folder()
        pieces = [ground.start("embed", folder) for _ in range(AT_ONCE)]
        yield from [piece.verdict() for piece in pieces]


def killed(work):
    """A trial: killed at random moments and started again in the same folder, until it ends."""

    def trial(ground, rounds):
        for _ in range(rounds):
            folder = ground.new_folder()
            while kill(ground.start(work, folder), ground.moment(work)):
                yield KILLED
            yield ground.start(work, folder).verdict()

    return trial


def kill(piece, after):
    """Kill a piece of work after so many seconds; False where it had ended by then."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        piece.process.communicate(timeout=after)
        return False
    piece.process.kill()
    piece.process.communicate()
    return True


def interrupted_search(ground, rounds):
    """Ctrl-C: the best mask so far stands."""
    for _ in range(rounds):
        folder = ground.new_folder()
        piece = ground.start("search", folder)
        while piece.process.poll() is None and not any(folder.iterdir()):
            time.sleep(0.01)
        time.sleep(ground.rng.uniform(0, 0.3))
        with contextlib.suppress(ProcessLookupError):
            piece.process.send_signal(signal.SIGINT)
        code, told = piece.wait()
        if code == 0 and piece.numbers()["support"].any():
            yield RIGHT
        else:
            print(f"search interrupted ended with {code}: {told[-600:]}", file=sys.stderr)
            yield UNCLEAR


def disk_is_full(work, **judged):
    """A trial: files may not grow beyond a bound that is met somewhere on the way."""

    def trial(ground, rounds):
        for _ in range(rounds):
            folder = ground.new_folder()
            n_bytes = int(2 ** ground.rng.uniform(0, 15))
            yield ground.start(work, folder, "--file-bytes", n_bytes).verdict(**judged)

    return trial


def folder_may_only_be_read(work, **judged):
    """A trial: somebody else's folder."""

    def trial(ground, rounds):
        user = ["--user", NOBODY] if os.geteuid() == 0 else []
        for _ in range(rounds):
            yield ground.start(work, ground.new_folder(0o555), *user).verdict(**judged)

    return trial


def memory_is_short(work):
    """A trial: from too little to enough, beyond what the imports have taken.

    With less than this OpenBLAS ends the process before anybody is asked.
    """

    def trial(ground, rounds):
        for _ in range(rounds):
            n_bytes = int(ground.rng.uniform(*MEMORY)) * MEGABYTE
            piece = ground.start(work, ground.new_folder(), "--bytes", n_bytes)
            yield piece.verdict(may_refuse=("memory", "Memory", "allocate"))

    return trial


TRIALS = {
    "threads share a fitted pipeline and its cache": threads_share_a_fitted_pipeline,
    "threads search": threads_fit,
    "processes share a cache": processes_share_a_cache,
    "embedding killed": killed("embed"),
    "search killed": killed("search"),
    "evaluation killed": killed("judge"),
    "search interrupted": interrupted_search,
    "disk full, cache": disk_is_full("embed"),
    "disk full, search": disk_is_full("search", may_refuse=("what was there before",)),
    "disk full, evaluation": disk_is_full("judge", may_refuse=("what was there before",)),
    "disk full, saving": disk_is_full("save", may_refuse=("kept.sicf",)),
    "read-only, cache": folder_may_only_be_read("embed", must_tell=CACHE_FAILS),
    "read-only, search": folder_may_only_be_read("search", may_refuse=("checkpoint",)),
    "read-only, evaluation": folder_may_only_be_read("judge", may_refuse=("checkpoint",)),
    "read-only, saving": folder_may_only_be_read("save", may_refuse=("kept.sicf",)),
    "little memory, embedding": memory_is_short("embed"),
    "little memory, search": memory_is_short("search"),
}
