"""Memory from files to columns, by a chain that is cached and streamed: it must not grow with n.

Pictures of 224 x 224 in three sequences, one PNG file each, are read, equalized, described by SIFT
and embedded by a small network; visual words are learnt on all. A process of its own runs the chain
on the given numbers of pictures. Shown is the largest resident set less that before the work, with
everything imported and each step run once; and the same less the output.

    python benchmarks/flat_memory.py [--pictures 1000 5000] [--folder FOLDER]

Memory is read from `/proc`, and so on Linux alone. The files take some 0.2 MB a picture, the cache
0.3 MB; both are made in a temporary folder and removed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from forest_cost import status_bytes
from sklearn.pipeline import FeatureUnion, Pipeline

from sicf import (
    CachedRows,
    HistEqualize,
    ReadImages,
    SIFTDescriptors,
    TorchEmbedder,
    VisualWords,
)

SIDE = 224
SEQUENCES = ("T1", "T2", "T1ce")
MIB = 2**20


def main():
    options = parse_options()
    if options.measure:
        print(json.dumps(measure(options.measure, options.folder)))
        return
    print("| pictures | keypoints | seconds | columns | peak beyond imports, MiB | less output |")
    print("|---" * 6 + "|")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for number, n_pictures in enumerate(options.pictures):
            print(as_row(run_apart(n_pictures, Path(folder) / str(number))), flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--folder", type=Path, help="where files and cache are made and removed")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def run_apart(n_pictures, folder):
    write_pictures(n_pictures, folder)
    command = [sys.executable, __file__, "--measure", str(n_pictures), "--folder", folder]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def as_row(found):
    peak, output = found["peak"] / MIB, found["output"] / MIB
    columns = "{} x {}".format(*found["shape"])
    cells = (found["shape"][0], found["keypoints"], f"{found['seconds']:.0f}", columns)
    return f"| {' | '.join(map(str, cells))} | {peak:.0f} | {peak - output:.0f} |"


def write_pictures(n_pictures, folder):
    """Smooth random textures: no two alike, and with keypoints by the hundred."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for names in sheet(n_pictures, folder):
        for name in names:
            texture = cv2.GaussianBlur(rng.normal(size=(SIDE, SIDE)), (0, 0), 3)
            picture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)
            cv2.imwrite(name, picture)


def sheet(n_pictures, folder):
    """Names of the files, one tuple a picture."""
    return [tuple(f"{folder}/{i}_{name}.png" for name in SEQUENCES) for i in range(n_pictures)]


def chain(cache):
    """From files to columns; each branch reads and equalizes for itself, batch by batch."""
    network = TorchEmbedder("squeezenet1_1", "features.2")
    described = CachedRows(from_files(SIFTDescriptors()), cache)
    words = Pipeline([("described", described), ("words", VisualWords(random_state=0))])
    return FeatureUnion([("sift", words), ("deep", CachedRows(from_files(network), cache))])


def from_files(extractor):
    steps = [("read", ReadImages()), ("equalize", HistEqualize()), ("extract", extractor)]
    return Pipeline(steps)


def measure(n_pictures, folder):
    torch.set_num_threads(1)
    files = sheet(n_pictures, folder)
    with tempfile.TemporaryDirectory(dir=folder) as cache:
        chain(cache).fit_transform(files[:8])  # import whatever is imported late
    Path("/proc/self/clear_refs").write_text("5")  # the largest so far becomes the present one
    before, start = status_bytes("VmRSS"), time.perf_counter()
    union = chain(folder / "cache")
    rows = union.fit_transform(files)
    peak, seconds = status_bytes("VmHWM") - before, time.perf_counter() - start
    described = union.named_transformers["sift"]["described"].transform(files)
    return {
        "shape": rows.shape,
        "output": rows.nbytes,
        "peak": peak,
        "seconds": seconds,
        "keypoints": sum(len(keypoints) for keypoints in described),
    }


if __name__ == "__main__":
    main()
