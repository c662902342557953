"""
A study of two centres
======================

Two centres sent patients. One treats mostly hemangioblastomas, the other mostly ependymomas, and
their scanners differ. A classifier can then do well by telling the scanners apart. Folds that mix
the centres do not notice; leaving one centre out does.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import (
    LeaveOneSiteOut,
    QuadrantROI,
    ThumbnailFeatures,
    evaluate,
    evaluation_from_scores,
    make_spine_phantoms,
)

# %%
# Two scanners, two mixtures
# --------------------------
#
# The scanner in the south is noisier and has a more uneven coil. Of each centre's phantoms we keep
# 48 with its usual tumour, and 16 with the other.


def centre(usual, rare, **scanner):
    data = make_spine_phantoms(150, n_slices=1, sequences=("T1ce",), shape=(96, 96), **scanner)
    kind = np.asarray(data.target_names)[data.target]
    kept = np.r_[np.flatnonzero(kind == usual)[:48], np.flatnonzero(kind == rare)[:16]]
    return data.images[kept, :, :, 0], kind[kept]


north = centre("hemangioblastoma", "ependymoma", random_state=0)
south = centre("ependymoma", "hemangioblastoma", noise=0.04, bias=0.6, random_state=1)
X = np.concatenate([north[0], south[0]])
y = np.concatenate([north[1], south[1]])
sites = np.repeat(["north", "south"], 64)

figure, axes = plt.subplots(2, 5, figsize=(8.4, 3.6), layout="constrained")
for row, name in zip(axes, ("north", "south"), strict=True):
    for ax, picture in zip(row, X[sites == name][45:50], strict=True):
        ax.imshow(picture, cmap="gray", vmax=np.percentile(picture, 99.7))
        ax.axis("off")
    row[0].text(3, 10, name, color="white", fontsize=11)
plt.show()

# %%
# Mixed folds, and a centre left out
# ----------------------------------
#
# The same pipeline both times: a forest on thumbnails of the region about the canal, which knows
# little of tumours and much of noise.

pipeline = make_pipeline(
    QuadrantROI(64), ThumbnailFeatures(), RandomForestClassifier(random_state=0)
)
mixed = evaluate(pipeline, X, y, sites=sites, outer=5, random_state=0)
left_out = evaluate(pipeline, X, y, sites=sites, outer=LeaveOneSiteOut(), random_state=0)

# %%
# And a question that costs one line: do the pictures tell the centre?
scanner = evaluate(pipeline, X, sites, outer=5, random_state=0)

# %%
# An area over both centres pairs patients of the one with patients of the other, so that knowing
# the scanner is enough to be above one half. Within a centre it is no help.
# :func:`sicf.evaluation_from_scores` takes the answers for one centre, and gives them intervals of
# their own.


def area_within(result, name):
    (scores,) = result.scores.values()
    here = sites == name
    return evaluation_from_scores(y[here], scores[0, here]).metrics()["AUC"]


BLUE, ORANGE = "#0072B2", "#D55E00"
rows = [
    ("which centre? mixed folds", scanner.metrics()["AUC"], "#888888"),
    ("which tumour? mixed folds", mixed.metrics()["AUC"], ORANGE),
]
for name in ("north", "south"):
    rows.append((f"which tumour? {name} left out", area_within(left_out, name), BLUE))

figure, ax = plt.subplots(figsize=(7.2, 3), layout="constrained")
for row, (_, area, color) in enumerate(rows):
    ax.plot([area.low, area.high], [row, row], color=color, linewidth=2)
    ax.plot(area.value, row, "s", color=color)
    ax.text(1.02, row, str(area), va="center", transform=ax.get_yaxis_transform())
ax.axvline(0.5, color="#888888", linewidth=1, linestyle=":")
ax.set_yticks(range(len(rows)), [name for name, _, _ in rows])
ax.set(title="AUC [95% over patients]", ylim=(len(rows) - 0.5, -0.5))
ax.tick_params(axis="y", length=0)
ax.grid(axis="x", alpha=0.3, linewidth=0.6)
ax.spines[["top", "right", "left"]].set_visible(False)
plt.show()

# %%
# Mixed folds read like a finding. A centre that is left out shows that nothing of the tumours was
# learnt. Where classes and centres coincide altogether no folds can show it, and
# :func:`sicf.evaluate` warns.
