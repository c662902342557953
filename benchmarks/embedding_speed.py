"""VGG16 to fc7 over real slices: VGG16Embedder beside a plain eager loop of torch, same threads.

The loop is what one writes by hand: torchvision's network in evaluation mode without its last
layer, `no_grad`, channels first, batches of 16. Both begin with the same eight-bit slices of
224 x 224 and end with rows, so both divide by 255, repeat the picture and normalise it; ours
checks the pictures and looks for equal ones as well. Each of our ways runs in turns with the loop
on the same number of threads; a first turn, which loads and compiles, is not counted. Weights are
seeded: the time does not depend on them.

Where the processor has no bfloat16 its lines say "float32" under "computed in", and stand for
what a user gets who asks for bfloat16 there.

    SICF_DATA=folder python benchmarks/embedding_speed.py
"""

import argparse
import os
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from torchvision.models import vgg16

from sicf import VGG16Embedder, load_images
from sicf._intensity import to_uint8
from sicf.images._resize import resize_plane

BATCH = 16
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
# Backend, precision, by how much it is to be faster, and what its rows have to hold.
WAYS = [
    ("torch", "float32", 1.2, "error at most 1e-4"),
    ("torch", "bfloat16", 2.3, "cosine at least 0.9999"),
    ("openvino", "float32", None, "error at most 1e-4"),
    ("openvino", "bfloat16", 2.7, "cosine at least 0.9999"),
]


def main():
    options = parse_options()
    X = load_slices(options.pictures)
    network = plain_network()
    print(
        f"{len(X)} slices of 224 x 224 in batches of {BATCH}; {os.cpu_count()} cores, "
        f"{torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}; "
        f"load before: {os.getloadavg()[0]:.2f}\n"
    )
    print(
        "| backend | dtype | computed in | threads | s a picture | loop | ratio | lowest and "
        "highest | wanted | largest error | least cosine | rows have to have |"
    )
    print("|---" * 12 + "|")
    for threads in options.threads:
        torch.set_num_threads(threads)
        for backend, dtype, wanted, rows_have in WAYS:
            embedder = fitted(backend, dtype, X)
            cells = [backend, dtype, embedder.rows_depend_on()["dtype"], threads]
            cells += compared(network, embedder, X, options.rounds)
            cells.insert(8, wanted or "")
            print("| " + " | ".join(map(str, [*cells, rows_have])) + " |", flush=True)
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5, help="each way in turns with the loop")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    return parser.parse_args()


def load_slices(n):
    data = load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv", path_column="file"
    )
    return np.stack([to_uint8(resize_plane(image, (224, 224))) for image in data.images[:n]])


def plain_network():
    torch.manual_seed(0)
    network = vgg16().eval()
    network.classifier = network.classifier[:5]
    return network


def plain_loop(network, X):
    rows = []
    with torch.no_grad():
        for start in range(0, len(X), BATCH):
            pictures = torch.from_numpy(X[start : start + BATCH])[:, None].float() / 255
            pictures = (pictures.expand(-1, 3, -1, -1) - MEAN) / STD
            rows.append(network(pictures).numpy())
    return np.concatenate(rows)


def fitted(backend, dtype, X):
    embedder = VGG16Embedder(weights=None, batch_size=BATCH, backend=backend, dtype=dtype)
    with warnings.catch_warnings():
        # Which precision is computed in is a column of the table.
        warnings.filterwarnings("ignore", message=".*does not compute in")
        return embedder.fit(X)


def compared(network, embedder, X, rounds):
    """Medians of the turns, and how far the rows are from those of the loop."""
    expected, rows = plain_loop(network, X), embedder.transform(X)
    pairs = np.array(
        [
            (timed(lambda: plain_loop(network, X)), timed(lambda: embedder.transform(X)))
            for _ in range(rounds)
        ]
    )
    ratios = pairs[:, 0] / pairs[:, 1]
    theirs, ours = np.median(pairs, axis=0) / len(X)
    error = np.abs(rows - expected).max(axis=1) / np.abs(expected).max(axis=1)
    product = np.linalg.norm(rows, axis=1) * np.linalg.norm(expected, axis=1)
    cosine = (rows * expected).sum(axis=1, dtype=float) / product
    return [
        f"{ours:.3f}",
        f"{theirs:.3f}",
        f"{np.median(ratios):.2f}",
        f"{ratios.min():.2f} to {ratios.max():.2f}",
        f"{error.max():.1e}",
        f"{cosine.min():.6f}",
    ]


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
