"""
Selection outside of the folds
==============================

Columns that are selected before cross-validation have seen the patients who will be tested. Here
is what that does where there is nothing to find: columns of noise, and labels shuffled between
patients, again and again. Whatever is then above one half is the leak.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sicf import evaluate

N_PATIENTS, N_COLUMNS, N_SELECTED, N_SHUFFLES = 60, 500, 20, 40

# %%
# The right way and the wrong one
# -------------------------------
#
# Inside, the selector is a step of the pipeline and is fitted on each training part. Outside, it is
# fitted once, on everybody, and the folds come after: the tested patients have helped to pick the
# columns that happen to fit their labels.


def both_ways(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N_PATIENTS, N_COLUMNS))
    y = rng.permutation(np.arange(N_PATIENTS) % 2)
    selector, classifier = SelectKBest(k=N_SELECTED), LogisticRegression()
    options = {"random_state": seed, "n_bootstrap": 1}
    inside = evaluate(make_pipeline(selector, classifier), X, y, **options)
    outside = evaluate(classifier, selector.fit_transform(X, y), y, **options)
    return inside.metrics()["AUC"].value, outside.metrics()["AUC"].value


areas = np.array([both_ways(seed) for seed in range(N_SHUFFLES)])
print(f"mean AUC: inside {areas[:, 0].mean():.2f}, outside {areas[:, 1].mean():.2f}")

# %%
# Two distributions of nothing
# ----------------------------
#
# Selected inside, the areas lie about one half, as they must. Selected outside, the same noise
# reads like a paper.

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
bins = np.linspace(0.2, 1, 33)
ways = (("inside the folds", "#0072B2", "center"), ("before, on everybody", "#D55E00", "right"))
for values, (name, color, side) in zip(areas.T, ways, strict=True):
    ax.hist(values, bins, color=color, alpha=0.75, edgecolor="white", linewidth=0.6)
    ax.axvline(values.mean(), color=color, linewidth=2)
    ax.annotate(
        f"selected {name}\nmean {values.mean():.2f}",
        (1 if side == "right" else values.mean(), 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        color=color,
        ha=side,
        fontsize=10,
    )
ax.axvline(0.5, color="#888888", linewidth=1, linestyle=":")
ax.set(xlabel="AUC of a model of noise", ylabel="shuffles of the labels", xlim=(0.2, 1))
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# The leak is as large as there are columns to choose from and patients too few to contradict.
# It is no matter of the selector: whatever has looked at the labels of tested patients, a filter, a
# search or a fine-tuned network, belongs inside. ``examples/selection_leak.py`` has the same with
# the Lyrebird search.
