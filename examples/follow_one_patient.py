"""One patient's way through the pipeline, step by step: what a fitted `make_sicf_lorf` did.

    python examples/follow_one_patient.py [--output docs/images/pipeline.png]

The pipeline learns from some phantom patients and meets one that it has not seen. VGG16 is seeded
and untrained here, so that the example runs anywhere; look at the steps, not at the answer.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from matplotlib.colors import LinearSegmentedColormap

from sicf import SIFTDescriptors, make_sicf_lorf, make_spine_phantoms

N_SLICES = 3
ORANGE, BLUE = "#E69F00", "#0072B2"
SHADES = LinearSegmentedColormap.from_list("shades", ["#f4f4f4", "#222222"])


def main():
    options = parse_options()
    data = make_spine_phantoms(options.patients, n_slices=N_SLICES, random_state=0)
    unseen = data.groups == data.groups[-1]
    pipeline = make_sicf_lorf(
        weights=None, population_size=8, max_iter=5, n_jobs=-1, random_state=0, verbose=1
    )
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline.fit(data.images[~unseen], data.target[~unseen], groups=data.groups[~unseen])
    figure = draw(pipeline, data, np.flatnonzero(unseen)[N_SLICES // 2])
    options.output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.output, dpi=100)
    print(options.output)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=16)
    parser.add_argument("--output", type=Path, default=Path("demo-output/pipeline.png"))
    return parser.parse_args()


def draw(pipeline, data, index):
    """Five columns: pictures, contrast, keypoints, the row of numbers, probabilities."""
    X = data.images[[index]]
    figure = plt.figure(figsize=(12.5, 5), layout="constrained")
    grid = figure.add_gridspec(3, 5, width_ratios=[1, 1, 1, 2.6, 1.3])
    columns = [[figure.add_subplot(grid[row, column]) for row in range(3)] for column in range(3)]
    equalized = pipeline[:2].transform(X)
    draw_pictures(columns[0], X[0], pipeline["roi"].locate(X)[0], data.sequence_names)
    draw_contrast(columns[1], equalized[0])
    draw_keypoints(columns[2], equalized)
    draw_row(figure.add_subplot(grid[:, 3]), pipeline[:3].transform(X)[0], pipeline["selector"])
    draw_answer(figure.add_subplot(grid[:, 4]), pipeline.predict_proba(X)[0], data, index)
    return figure


def draw_pictures(axes, image, box, names):
    axes[0].set_title("QuadrantROI", fontsize=10)
    top, left, bottom, right = box
    for channel, (ax, name) in enumerate(zip(axes, names, strict=True)):
        plane = image[:, :, channel]
        ax.imshow(plane, cmap="gray", vmax=np.percentile(plane, 99.7))
        ax.add_patch(
            plt.Rectangle((left, top), right - left, bottom - top, fill=False, color=ORANGE, lw=1.5)
        )
        ax.text(6, 24, name, color="white", fontsize=9)
        ax.axis("off")


def draw_contrast(axes, image):
    axes[0].set_title("HistEqualize", fontsize=10)
    for channel, ax in enumerate(axes):
        ax.imshow(image[:, :, channel], cmap="gray")
        ax.axis("off")


def draw_keypoints(axes, equalized):
    axes[0].set_title("SIFT keypoints", fontsize=10)
    keypoints = SIFTDescriptors().fit_transform(equalized)[0]
    height, width = equalized.shape[1:3]
    for channel, ax in enumerate(axes):
        here = keypoints[keypoints["sequence"] == channel]
        ax.imshow(equalized[0, :, :, channel], cmap="gray", alpha=0.55)
        # Places are shares of the sides, sizes are pixels.
        place = here["column"] * width - 0.5, here["row"] * height - 0.5
        ax.scatter(*place, s=here["size"] ** 1.5, lw=0.7, ec=ORANGE, fc="none")
        ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        ax.axis("off")


def draw_row(ax, row, selector):
    """The 4,608 columns as 72 rows of 64: words above, fc7 below; what was kept is in colour."""
    kept = selector.get_support()
    words = row[:512] / row[:512].max()
    deep = row[512:] / np.percentile(row[512:], 99.5)
    shade = np.clip(np.concatenate([words, deep]), 0, 1).reshape(72, 64)
    ax.imshow(shade, cmap=SHADES, aspect="auto")
    chosen = np.ma.masked_array(shade, mask=~kept.reshape(72, 64))
    ax.imshow(chosen, cmap=tinted(), aspect="auto", vmin=0, vmax=1)
    ax.axhline(7.5, color="white", lw=3)
    ax.set_yticks([3.5, 40], ["512\nwords", "4,096\nVGG16"], fontsize=9)
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
    ax.set_title("SICF: one row of 4,608 numbers", fontsize=10)
    ax.set_xlabel(f"LyrebirdSelector keeps {kept.sum():,} of them (blue)", fontsize=9)


def tinted():
    return LinearSegmentedColormap.from_list("tinted", ["#56B4E9", BLUE])


def draw_answer(ax, probabilities, data, index):
    names = data.target_names
    truth = data.target[index]
    colours = [BLUE if kind == truth else "#bbbbbb" for kind in range(len(names))]
    ax.barh(names, probabilities, height=0.5, color=colours)
    for place, value in enumerate(probabilities):
        ax.text(0.02, place - 0.28, f"{names[place]}  {value:.2f}", fontsize=9, va="bottom")
    ax.set_yticks([])
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.6, -0.6))
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title("random forest", fontsize=10)
    ax.set_xlabel("probability (blue: the true class)", fontsize=9)


if __name__ == "__main__":
    main()
