"""The protocol of the paper's Table 4, for whoever has MSRS, M3FD, RoadScene or LLVIP.

A fuser learns on the training part, or is given its weights, and fuses the test part: infrared with
the luminance of the visible picture. Printed are the means of `fusion_metrics` with 95 % intervals
bootstrapped over pictures; and, with networks of torchvision's on weights that the user names,
mAP@0.5 of a Faster R-CNN and mIoU of a DeepLabV3 on the fused pictures in the colours of the
visible ones. Sets that nobody has split are split here: a fifth, drawn with the seed, is the test.

    python -m benchmarks.fusion_protocol --data MSRS --layout msrs --fuser densefuse
        [--limit 50] [--weights fuser.safetensors] [--segmenter deeplab.pth]
        [--split detection --detector rcnn.pth]

Boxes of MSRS are in its part "detection", labels of pixels in "test". The networks have as many
outputs as the set has classes, the background included. TSJNet learns here without the losses of
its tasks, for which networks would have to be trained first: `TSJNet(target_loss=, semantic_loss=)`
takes them, and ``--weights`` what it learnt.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.fusion_tasks import detect, segment
from benchmarks.paper_tables_text import markdown
from sicf import (
    DenseFuse,
    FusionGAN,
    MedFusionGAN,
    TSJNet,
    fusion_metrics,
    load_fusion_pairs,
    published_tables,
)

FUSERS = {
    "densefuse": (DenseFuse, {}),
    "fusiongan": (FusionGAN, {"base_channels": 32}),
    "medfusiongan": (MedFusionGAN, {"perceptual_weights": None}),
    "tsjnet": (TSJNet, {}),
}
SHARE = 5


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    start = time.perf_counter()
    training, test = load(options)
    fuser = make_fuser(options).fit(training)
    learnt = time.perf_counter() - start
    fused = list(fuser.transform(test.images))
    lines = [
        f"{test.layout}, {options.fuser}: {len(training)} pairs to learn from, {len(fused)} of "
        f"{options.split!r} to be fused; {learnt:.0f} s to load and learn, "
        f"{time.perf_counter() - start:.0f} s in all, on {options.threads} thread(s).",
        "",
        metrics_text(test.images, fused),
        *tasks_text(options, test, fused),
    ]
    print("\n".join(lines))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the set's own folder")
    parser.add_argument("--layout", default="auto")
    parser.add_argument("--split", default="test", help='MSRS has boxes in "detection"')
    parser.add_argument("--fuser", choices=list(FUSERS), default="densefuse")
    parser.add_argument("--weights", type=Path, help="of the fuser, which then does not learn")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--patch-size", type=int)
    parser.add_argument("--limit", type=int, help="pairs of each part")
    parser.add_argument("--detector", type=Path, help="weights of fasterrcnn_resnet50_fpn")
    parser.add_argument("--segmenter", type=Path, help="weights of deeplabv3_resnet101")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def load(options):
    """Pictures to learn from, and the Bunch to test on."""
    where = {"layout": options.layout, "limit": options.limit, "verbose": 1}
    try:
        test = load_fusion_pairs(options.data, split=options.split, **where)
    except ValueError as exc:
        if "split must be one of (None,)" not in str(exc):
            raise
        return split_by_chance(load_fusion_pairs(options.data, **where), options.seed)
    return load_fusion_pairs(options.data, split="train", **where).images, test


def split_by_chance(data, seed):
    """A fifth is the test; there are no official parts."""
    order = np.random.default_rng(seed).permutation(len(data.names))
    n_test = max(1, len(order) // SHARE)
    chosen, rest = np.sort(order[:n_test]), np.sort(order[n_test:])
    training = [data.images[row] for row in rest]
    for key in ("images", "labels", "names", "infrared_files", "visible_files"):
        if data[key] is not None:
            data[key] = [data[key][row] for row in chosen]
    return training, data


def make_fuser(options):
    make, settings = FUSERS[options.fuser]
    asked = {
        "weights": options.weights,
        "epochs": options.epochs,
        "patch_size": options.patch_size,
    }
    settings = settings | {name: value for name, value in asked.items() if value is not None}
    return make(**settings, n_threads=options.threads, random_state=options.seed, verbose=1)


def metrics_text(pairs, fused):
    """Means over pictures, whose sizes may differ."""
    infrared, visible = ([pair[:, :, which] for pair in pairs] for which in (0, 1))
    found = fusion_metrics(infrared, visible, [255 * picture for picture in fused])
    rows = []
    for name, values in found.items():
        known = values[~np.isnan(values)]
        rows.append([name, interval(known), str(len(known))])
    note = "In brackets 95 % intervals, of 1,000 resamples of the pictures, where there are two."
    return markdown("Fused pictures.", ["metric", "mean", "pictures"], rows, note)


def interval(values):
    if not len(values):
        return "not defined"
    if len(values) == 1:
        return f"{values[0]:.3f}"
    drawn = np.random.default_rng(0).integers(0, len(values), (1000, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def tasks_text(options, test, fused):
    """Table 4's two measures, each where weights are given for it."""
    if options.detector is None and options.segmenter is None:
        return []
    pictures = [
        in_colour(picture, path) for picture, path in zip(fused, test.visible_files, strict=True)
    ]
    published = published_tables()[4]
    rows = []
    for column, weights, measure in (
        ("Detection mAP@0.5 (%)", options.detector, detect),
        ("Segmentation mIoU (%)", options.segmenter, segment),
    ):
        if weights is not None:
            value = 100 * measure(weights, pictures, test.labels, test.label_names)
            rows.append([column, f"{value:.2f} / {published.loc['Mean ± Std', column]}"])
    note = (
        "After the stroke the paper's, as published, not reproduced: TSJNet on MSRS, mean of five "
        "folds, by networks that it does not name."
    )
    return ["", markdown("Table 4. Tasks on fused pictures.", ["measure", "value"], rows, note)]


def in_colour(fused, path):
    """The fused picture as luminance, with the colours of the visible one, in RGB."""
    with Image.open(path) as picture:
        colours = picture.convert("RGB").convert("YCbCr").split()
    luminance = Image.fromarray(np.round(255 * fused).astype(np.uint8))
    return np.array(Image.merge("YCbCr", (luminance, *colours[1:])).convert("RGB"))


if __name__ == "__main__":
    main()
