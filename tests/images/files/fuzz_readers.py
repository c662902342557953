"""Read files that are cut, flipped and overwritten; run by test_fuzz in a process of its own.

    python fuzz_readers.py FOLDER N_CASES SEED

FOLDER holds the sound files (a folder in it is a DICOM series). A process of its own, since its
memory is limited, a hang ends it with a traceback, and a crash of a decoder is seen. It prints a
line of JSON: how many cases were read, how many were refused, and what went wrong.
"""

import faulthandler
import gzip
import json
import logging
import resource
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

from sicf.images.files._digest import digest_sample
from sicf.images.files._guarded import MissingExtra
from sicf.images.files._open_scan import open_scan
from sicf.images.files._sample_sheet import Sample
from sicf.images.files._scan import VOLUME
from sicf.images.files._slice_policy import take_picture

MEMORY = 2**31
SECONDS = 30
# A mark of every patient that a sound file holds; see conftest.
SECRETS = ("doe^", "jane", "4711", "0815", "19330401")
ALLOWED = (FileNotFoundError, MissingExtra, ValueError)


def main(folder, n_cases, seed):
    # Libraries print warnings and log on their own; the parent searches that for names too.
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    for chatty in ("PIL",):
        logging.getLogger(chatty).setLevel(logging.INFO)
    warnings.simplefilter("error")
    faulthandler.enable()
    sources = sorted(Path(folder).iterdir())
    rng = np.random.default_rng(seed)
    for source in sources:
        read(source, {"volume": 0})
    limit_memory()
    counts = {"read": 0, "refused": 0}
    faults = []
    with tempfile.TemporaryDirectory() as scratch:
        for case in range(n_cases):
            source = sources[case % len(sources)]
            damaged = damage(source, Path(scratch), rng)
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            fault, outcome = try_to_read(damaged, rng)
            faulthandler.cancel_dump_traceback_later()
            counts[outcome] += 1
            if fault:
                faults.append(f"case {case} of seed {seed}, {source.name}: {fault}")
    sys.stdout.write(json.dumps({**counts, "faults": faults[:20], "n_faults": len(faults)}) + "\n")


def limit_memory():
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))


def try_to_read(path, rng):
    """What is wrong with the way a file was read or refused, and which of the two it was."""
    options = {
        "is_mask": bool(rng.random() < 0.2),
        "volume": [None, 0, -1][rng.integers(3)],
        "window": [None, None, (100, 50)][rng.integers(3)],
    }
    try:
        read(path, options)
    except BaseException as exc:
        return fault_of(exc, path), "refused"
    return None, "read"


def read(path, options):
    digest_sample(Sample((path,)))
    scan = open_scan(path, **options)
    assert scan.pixels.size, "no pixels"
    assert scan.pixels.dtype.isnative, "foreign byte order"
    if scan.layout == VOLUME:
        for plane in ("axial", "sagittal", "coronal"):
            assert take_picture(scan, plane, 0).pixels.ndim == 2


def fault_of(exc, path):
    if type(exc) not in ALLOWED:
        return f"{type(exc).__name__}: {exc}"
    if "MemoryError" in str(exc):
        return f"it asked for more than {MEMORY} bytes: {exc}"
    if path.name not in str(exc):
        return f"the file is not named: {exc}"
    told = " ".join(tell_all(exc)).lower()
    secret = next((secret for secret in SECRETS if secret in told), None)
    return f"it tells {secret!r}: {told}" if secret else None


def tell_all(exc):
    """Every word that a log could print of an error and of what led to it."""
    while exc is not None:
        yield from map(str, [exc, *exc.args, *getattr(exc, "__notes__", ())])
        exc = exc.__cause__ or exc.__context__


def damage(source, scratch, rng):
    """Copy a file with some of its bytes spoilt; of a series, one file."""
    target = scratch / source.name
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        spoilt = sorted(target.iterdir())[rng.integers(len(list(target.iterdir())))]
        spoilt.write_bytes(spoil(spoilt.read_bytes(), rng))
        return target
    content = source.read_bytes()
    # Packed bytes differ at the first flip, so half of the time what is inside is spoilt.
    if source.suffix == ".gz" and rng.random() < 0.5:
        content = gzip.compress(spoil(gzip.decompress(content), rng), 1)
    else:
        content = spoil(content, rng)
    target.write_bytes(content)
    return target


def spoil(content, rng):
    content = bytearray(content)
    # Headers come first, and are where the harm is.
    reach = len(content) if rng.random() < 0.4 else min(len(content), 1000)
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(max(1, min(reach, len(content)))))
        kind = rng.integers(6)
        if kind == 0:
            del content[at:]
        elif kind == 1 and content:
            content[at % len(content)] ^= 1 << int(rng.integers(8))
        elif kind == 2:
            content[at : at + 4] = [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"][rng.integers(3)]
        elif kind == 3:
            content[at : at + int(rng.integers(1, 30))] = b""
        elif kind == 4:
            content[at:at] = rng.bytes(int(rng.integers(1, 30)))
        else:
            content[at : at + 2] = rng.bytes(2)
    return bytes(content)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
