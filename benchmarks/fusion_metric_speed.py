"""How long each metric of fusion takes for one pair of 512 x 512, on one thread.

Wanted: all metrics but FMI in under a second together. FMI, measured over many windows at once, is
set beside a plain loop over windows, the one that the tests check it by, on a part of the pair.
Times are the processor's as well as the clock's, since other work may share the machine.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m benchmarks.fusion_metric_speed
"""

import argparse
import os
import time
from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter

from sicf import fusion_metrics
from sicf.fusion._fusion_metrics import LEAST_SIDE
from tests.fusion.metric_loops import fmi

WANTED = 1.0
SIDE = 512
PART = 66


def main():
    options = parse_options()
    triple = smooth_triple(np.random.default_rng(0))
    all_but_fmi = [name for name in LEAST_SIDE if name != "FMI"]
    print(
        f"One pair of {SIDE} x {SIDE}, uint8; {os.cpu_count()} cores; load before: "
        f"{os.getloadavg()[0]:.2f}; median of {options.rounds}\n"
    )
    print("| metric | processor, ms | clock, ms | shortest and longest by the clock |")
    print("|---|---|---|---|")
    for name in [*LEAST_SIDE, all_but_fmi]:
        measure = partial(fusion_metrics, *triple, which=name)
        runs = [timed(measure) for _ in range(options.rounds)]
        processor, clock = 1000 * np.array(runs).T
        label = name if isinstance(name, str) else f"all but FMI (wanted: under {WANTED} s)"
        print(
            f"| {label} | {np.median(processor):.0f} | {np.median(clock):.0f} | "
            f"{clock.min():.0f} to {clock.max():.0f} |",
            flush=True,
        )
    compare_with_loop(triple, options.rounds)
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


def smooth_triple(rng):
    """Two smooth random images and their mean, in 256 grey levels."""
    sources = [gaussian_filter(rng.normal(size=(SIDE, SIDE)), sigma) for sigma in (3, 6)]
    sources = [255 * (image - image.min()) / np.ptp(image) for image in sources]
    return [np.round(image).astype(np.uint8) for image in (*sources, sum(sources) / 2)]


def compare_with_loop(triple, rounds):
    """A part of the pair by both ways, in turns; they must agree."""
    part = [image[:PART, :PART] for image in triple]
    plain = [image.astype(float).tolist() for image in part]
    slow, fast = partial(fmi, *plain), partial(fusion_metrics, *part, which="FMI")
    np.testing.assert_allclose(fast()["FMI"], slow(), rtol=0, atol=1e-6)
    ratios = []
    for _ in range(rounds):
        ratios.append(timed(slow)[0] / timed(fast)[0])
    print(
        f"\nFMI over {(PART - 2) ** 2} windows: a loop takes {np.median(ratios):.0f} times as long "
        f"as all at once ({min(ratios):.0f} to {max(ratios):.0f}), by the processor's time."
    )


def timed(run):
    """Seconds of the processor and of the clock."""
    processor, clock = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - processor, time.perf_counter() - clock


if __name__ == "__main__":
    main()
