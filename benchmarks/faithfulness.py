"""Are the maps of `explain` faithful? On phantoms, and on real tumours with boxes.

Three questions, to maps of out-of-sample images. *Deletion and insertion*: does the probability of
the predicted class fall faster when the pixels with most evidence are blurred first than when
random ones are, and does it rise faster when they are brought back first? *Pointing game*: how
often does a map's highest pixel lie in the tumour? *Sanity*: do the maps change when the network is
untrained, or trained on labels that were permuted between patients?

    SICF_DATA=folder python benchmarks/faithfulness.py [--only phantoms]

Random maps are about as smooth as a network's, and as the others lie within the region of
interest; curves blur what the parts see, so that the region stays where it is. Intervals are
bootstrapped over patients. The real part needs the extra ``benchmark``. Both networks end in a mean
over places, where Grad-CAM and HiResCAM are the same.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from faithfulness_maps import measure
from faithfulness_measures import Record, spearman
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from small_network import INPUT, save_untrained, small_network, train
from systems import efficientnet, forest

from sicf import (
    HistEqualize,
    QuadrantROI,
    SIFTBoVW,
    TorchEmbedder,
    explain,
    load_images,
    make_spine_phantoms,
)
from sicf.evaluation import permute_by_group

SEED = 0
SIZE = 112
REAL_SIZE = 224


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    options.output.mkdir(parents=True, exist_ok=True)
    for part in (phantoms, real_tumours):
        if options.only in (None, part.__name__):
            start = time.process_time()
            lines = part(options)
            minutes = (time.process_time() - start) / 60
            text = "\n".join([*lines, "", f"{minutes:.1f} CPU minutes."])
            print(text, flush=True)
            (options.output / f"faithfulness_{part.__name__}.md").write_text(text + "\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=120, help="phantoms, a quarter held out")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--curves", type=int, default=30, help="patients whose curves are drawn")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=("phantoms", "real_tumours"), help="one of both parts")
    parser.add_argument("--figures", type=Path, help="folder for figures of some phantoms")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    return parser.parse_args()


def phantoms(options):
    """Lines on the trained network, an untrained one, and one trained on permuted labels."""
    data = make_spine_phantoms(options.patients, n_slices=2, random_state=SEED)
    split = GroupShuffleSplit(1, test_size=0.25, random_state=SEED)
    fitted_on, held_out = next(split.split(data.images, data.target, data.groups))
    permuted = permute_by_group(data.target, data.groups, random_state=SEED)
    lines = [f"Phantoms: {options.patients} patients, {len(held_out)} held-out slices.", ""]
    maps = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, y, epochs in (
            ("trained", data.target, options.epochs),
            ("untrained network", data.target, 0),
            ("labels permuted", permuted, options.epochs),
        ):
            path = Path(folder) / f"{name}.pth"
            pipeline = fit_on_phantoms(data, y, fitted_on, path, epochs)
            held = data.images[held_out], data.masks[held_out] == 1, data.groups[held_out]
            names = np.asarray(data.target_names)[y[held_out]]
            score = np.mean(pipeline.predict(held[0]) == names)
            if options.figures and name == "trained":
                draw(pipeline, held, names, options.figures)
            record = Record()
            maps[name] = measure(pipeline, *held, record, options.curves, name == "trained")
            lines += [f"**{name}**, accuracy on held-out patients {score:.2f}", ""]
            lines += [*record.table(), ""]
    return lines + compare(maps)


def fit_on_phantoms(data, y, rows, path, epochs):
    """Region of interest, equalization, SIFT and a small network, forest."""
    X, y = data.images[rows], y[rows]
    before = Pipeline([("roi", QuadrantROI(SIZE)), ("equalize", HistEqualize())])
    if epochs:
        train(before.fit_transform(X), y, path, epochs=epochs, seed=SEED)
    else:
        save_untrained(path, seed=SEED)
    network = TorchEmbedder(
        small_network,
        "pool",
        weights=path,
        input_size=INPUT,
        fuse_sequences="rgb",
        sequence_names=data.sequence_names,
    )
    pipeline = with_forest(before.steps, network, 128)
    return pipeline.fit(X, np.asarray(data.target_names)[y])


def real_tumours(options):
    """Lines on EfficientNet with ImageNet weights on brain slices, out of fold."""
    table = Path(os.environ["SICF_DATA"]) / "cheng360" / "metadata.csv"
    data = load_images(table, path_column="file", group_column="patient_group")
    size = (REAL_SIZE, REAL_SIZE)
    X = np.stack([cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in data.images])
    tumour, record, right = boxes(table, data.filenames), Record(), 0
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=SEED)
    for fitted_on, held_out in folds.split(X, data.target, data.groups):
        network = efficientnet(None).transformer
        pipeline = with_forest([("equalize", HistEqualize())], network, 256)
        pipeline.fit(X[fitted_on], data.target[fitted_on])
        right += np.sum(pipeline.predict(X[held_out]) == data.target[held_out])
        held = X[held_out], tumour[held_out], data.groups[held_out]
        measure(pipeline, *held, record, options.curves // 3)
    head = f"cheng360: {len(X)} slices out of fold, accuracy {right / len(X):.2f}."
    return [head, "", *record.table()]


def with_forest(before, network, n_words):
    sift = SIFTBoVW(n_words, random_state=SEED)
    features = FeatureUnion([("sift", sift), ("network", network)])
    return Pipeline([*before, ("features", features), ("forest", forest(1))])


def boxes(table, filenames):
    """Masks of the tumours' boxes, in the order of the files."""
    rows = pd.read_csv(table)
    rows = rows.set_index(rows["file"].map(lambda file: str(table.parent / file)))
    masks = np.zeros((len(filenames), REAL_SIZE, REAL_SIZE), bool)
    for mask, name in zip(masks, filenames, strict=True):
        x, y, width, height = rows.loc[name, ["box_xc", "box_yc", "box_w", "box_h"]]
        ends = [(y - height / 2, y + height / 2), (x - width / 2, x + width / 2)]
        top, left = ([round(REAL_SIZE * end) for end in pair] for pair in ends)
        mask[slice(*top), slice(*left)] = True
    return masks


def draw(pipeline, held, names, folder):
    """Some images, a gallery and a page, of the first patients held out."""
    X, _, patient = held
    first = np.unique(patient, return_index=True)[1][:12]
    explanation = explain(pipeline, X[first], occlusion=True)
    titles = [f"{e.target} {e.probability:.2f}" for e in explanation]
    titles = [f"{t}, is {name}" for t, name in zip(titles, names[first], strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(4):
        figure = explanation.plot(index, channel=2, title=titles[index])
        figure.savefig(folder / f"explanation_{index}.png", dpi=110)
    gallery = explanation.plot_gallery(channel=2, titles=titles)
    gallery.savefig(folder / "explanation_gallery.png", dpi=80)
    explanation.to_html(folder / "explanations.html", channel=2, titles=titles)


def compare(maps):
    """How alike the network's maps are to those of the trained network, by rank."""
    lines = ["Rank correlation with the maps of the trained network, within the box:", ""]
    for name in ("untrained network", "labels permuted"):
        alike = [spearman(*pair) for pair in zip(maps["trained"], maps[name], strict=True)]
        lines.append(f"- {name}: {np.mean(alike):.2f}")
    return lines


if __name__ == "__main__":
    main()
