"""The main job from end to end: images in, a cross-validated answer with intervals out.

Without arguments it makes 30 phantom patients with three sequences and three tumour classes; with
``--data`` it takes a folder of images by class, or a table with columns for path, label and group.
Run it by ``make demo``, or ``make demo DATA=path``; FILE, LABEL and GROUP name a table's columns.
Tables and figures go to ``demo-output``.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from sicf import (
    QuadrantROI,
    VGG16Embedder,
    WeightsUnavailableError,
    evaluate,
    load_images,
    make_sicf_lorf,
    make_spine_phantoms,
)
from sicf.images import plot_boxes

SEED = 0
N_BOXES = 12


def main():
    options = parse_options()
    options.output.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    data = read_data(options)
    describe(data)
    weights = weights_or_seed(options.weights)
    result = cross_validate(data, weights, options)
    table = result.to_markdown()
    print(f"\n{table}\n\nOut of fold, grouped five-fold; 95 % intervals over patients.")
    (options.output / "metrics.md").write_text(table + "\n")
    draw(data, result, options)
    print(f"Figures are in {options.output}/. {time.perf_counter() - start:.0f} s in all.")
    print("This is research software: no output is a diagnosis.")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of images by class, or a table")
    parser.add_argument("--path", help="column of the table with the files")
    parser.add_argument("--label", help="column of the table with the classes")
    parser.add_argument("--group", help="column of the table with the patients")
    parser.add_argument("--roi", choices=["quadrant", "none"], default="quadrant")
    parser.add_argument("--weights", default="IMAGENET1K_V1", help="torchvision's name, or a file")
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    return parser.parse_args()


def read_data(options):
    if options.data is None:
        print("Making 30 phantom patients with 3 slices of T1, T2 and contrast-enhanced T1 ...")
        return make_spine_phantoms(30, n_slices=3, random_state=SEED)
    return load_images(
        options.data,
        path_column=options.path,
        label_column=options.label,
        group_column=options.group,
        verbose=1,
    )


def describe(data):
    counts = np.bincount(data.target)
    classes = ", ".join(
        f"{name} {count}" for name, count in zip(data.target_names, counts, strict=True)
    )
    patients = len(np.unique(data.groups))
    print(f"{len(data.target)} pictures of {patients} patients: {classes}.")


def weights_or_seed(weights):
    """The pretrained weights where they can be had; else, and visibly, a seeded initialisation.

    Only this script does that. The library itself raises.
    """
    try:
        VGG16Embedder(weights=weights).fit(np.zeros((1, 224, 224), np.uint8))
    except WeightsUnavailableError as error:
        print(
            f"\n*** NO PRETRAINED WEIGHTS: {error}\n"
            "*** The demo goes on with a SEEDED, UNTRAINED VGG16: a random filter bank.\n"
        )
        return None
    return weights


def cross_validate(data, weights, options):
    pipeline = make_sicf_lorf(
        roi=None if options.roi == "none" else options.roi,
        weights=weights,
        population_size=8,
        max_iter=5,
        cache=options.output / "rows",
        n_jobs=-1,
        random_state=SEED,
        verbose=1,
    )
    name = "SICF, Lyrebird, forest" + ("" if weights else " (VGG16 untrained)")
    labels = np.asarray(data.target_names)[data.target]
    return evaluate(
        {name: pipeline}, data.images, labels, groups=data.groups, random_state=SEED, verbose=1
    )


def draw(data, result, options):
    if options.roi == "quadrant":
        chosen = np.linspace(0, len(data.target) - 1, N_BOXES).round().astype(int)
        pictures = [data.images[index] for index in chosen]
        titles = [data.target_names[data.target[index]] for index in chosen]
        boxes = QuadrantROI().locate(pictures)
        plot_boxes(pictures, boxes, titles=titles).savefig(options.output / "roi_boxes.png")
    result.plot_confusion().figure.savefig(
        options.output / "confusion.png", dpi=120, bbox_inches="tight"
    )
    result.plot_roc().figure.savefig(options.output / "roc.png", dpi=120, bbox_inches="tight")


if __name__ == "__main__":
    main()
