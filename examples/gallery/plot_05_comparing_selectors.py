"""
Comparing selectors
===================

Six ways to choose columns for the same forest: the Lyrebird search as it works here, the same as
the paper words it, a filter, Boruta, chance, and no choice at all. All are fitted inside the same
training parts, and what counts is the difference, with its interval.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline

from sicf import (
    BorutaSelector,
    LyrebirdSelector,
    MaskROI,
    RandomColumns,
    ThumbnailFeatures,
    evaluate,
    make_spine_phantoms,
)

# %%
# The columns
# -----------
#
# Thumbnails of the tumour's surroundings in three sequences. They learn nothing from the labels, so
# they may be made once, for everybody. The selectors do learn, and stay inside the folds.

data = make_spine_phantoms(60, n_slices=1, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
y = np.asarray(data.target_names)[data.target]
columns = make_pipeline(MaskROI(32, mask=3, mask_labels=[1]), ThumbnailFeatures(12, mask=3))
columns = columns.fit_transform(X)
print(columns.shape)

# %%
# The selectors
# -------------
#
# Small searches with small forests, so that the example is done soon. Boruta confirms nothing on so
# few patients if a column must beat the best of all permuted copies; ``percentile=90`` asks less.

forest = RandomForestClassifier(20, max_depth=10, random_state=0)
shallow = RandomForestClassifier(60, max_depth=5, random_state=0)
search = {"population_size": 4, "max_iter": 3, "cv": 3, "random_state": 0}
selectors = {
    "Lyrebird, robust": LyrebirdSelector(forest, reserve=0, **search),
    "Lyrebird, paper": LyrebirdSelector(forest, mode="paper", **search),
    "20 best by F test": SelectKBest(k=20),
    "Boruta": BorutaSelector(shallow, max_iter=20, percentile=90, random_state=0),
    "20 by chance": RandomColumns(20, random_state=0),
    "all columns": "passthrough",
}
systems = {
    name: make_pipeline(selector, RandomForestClassifier(random_state=0))
    for name, selector in selectors.items()
}
result = evaluate(systems, columns, y, groups=data.groups, random_state=0)

# %%
# Differences
# -----------
#
# Left, each by itself. Right, each less all columns, on the same resamples of the same patients:
# luck that all share drops out.

BLUE, ORANGE = "#0072B2", "#D55E00"
alone = {name: result.metrics(name)["AUC"] for name in systems}
less = result.compare("all columns").query("metric == 'AUC' and test == 'paired bootstrap'")
less = less.set_index("b")

figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.3), sharey=True, layout="constrained")
for row, (name, area) in enumerate(alone.items()):
    axes[0].plot([area.low, area.high], [row, row], color=BLUE, linewidth=2)
    axes[0].plot(area.value, row, "s", color=BLUE)
    if name in less.index:
        # `compare` takes the rival from all columns; here it is the other way round.
        value, low, high = -less.loc[name, ["difference", "high", "low"]].astype(float)
        axes[1].plot([low, high], [row, row], color=ORANGE, linewidth=2)
        axes[1].plot(value, row, "s", color=ORANGE)
        axes[1].text(
            1.02,
            row,
            f"{value:+.2f} [{low:+.2f}, {high:+.2f}]".replace("-", "−"),
            va="center",
            transform=axes[1].get_yaxis_transform(),
        )
axes[1].axvline(0, color="#888888", linewidth=1, linestyle=":")
axes[0].set_yticks(range(len(alone)), list(alone))
axes[0].set(title="AUC [95% over patients]", ylim=(len(alone) - 0.5, -0.5))
axes[1].set(title="less all columns")
for ax in axes:
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.3, linewidth=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
plt.show()

# %%
# What the differences mean, and what not
# ---------------------------------------
#
# - An interval that holds 0 is no proof that two selectors are alike. It says that sixty patients
#   cannot tell them apart.
# - One that does not hold 0 is one of five, on one set of phantoms, with one seed of folds.
#   ``p_holm`` is corrected for the five, and nothing is corrected for the metrics, so name yours
#   before.
# - The intervals hold the luck of who was tested. They do not hold the luck of the search: another
#   `random_state` finds other columns.
# - A selector that is no better than chance with as many columns has found nothing that a forest
#   could not do without. It may still be worth having, for its short list.

# How many columns each kept, fold by fold:

for name in ("Lyrebird, robust", "Lyrebird, paper", "Boruta"):
    facts = result.about[name]
    print(name, [count for fold in facts for key, count in fold.items() if "n_selected" in key])
