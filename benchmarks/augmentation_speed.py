"""How long MRIAugmenter takes for 1,000 pictures of 224 x 224, all operations on.

The same pictures go through torchvision's v2 transforms with the same recipe, in the same turn, on
as many threads. Shortest, median and longest of several turns.

    python benchmarks/augmentation_speed.py
"""

import argparse
import os
import time

import numpy as np

from sicf import MRIAugmenter

WANTED = 3.0
SIDE = 224


def main():
    options = parse_options()
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, size=(options.pictures, SIDE, SIDE), dtype=np.uint8)
    ways = {
        "MRIAugmenter, uint8, 1 thread": lambda: augment(X, 1),
        "MRIAugmenter, uint8, 2 threads": lambda: augment(X, 2),
        "MRIAugmenter, uint16, 2 threads": lambda: augment(X.astype(np.uint16) * 16, 2),
        "torchvision v2, uint8, 2 threads": lambda: by_torchvision(X),
    }
    print(
        f"{len(X)} pictures of {SIDE} x {SIDE}; {os.cpu_count()} cores; load before: "
        f"{os.getloadavg()[0]:.2f}; wanted: under {WANTED} s\n"
    )
    print("| way | median, s | shortest and longest |")
    print("|---|---|---|")
    seconds = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, run in ways.items():
            seconds[name].append(timed(run))
    for name, taken in seconds.items():
        print(f"| {name} | {np.median(taken):.2f} | {min(taken):.2f} to {max(taken):.2f} |")
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def augment(X, n_jobs):
    recipe = {"flip_horizontal": 0.5, "flip_vertical": 0.5, "rotate": 1, "scale": 1, "noise": 1}
    return MRIAugmenter(**recipe, n_jobs=n_jobs, random_state=0).augment(X)


def by_torchvision(X):
    import torch
    from torchvision.transforms import v2

    torch.set_num_threads(2)
    recipe = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.RandomVerticalFlip(),
            v2.RandomRotation(10, interpolation=v2.InterpolationMode.BILINEAR),
            v2.ColorJitter(brightness=0.1),
            v2.ToDtype(torch.float32, scale=True),
            v2.GaussianNoise(sigma=0.03),
            v2.ToDtype(torch.uint8, scale=True),
        ]
    )
    return [recipe(torch.from_numpy(picture)[None]) for picture in X]


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
