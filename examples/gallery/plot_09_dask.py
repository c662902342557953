"""
The same on a cluster
=====================

All parallel work goes through joblib, so a cluster needs no other code: a scheduler's client, and
one line about what is there already. The answers are the same to the last bit.
"""

import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client, LocalCluster, get_task_stream
from joblib import parallel_config
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import (
    GLCMFeatures,
    LyrebirdSelector,
    MaskROI,
    RepeatedFolds,
    evaluate,
    make_spine_phantoms,
)

data = make_spine_phantoms(40, n_slices=1, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
y = np.asarray(data.target_names)[data.target]
forest = RandomForestClassifier(20, max_depth=10, random_state=0)
pipeline = make_pipeline(
    MaskROI(32, mask=3, mask_labels=[1]),
    GLCMFeatures(mask=3),
    LyrebirdSelector(forest, population_size=4, max_iter=2, cv=3, reserve=0, random_state=0),
    RandomForestClassifier(50, random_state=0),
)


def cross_validate():
    outer = RepeatedFolds(4, n_repeats=2)
    return evaluate(pipeline, X, y, outer=outer, random_state=0, n_jobs=2)


# %%
# Here, and there
# ---------------
#
# The cluster is two workers in this very process; an address of a real one goes to ``Client``
# instead. Every fit of the cross-validation is a task of its own.

with parallel_config("sequential"):
    here = cross_validate()

with (
    LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster,
    Client(cluster) as client,
    get_task_stream(client) as stream,
    parallel_config("dask"),
):
    there = cross_validate()

# %%
# The same answers
# ----------------

(scores_here,), (scores_there,) = here.scores.values(), there.scores.values()
print("equal to the last bit:", np.array_equal(scores_here, scores_there))

# %%
# Left, all probabilities against each other. Right, who did what when: folds that end early leave
# their worker free for the next.

tasks = sorted(
    (step["start"], step["stop"], task["worker"])
    for task in stream.data
    for step in task["startstops"]
    if step["action"] == "compute"
)
begin, workers = tasks[0][0], sorted({worker for _, _, worker in tasks})

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), width_ratios=(1, 1.7), layout="constrained")
axes[0].plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":")
axes[0].scatter(scores_here, scores_there, s=10, color="#0072B2", alpha=0.5, linewidth=0)
axes[0].set(xlabel="probability, here", ylabel="probability, on dask", aspect="equal")
for start, stop, worker in tasks:
    row = workers.index(worker)
    axes[1].barh(row, stop - start, left=start - begin, height=0.5, color="#56B4E9", ec="white")
axes[1].set_yticks(range(len(workers)), [f"worker {row + 1}" for row in range(len(workers))])
axes[1].set(xlabel="seconds", title="one bar for each fit", ylim=(-0.6, len(workers) - 0.4))
axes[1].tick_params(axis="y", length=0)
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
