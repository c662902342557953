"""How well DenseFuse, trained on phantoms for a few minutes, gives back and fuses MR slices.

Trains on 200 slices (T1 and T2), and measures on slices of other phantom patients: SSIM between
input and reconstruction, and Qabf and MI of the fused T1 and T2 beside those of their plain mean,
and of T1 and of T2 alone. Every strategy of fusion is tried with the same weights; differences are
paired, by slice, with the number of slices on which a picture is better than the mean.

    python benchmarks/fuser_quality.py [--slices 200] [--threads 2] [--seed 0] [--weights FILE]
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from sicf import DenseFuse, make_spine_phantoms
from sicf._intensity import stretch
from sicf.fusion import fusion_metrics
from sicf.fusion._fusion_losses import ssim

SLICES_A_PATIENT = 4
METRICS = ("Qabf", "MI")
STRATEGIES = ("max", "l1", "mean", "sum")
HELD_OUT = 20
# Seeds of phantoms that no choice of a default has been made on.
OTHER_PATIENTS = 1000


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    held_out = phantoms(HELD_OUT, options.seed + OTHER_PATIENTS)
    if options.weights is None:
        how, weights = train(options)
    else:
        how, weights = f"Weights of {options.weights.name}, not trained here.", options.weights
    fuser = DenseFuse(weights=weights).fit(held_out)
    text = "\n".join(
        [
            how,
            f"Measured on {len(held_out)} slices of other patients.",
            "",
            reconstruction(fuser, held_out),
            "",
            fusion(weights, held_out),
        ]
    )
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "fuser_quality.md").write_text(text + "\n")


def train(options):
    """What was done, and the file of weights that came of it."""
    images = phantoms(options.slices, options.seed)
    start = time.perf_counter()
    fuser = DenseFuse(n_threads=options.threads, random_state=options.seed, verbose=1).fit(images)
    seconds = time.perf_counter() - start
    options.output.mkdir(parents=True, exist_ok=True)
    weights = options.output / "densefuse.safetensors"
    weights.write_bytes(fuser.weights_)
    rows, columns = images.shape[1:3]
    return (
        f"{len(images)} slices of {rows} x {columns}, T1 and T2; {seconds:.0f} s of training on "
        f"{options.threads} thread(s).",
        weights,
    )


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--slices", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def phantoms(n_slices, seed):
    patients = -(-n_slices // SLICES_A_PATIENT)
    data = make_spine_phantoms(
        max(patients, 3), n_slices=SLICES_A_PATIENT, sequences=("T1", "T2"), random_state=seed
    )
    return data.images[:n_slices]


def planes_of(images):
    """Each sequence of each slice in [0, 1], as a fuser sees it: (n, H, W, 2)."""
    return np.stack(
        [np.stack([stretch(image[..., m]) for m in range(2)], axis=2) for image in images]
    )


def reconstruction(fuser, images):
    before = torch.from_numpy(planes_of(images).reshape(-1, 1, *images.shape[1:3], 2)).float()
    after = torch.from_numpy(fuser.reconstruct(images)).reshape(before.shape)
    lines = ["| reconstruction | mean SSIM | lowest |", "|---|---|---|"]
    for m, name in enumerate(("T1", "T2")):
        found = ssim(before[..., m], after[..., m])
        lines.append(f"| {name} | {found.mean():.4f} | {found.min():.4f} |")
    return "\n".join(lines)


def fusion(weights, images):
    planes = planes_of(images)
    first, second = (255 * planes[..., m] for m in range(2))
    plain = measure(first, second, (first + second) / 2)
    measured = {
        "mean of T1 and T2": plain,
        "T1 alone": measure(first, second, first),
        "T2 alone": measure(first, second, second),
    }
    for strategy in STRATEGIES:
        other = DenseFuse(strategy=strategy, weights=weights).fit(images)
        fused = 255.0 * other.transform(images)
        measured[f"DenseFuse, strategy={strategy!r}"] = measure(first, second, fused)
    lines = ["| picture | Qabf | MI, bits | better than the mean: Qabf | MI |", "|---" * 5 + "|"]
    for name, found in measured.items():
        means = " | ".join(f"{found[metric].mean():.3f}" for metric in METRICS)
        better = " | ".join(str((found[metric] > plain[metric]).sum()) for metric in METRICS)
        lines.append(f"| {name} | {means} | {better} |")
    return "\n".join(lines)


def measure(first, second, fused):
    return fusion_metrics(first, second, fused, which=METRICS)


if __name__ == "__main__":
    main()
