"""What the spinal phantoms look like: two patients with each kind of tumour.

    python examples/phantom_sheet.py [--output docs/images/phantoms.png]

Of each patient: the whole field with the box of QuadrantROI, that box in each sequence, and the
labels that come with the pictures (orange tumour, blue oedema, green cavity).
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from sicf import QuadrantROI, make_spine_phantoms

COLOURS = {1: "#E69F00", 2: "#56B4E9", 3: "#009E73"}
N_EACH = 2
BLACK = {"facecolor": "black", "edgecolor": "black"}


def main():
    options = parse_options()
    data = make_spine_phantoms(options.patients, n_slices=3, random_state=options.seed)
    figure = draw(data)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.output, dpi=80, **BLACK)
    print(f"{options.output}: {N_EACH} patients with each of {data.target_names}")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("demo-output/phantoms.png"))
    return parser.parse_args()


def draw(data):
    """One row for each kind, its patients side by side."""
    sequences = data.sequence_names
    n_panels = len(sequences) + 2
    figure, axes = plt.subplots(
        len(data.target_names),
        N_EACH * n_panels,
        figsize=(1.6 * N_EACH * n_panels, 1.75 * len(data.target_names)),
        layout="constrained",
    )
    for kind, (name, row) in enumerate(zip(data.target_names, axes, strict=True)):
        for place, index in enumerate(middle_slices(data, kind)):
            panels = row[place * n_panels : (place + 1) * n_panels]
            draw_patient(panels, data.images[index], data.masks[index], sequences)
        row[0].text(0.03, 0.04, name, color="white", fontsize=9, transform=row[0].transAxes)
    return figure


def middle_slices(data, kind):
    """The middle slice of each of the first patients of one kind."""
    slices = np.flatnonzero(data.target == kind)
    patients = np.unique(data.groups[slices])[:N_EACH]
    of_patient = [slices[data.groups[slices] == patient] for patient in patients]
    return [numbers[len(numbers) // 2] for numbers in of_patient]


def draw_patient(panels, image, labels, sequences):
    whole, *cropped, labelled = panels
    box = QuadrantROI().locate([image])[0]
    inside = np.s_[box[0] : box[2], box[1] : box[3]]
    show(whole, image[:, :, 1], f"{sequences[1]}, whole field")
    size = box[2:] - box[:2]
    whole.add_patch(plt.Rectangle(box[1::-1], *size[::-1], fill=False, edgecolor="#E69F00"))
    for channel, (ax, name) in enumerate(zip(cropped, sequences, strict=True)):
        show(ax, image[inside][:, :, channel], name)
    show(labelled, image[inside][:, :, 1], "labels")
    for label, colour in COLOURS.items():
        if (labels == label).any():
            part = (labels[inside] == label).astype(float)
            labelled.contourf(part, [0.5, 1.5], colors=colour, alpha=0.5)


def show(ax, plane, title):
    ax.imshow(plane, cmap="gray", vmin=0, vmax=np.percentile(plane, 99.7))
    ax.set_title(title, color="white", fontsize=7, pad=3)
    ax.axis("off")


if __name__ == "__main__":
    main()
