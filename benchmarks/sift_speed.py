"""SIFT over 200 slices: SIFTDescriptors on two threads beside OpenCV in a loop on one.

The loop calls `detectAndCompute` under ``cv2.setNumThreads(1)`` and no more. Ours checks the
pictures and writes a record for each keypoint as well. Both take the same slices in turns, 360
real ones (Cheng et al., CC BY 4.0) cut down to the first 200, at 224 x 224, equalized. Lines with
one thread, and with OpenCV's own threads in the loop, say where the gain comes from.

    SICF_DATA=folder python benchmarks/sift_speed.py
"""

import argparse
import os
import time
from pathlib import Path

import cv2
import numpy as np

from sicf import HistEqualize, SIFTDescriptors, load_images
from sicf.images._resize import resize_plane

WANTED = 1.8


def main():
    options = parse_options()
    X = load_slices(options.slices)
    n_keypoints = [len(keypoints) for keypoints, _ in loop(X)]
    print(
        f"{len(X)} slices of {X.shape[1]} x {X.shape[2]}, {np.mean(n_keypoints):.0f} keypoints a "
        f"slice ({min(n_keypoints)} to {max(n_keypoints)}); {os.cpu_count()} cores, OpenCV "
        f"{cv2.__version__}; load before: {os.getloadavg()[0]:.2f}\n"
    )
    check_same(X[:5])
    ways = {
        "SIFTDescriptors(n_jobs=2)": lambda: SIFTDescriptors(n_jobs=2).transform(X),
        "SIFTDescriptors()": lambda: SIFTDescriptors().transform(X),
        "loop, OpenCV's own threads": lambda: loop(X),
    }
    print("| way | ms a slice | loop, 1 thread | ratio | lowest and highest | wanted |")
    print("|---|---|---|---|---|---|")
    for name, run in ways.items():
        pairs = np.array(
            [(timed(lambda: on_one_thread(X)), timed(run)) for _ in range(options.rounds)]
        )
        ratios = pairs[:, 0] / pairs[:, 1]
        theirs, ours = np.median(pairs, axis=0) * 1000 / len(X)
        wanted = WANTED if "n_jobs=2" in name else ""
        print(
            f"| {name} | {ours:.1f} | {theirs:.1f} | {np.median(ratios):.2f} | "
            f"{ratios.min():.2f} to {ratios.max():.2f} | {wanted} |",
            flush=True,
        )
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5, help="each way in turns with the loop")
    return parser.parse_args()


def load_slices(n):
    data = load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv", path_column="file"
    )
    slices = [resize_plane(image, (224, 224)) for image in data.images[:n]]
    return HistEqualize().fit_transform(np.stack(slices))


def loop(X):
    sift = cv2.SIFT_create()
    return [sift.detectAndCompute(picture, None) for picture in X]


def on_one_thread(X):
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return loop(X)
    finally:
        cv2.setNumThreads(before)


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def check_same(X):
    for (_, expected), records in zip(loop(X), SIFTDescriptors(n_jobs=2).transform(X), strict=True):
        np.testing.assert_array_equal(records["descriptor"], expected)


if __name__ == "__main__":
    main()
