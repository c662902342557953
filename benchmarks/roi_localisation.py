"""Does the box hold the cord? QuadrantROI beside the literal reading and the best fixed box.

For each series of real slices with a mask, and for phantoms: the share of slices in which the box
holds at least 95 % of the mask, as the slices are and shifted along either axis by up to a fifth of
that side (filled from the edge). All boxes of a row have the same size. The fixed box is placed
where it does best on those very slices and shifts, which only an oracle could know. The literal
reading takes the column that makes the mean intensities left and right of it most alike, and then,
again and again, the half with the higher mean intensity near that column.

    SICF_DATA=folder python benchmarks/roi_localisation.py [--figure boxes.png] [--noise 0.01]

``--noise`` lays so much noise, as a share of the largest pixel, over shifted pictures, so that the
filled edge is not as smooth as no scanner makes it.
"""

import argparse
import os
import time
from pathlib import Path

import nibabel
import numpy as np

from sicf import QuadrantROI, make_spine_phantoms
from sicf.images import plot_boxes
from sicf.images._canal import mean_plane
from sicf.images._roi import place_box

SHARES = (-0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.15, 0.2)
HELD = 0.95
SERIES = {
    "t2s, whole field": (["t2s/t2s_uncropped"], "t2s/t2s_uncropped_gmseg_manual"),
    "t2s": (["t2s/t2s"], "t2s/t2s_seg"),
    "t2": (["t2/t2"], "t2/t2_seg-manual"),
    "t1": (["t1/t1w"], "t1/t1w_seg-manual"),
    "mt0": (["mt/mt0"], "mt/mt0_seg"),
    "mt1": (["mt/mt1"], "mt/mt1_seg"),
    "mt, three sequences": (["mt/mt0", "mt/mt1", "mt/t1w"], "mt/mt1_seg"),
}


def main():
    options = parse_options()
    sets = {name: read_series(*files) for name, files in SERIES.items()}
    phantoms = make_spine_phantoms(options.patients, random_state=0)
    sets["phantoms (tumour)"] = phantoms.images, phantoms.masks == 1
    print("| series | slices | box, share of sides | ms | QuadrantROI | literal | fixed | ", end="")
    print("QuadrantROI, shifted | literal, shifted | best fixed, shifted |")
    print("|---" * 10 + "|")
    for name, (images, masks) in sets.items():
        print(row(name, images, masks, options.noise), flush=True)
    if options.figure:
        draw(sets, options.figure)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--noise", type=float, default=0, help="over shifted pictures")
    parser.add_argument("--patients", type=int, default=60, help="phantom patients")
    return parser.parse_args()


def read_series(images, mask):
    """Axial slices with a mask, front upwards; images (n, H, W, M), masks (n, H, W)."""
    channels = [read_volume(name) for name in images]
    masks = read_volume(mask) > 0
    kept = masks.any(axis=(1, 2))
    return np.stack(channels, axis=3)[kept], masks[kept]


def read_volume(name):
    path = Path(os.environ["SICF_DATA"]) / "sct_nifti" / f"{name}.nii.gz"
    volume = np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)
    return np.flip(volume.transpose(2, 1, 0), axis=1).astype(float)


def row(name, images, masks, noise=0):
    roi = QuadrantROI()
    start = time.perf_counter()
    boxes = roi.locate(images)
    milliseconds = (time.perf_counter() - start) / len(images) * 1000
    size = boxes[0, 2:] - boxes[0, :2]
    plain = [(images, masks)]
    shifted = [shift(images, masks, *by) for by in all_shifts(images.shape)]
    if noise:
        rng = np.random.default_rng(0)
        sigma = noise * images.max()
        shifted = [(x + rng.normal(0, sigma, x.shape), mask) for x, mask in shifted]
    cells = []
    for cases in (plain, shifted):
        located = [(roi.locate(x), m) for x, m in cases]
        literal = [(literal_boxes(x, size), m) for x, m in cases]
        cells += [share_held(located), share_held(literal), best_fixed(cases, size)]
    sides = " x ".join(f"{side:.2f}" for side in size / images.shape[1:3])
    figures = " | ".join(f"{cell:.1%}" for cell in cells)
    return f"| {name} | {len(images)} | {sides} | {milliseconds:.1f} | {figures} |"


def all_shifts(shape):
    rows = [(round(share * shape[1]), 0) for share in SHARES]
    return rows + [(0, round(share * shape[2])) for share in SHARES if share]


def shift(images, masks, down, right):
    """Move pictures, filled from the edge, and masks, filled with nothing."""
    _, rows, columns = masks.shape
    from_row, from_column = np.arange(rows) - down, np.arange(columns) - right
    inside = [(at >= 0) & (at < side) for at, side in ((from_row, rows), (from_column, columns))]
    grid = np.ix_(np.clip(from_row, 0, rows - 1), np.clip(from_column, 0, columns - 1))
    moved = masks[:, grid[0], grid[1]] & inside[0][:, None] & inside[1]
    return images[:, grid[0], grid[1]], moved


def share_held(cases):
    """Share of the slices with a mask whose box holds enough of it."""
    held = [
        mask[top:bottom, left:right].sum() >= HELD * mask.sum()
        for boxes, masks in cases
        for (top, left, bottom, right), mask in zip(boxes, masks, strict=True)
        if mask.any()
    ]
    return np.mean(held)


def best_fixed(cases, size):
    """Share held by the box of this size at the one place that holds most slices."""
    masks = np.concatenate([masks for _, masks in cases])
    masks = masks[masks.any(axis=(1, 2))]
    sums = np.pad(masks.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    height, width = size
    inside = (
        sums[:, height:, width:]
        - sums[:, :-height, width:]
        - sums[:, height:, :-width]
        + sums[:, :-height, :-width]
    )
    enough = inside >= HELD * masks.sum(axis=(1, 2))[:, None, None]
    return enough.mean(axis=0).max()


def literal_boxes(images, size):
    return np.array([literal_box(mean_plane(image), size) for image in images])


def literal_box(plane, size):
    """The paper's four steps word by word, on a box of the given size."""
    rows, columns = plane.shape
    halves = [
        abs(plane[:, :c].mean() - plane[:, c:].mean())
        for c in range(columns // 4, columns * 3 // 4)
    ]
    column = columns // 4 + int(np.argmin(halves))
    near = plane[:, max(0, column - columns // 8) : column + columns // 8].mean(axis=1)
    top, bottom = 0, rows
    while bottom - top > size[0] // 2:
        middle = (top + bottom) // 2
        upper = near[top:middle].mean() >= near[middle:bottom].mean()
        top, bottom = (top, middle) if upper else (middle, bottom)
    return place_box((top + bottom) / 2, column, *size, plane.shape)


def draw(sets, path):
    pictures, boxes, titles = [], [], []
    for name, (images, masks) in sets.items():
        for index in np.linspace(0, len(images) - 1, 4).round().astype(int):
            pictures.append(np.dstack([images[index, :, :, 0], masks[index]]))
            boxes.append(QuadrantROI().locate(images[[index]])[0])
            titles.append(name)
    figure = plot_boxes(pictures, boxes, titles=titles, n_columns=8, mask=1)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main()
