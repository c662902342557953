"""Draw the pipeline as the landing page shows it, wide and tall, from one phantom patient.

    python docs/images/draw_flow.py [--patients 16]

Pictures, keypoints, columns and probabilities are those of a fitted `make_sicf_lorf`; its VGG16 is
seeded and untrained. Colours are those of the page, so that both files suit light and dark.
"""

import argparse
import base64
import io
from pathlib import Path

import numpy as np
import sklearn
from PIL import Image

from sicf import SIFTDescriptors, make_sicf_lorf, make_spine_phantoms

HERE = Path(__file__).parent
N_SLICES = 3
T2 = 1
TILE = 120
STYLE = """<style>
.sicf-flow{font-family:var(--pst-font-family-base,system-ui,sans-serif);display:block;width:100%}
.sicf-flow text{fill:var(--pst-color-text-base,#333);font-size:13px;text-anchor:middle}
.sicf-flow .name{font-weight:600;font-size:13.5px}
.sicf-flow .note{fill:var(--pst-color-text-muted,#666);font-size:12px}
.sicf-flow .left{text-anchor:start}
.sicf-flow-wide text,.sicf-flow-wide .name{font-size:16px}
.sicf-flow-wide .note{font-size:14px}
.sicf-flow .line{stroke:var(--pst-color-text-muted,#777);stroke-width:1.6;fill:none}
.sicf-flow .head{fill:var(--pst-color-text-muted,#777)}
.sicf-flow .pane{fill:var(--pst-color-surface,#f1f2f4)}
.sicf-flow .cell{fill:var(--pst-color-text-base,#333)}
.sicf-flow .box{stroke:#e69f00;stroke-width:2;fill:none}
.sicf-flow .key{stroke:#e69f00;stroke-width:1;fill:none}
.sicf-flow .kept{fill:#2b8fd0}
.sicf-flow .brace{stroke:#2b8fd0;stroke-width:1.6;fill:none;stroke-dasharray:4 4}
</style>"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=16)
    facts = follow(parser.parse_args().patients)
    (HERE / "flow_wide.svg").write_text(wide(facts))
    (HERE / "flow_tall.svg").write_text(tall(facts))


def follow(n_patients):
    """What a fitted pipeline does with a patient that it has not seen."""
    data = make_spine_phantoms(n_patients, n_slices=N_SLICES, random_state=0)
    unseen = data.groups == data.groups[-1]
    pipeline = make_sicf_lorf(weights=None, population_size=8, max_iter=5, n_jobs=2, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline.fit(data.images[~unseen], data.target[~unseen], groups=data.groups[~unseen])
    X = data.images[[np.flatnonzero(unseen)[N_SLICES // 2]]]
    crops = pipeline[:2].transform(X)
    keypoints = SIFTDescriptors(max_keypoints=60).fit_transform(crops)[0]
    return {
        "picture": X[0, :, :, T2] / np.percentile(X[0, :, :, T2], 99.7),
        "box": pipeline["roi"].locate(X)[0] / X.shape[1],
        "crop": crops[0, :, :, T2] / 255,
        "keypoints": keypoints[keypoints["sequence"] == T2],
        "row": pipeline[:3].transform(X)[0],
        "kept": pipeline["selector"].get_support(),
        "names": [str(name) for name in data.target_names],
        "probabilities": pipeline.predict_proba(X)[0],
    }


def wide(facts):
    """All stations from left to right."""
    parts = [
        picture(facts, 10, 90),
        words(70, 250, "QuadrantROI", "finds the canal"),
        arrow(136, 150, 168, 150),
        image(facts["crop"], 174, 90),
        words(234, 250, "HistEqualize", "one contrast"),
        fork(300, 150, 336, (70, 232)),
        keypoints(facts, 342, 10),
        words(402, 150, "SIFTBoVW", None),
        network(342, 172),
        words(402, 312, "VGG16Embedder", None),
        fork(504, 150, 468, (70, 232), joins=True),
        columns(facts, 510, 70),
        words(640, 250, "LyrebirdSelector", "keeps some of 4,608 columns"),
        arrow(776, 150, 808, 150),
        trees(814, 90),
        words(874, 250, "random forest", "100 trees"),
        arrow(940, 150, 972, 150),
        answer(facts, 982, 96),
        words(1062, 250, "probabilities", "of this patient"),
        '<path class="brace" d="M342 336v10h598v-10"/>',
        words(641, 366, "evaluate", "all of this anew in each fold, no patient on both sides"),
    ]
    return svg(1152, 392, parts, "sicf-flow-wide")


def tall(facts):
    """The same from top to bottom, for narrow screens."""
    parts = [
        picture(facts, 20, 8),
        words(80, 150, "QuadrantROI", None),
        arrow(146, 68, 184, 68),
        image(facts["crop"], 190, 8),
        words(250, 150, "HistEqualize", None),
        '<path class="line" d="M250 160v16M80 176h170M80 176v10M250 176v10"/>',
        arrow(80, 180, 80, 194),
        arrow(250, 180, 250, 194),
        keypoints(facts, 20, 200),
        words(80, 340, "SIFTBoVW", None),
        network(190, 200),
        words(250, 340, "VGG16Embedder", None),
        '<path class="line" d="M80 350v14M250 350v14M80 364h170M165 364v8"/>',
        arrow(165, 364, 165, 382),
        columns(facts, 35, 388),
        words(165, 568, "LyrebirdSelector", "keeps some of 4,608 columns"),
        arrow(80, 594, 80, 612),
        trees(20, 618),
        words(80, 758, "random forest", None),
        arrow(146, 678, 164, 678),
        answer(facts, 172, 624),
        words(252, 758, "probabilities", None),
        '<path class="brace" d="M20 776v10h290v-10"/>',
        words(165, 806, "evaluate", "all of this anew in each fold of patients"),
    ]
    return svg(330, 836, parts, "sicf-flow-tall")


def svg(width, height, parts, name):
    title = "The pipeline: region of interest, contrast, SIFT and VGG16, selection, forest"
    return "\n".join(
        [
            f'<svg class="sicf-flow {name}" xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {width} {height}"><title>{title}</title>',
            STYLE,
            *parts,
            "</svg>\n",
        ]
    )


def words(x, y, name, note):
    below = f'<text class="note" x="{x}" y="{y + 17}">{note}</text>' if note else ""
    return f'<text class="name" x="{x}" y="{y}">{name}</text>{below}'


def arrow(x0, y0, x1, y1):
    """A line with a head, to the right or down."""
    if y0 == y1:
        head = f"M{x1} {y1}l-8 -4.5v9z"
        return f'<path class="line" d="M{x0} {y0}H{x1 - 7}"/><path class="head" d="{head}"/>'
    head = f"M{x1} {y1}l-4.5 -8h9z"
    return f'<path class="line" d="M{x0} {y0}V{y1 - 7}"/><path class="head" d="{head}"/>'


def fork(x, y, end, ends, joins=False):
    """One line to two, or with `joins` two to one, which has the head."""
    middle = (x + end) // 2
    if joins:
        lines = "".join(f"M{end} {branch}H{middle}V{y}" for branch in ends)
        return f'<path class="line" d="{lines}"/>' + arrow(middle, y, x, y)
    lines = f"M{x} {y}H{middle}" + "".join(f"M{middle} {y}V{branch}" for branch in ends)
    heads = "".join(arrow(middle, branch, end, branch) for branch in ends)
    return f'<path class="line" d="{lines}"/>{heads}'


def image(plane, x, y):
    """A plane in [0, 1] as a picture inside the file."""
    pixels = Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8))
    file = io.BytesIO()
    pixels.resize((2 * TILE, 2 * TILE), Image.Resampling.LANCZOS).save(file, "JPEG", quality=80)
    data = base64.b64encode(file.getvalue()).decode()
    place = f'x="{x}" y="{y}" width="{TILE}" height="{TILE}"'
    return f'<image {place} href="data:image/jpeg;base64,{data}"/>'


def picture(facts, x, y):
    top, left, bottom, right = facts["box"] * TILE
    place = f'x="{x + left:.1f}" y="{y + top:.1f}"'
    size = f'width="{right - left:.1f}" height="{bottom - top:.1f}"'
    return image(facts["picture"], x, y) + f'<rect class="box" {place} {size}/>'


def keypoints(facts, x, y):
    side = facts["crop"].shape[0]
    circles = [
        f'<circle class="key" cx="{x + point["column"] * TILE:.1f}" '
        f'cy="{y + point["row"] * TILE:.1f}" r="{point["size"] / 2 * TILE / side + 1.5:.1f}"/>'
        for point in facts["keypoints"]
    ]
    return image(facts["crop"] * 0.75, x, y) + "".join(circles)


def network(x, y):
    """Five blocks of convolutions, smaller and smaller, and two layers."""
    parts = [f'<rect class="pane" x="{x}" y="{y}" width="{TILE}" height="{TILE}" rx="4"/>']
    left = x + 9
    for height, thick in ((92, 8), (74, 10), (56, 12), (40, 14), (26, 16)):
        top = y + (TILE - height) / 2
        shape = f'x="{left}" y="{top}" width="{thick}" height="{height}" rx="2"'
        parts.append(f'<rect class="cell" opacity=".55" {shape}/>')
        left += thick + 4
    for _ in range(2):
        shape = f'x="{left}" y="{y + 14}" width="5" height="{TILE - 28}" rx="2"'
        parts.append(f'<rect class="kept" {shape}/>')
        left += 9
    return "".join(parts)


def columns(facts, x, y, across=36, down=20, side=7.2):
    """A sample of the row's cells, words above; those that the selector kept are blue."""
    row, kept = facts["row"], facts["kept"]
    n_words = 4 * across
    rng = np.random.default_rng(0)
    shown = np.concatenate(
        [
            np.sort(rng.choice(512, n_words, replace=False)),
            512 + np.sort(rng.choice(4096, across * down - n_words, replace=False)),
        ]
    )
    scale = np.where(shown < 512, row[:512].max(), np.percentile(row[512:], 99))
    shade = np.clip(row[shown] / scale, 0, 1)
    parts = []
    for place, (value, keep) in enumerate(zip(shade, kept[shown], strict=True)):
        left = x + side * (place % across)
        top = y + side * (place // across) + (5 if place >= n_words else 0)
        look = 'class="kept"' if keep else f'class="cell" opacity="{0.06 + 0.6 * value:.2f}"'
        parts.append(f'<rect {look} x="{left:.1f}" y="{top:.1f}" width="6.4" height="6.4"/>')
    return "".join(parts)


def trees(x, y):
    """Three trees, each a split of splits."""
    parts = [f'<rect class="pane" x="{x}" y="{y}" width="{TILE}" height="{TILE}" rx="4"/>']
    for root_x, root_y in ((38, 18), (82, 18), (60, 66)):
        x0, y0 = x + root_x, y + root_y
        parts.append(
            f'<path class="line" d="M{x0} {y0}l-11 15M{x0} {y0}l11 15M{x0 - 11} {y0 + 15}l-5 15'
            f'M{x0 - 11} {y0 + 15}l5 15M{x0 + 11} {y0 + 15}l-5 15M{x0 + 11} {y0 + 15}l5 15"/>'
        )
        parts += [
            f'<circle class="kept" cx="{x0 + dx}" cy="{y0 + dy}" r="3.4"/>'
            for dx, dy in ((0, 0), (-11, 15), (11, 15), (-16, 30), (-6, 30), (6, 30), (16, 30))
        ]
    return "".join(parts)


def answer(facts, x, y):
    """A bar for each class."""
    parts = []
    pairs = zip(facts["names"], facts["probabilities"], strict=True)
    for place, (name, probability) in enumerate(pairs):
        top = y + 38 * place
        parts.append(f'<text class="left" x="{x}" y="{top + 10}">{name}</text>')
        bar = f'x="{x}" y="{top + 15}" height="10" rx="2"'
        parts.append(f'<rect class="cell" opacity=".12" width="150" {bar}/>')
        parts.append(f'<rect class="kept" width="{150 * probability:.1f}" {bar}/>')
    return "".join(parts)


if __name__ == "__main__":
    main()
