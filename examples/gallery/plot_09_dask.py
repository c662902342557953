"""
The same on a cluster
=====================

All parallel work goes through joblib, so a cluster needs no other code: a client of its scheduler,
and one line round what is there already. The answers are the same to the last bit.
"""

import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import LyrebirdSelector, MaskROI, ThumbnailFeatures, evaluate, make_spine_phantoms

data = make_spine_phantoms(45, n_slices=1, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
y = np.asarray(data.target_names)[data.target]

# %%
# What there is to do
# -------------------
#
# A search over columns, and a cross-validation of the pipeline that holds it.

features = make_pipeline(MaskROI(32, mask=3, mask_labels=[1]), ThumbnailFeatures(12, mask=3))
forest = RandomForestClassifier(20, max_depth=10, random_state=0)
selector = LyrebirdSelector(
    forest, population_size=6, max_iter=8, cv=3, reserve=0, n_jobs=2, random_state=0
)
pipeline = make_pipeline(features, selector, RandomForestClassifier(20, random_state=0))


def work():
    search = selector.fit(features.fit_transform(X), y)
    result = evaluate(pipeline, X, y, outer=3, random_state=0, n_jobs=2)
    return search.history_, search.support_, result.scores["Pipeline"]


# %%
# Here, and there
# ---------------
#
# The cluster is two workers in this very process. For a real one, ``Client`` takes the address of
# its scheduler. What joblib would give to processes becomes tasks: the fits of a cross-validation,
# and the candidates of a search.

history, support, scores = work()

cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None)
with cluster, Client(cluster), parallel_config("dask"):
    history_on_dask, support_on_dask, scores_on_dask = work()

print("the same columns:", np.array_equal(support, support_on_dask))
print("the same probabilities, to the last bit:", np.array_equal(scores, scores_on_dask))

# %%
# The same answers
# ----------------
#
# Every random number is drawn before the work is handed out, so nothing depends on who does it, nor
# on who is done first. (The best of the search seems to get worse now and then: every second
# generation is scored on new folds.)

BLUE, ORANGE = "#0072B2", "#D55E00"
figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.6), width_ratios=(1.3, 1), layout="constrained")
axes[0].plot(history.iteration, history["best"], color=BLUE, linewidth=6, alpha=0.35, label="here")
axes[0].plot(
    history_on_dask.iteration, history_on_dask["best"], ".-", color=ORANGE, label="on dask"
)
axes[0].set(title="the search", xlabel="generation", ylabel="fitness of the best")
axes[0].legend(frameon=False, loc="lower right")
axes[1].plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":")
axes[1].scatter(scores, scores_on_dask, s=14, color=BLUE, alpha=0.5, linewidth=0)
axes[1].set(
    title="the cross-validation",
    xlabel="probability, here",
    ylabel="probability, on dask",
    aspect="equal",
)
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
