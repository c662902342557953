"""How far the whole pipeline is above a thumbnail forest on spinal phantoms.

The physics of the phantoms was fixed first, and nothing is tuned on this table. Each row is
out-of-fold over grouped five-fold cross-validation, with 95 % intervals bootstrapped over patients.

    python benchmarks/phantoms.py [--patients 100]

Needs the extra ``benchmark`` for the network with true ImageNet weights.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from systems import efficientnet, forest, thumbnail_forest

from sicf import QuadrantROI, evaluate, make_sicf, make_sicf_lorf, make_spine_phantoms
from sicf.datasets._spine_lesions import PARTS

SEED = 0
CORD = 450  # length of an adult's spinal cord, millimetres


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    data = make_spine_phantoms(options.patients, random_state=SEED)
    start = time.perf_counter()
    result = evaluate(
        systems(options), data.images, data.target, groups=data.groups, random_state=SEED, verbose=1
    )
    text = "\n".join(
        [
            f"{options.patients} phantom patients, {len(data.target)} slices, "
            f"{', '.join(data.sequence_names)}; grouped 5-fold.",
            "",
            result.to_markdown(),
            "",
            f"{time.perf_counter() - start:.0f} s in all on {options.threads} threads.",
            "",
            lengths(data),
        ]
    )
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "phantoms.md").write_text(text + "\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("benchmarks/results/rows"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def systems(options):
    """Every row of the table, by name."""
    threads = options.threads
    rows = {
        "thumbnail 32 x 32, forest (control)": thumbnail_forest(threads),
        "thumbnail 32 x 32 of the ROI, forest": thumbnail_forest(threads, ("roi", QuadrantROI())),
        "SICF, forest: VGG16 seeded, mean": without_search("mean", options),
    }
    for fuse in ("mean", "concat"):
        rows[f"SICF, Lyrebird, forest: VGG16 seeded, {fuse}"] = whole(fuse, options)
        rows[f"the same with EfficientNet-lite0, {fuse}"] = pretrained(fuse, options)
    rows["the same, not equalized"] = pretrained("concat", options, equalize=None)
    return rows


def settings(fuse, options):
    return {
        "weights": None,
        "fuse_sequences": fuse,
        "cache": options.cache,
        "n_jobs": options.threads,
        "random_state": SEED,
    }


def without_search(fuse, options):
    steps = make_sicf(**settings(fuse, options)).steps
    return Pipeline([*steps, ("forest", forest(options.threads))])


def whole(fuse, options, **changes):
    search = {"population_size": 8, "max_iter": 5}
    return make_sicf_lorf(**settings(fuse, options), **search, **changes)


def pretrained(fuse, options, **changes):
    pipeline = whole(fuse, options, **changes)
    return pipeline.set_params(sicf__vgg16=efficientnet(options.cache, fuse))


def lengths(data):
    """What the volumes of the paper's Table 1 mean in a canal: lesions as long as this."""
    kinds = data.target[np.unique(data.groups, return_index=True)[1]]
    lines = [
        "| extent along the cord, mm | " + " | ".join(PARTS) + f" | cavity > {CORD} mm |",
        "|---" * (len(PARTS) + 2) + "|",
    ]
    for kind, name in enumerate(data.target_names):
        found = data.lengths[kinds == kind]
        medians = " | ".join(f"{value:.0f}" for value in np.median(found, axis=0))
        share = np.mean(found[:, PARTS.index("cavity")] > CORD)
        lines.append(f"| {name}, median | {medians} | {share:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
