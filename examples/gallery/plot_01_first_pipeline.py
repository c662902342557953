"""
A first pipeline
================

From pictures of phantom patients to metrics with intervals, in four steps: make a cohort, look at
it, build a pipeline, evaluate it with each patient on one side of every split.
"""

# %%
# A cohort
# --------
# Twelve patients with two slices each, and T1, T2 and contrast-enhanced T1. ``groups`` says whose
# slice each picture is: whatever is split later has to know that.

import matplotlib.pyplot as plt

from sicf import make_spine_phantoms

data = make_spine_phantoms(12, n_slices=2, random_state=0)
print(data.images.shape, data.target_names)

# %%
# The region of interest
# ----------------------
# :class:`sicf.QuadrantROI` finds the spinal canal; ``locate`` gives its boxes, to be looked at
# before anything is computed from them.

from sicf import QuadrantROI

roi = QuadrantROI()
box = roi.fit(data.images).locate(data.images[:1])[0]
figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
for channel, ax in enumerate(axes):
    ax.imshow(data.images[0, :, :, channel], cmap="gray")
    ax.add_patch(
        plt.Rectangle(box[[1, 0]], box[3] - box[1], box[2] - box[0], fill=False, ec="#E69F00")
    )
    ax.set_title(data.sequence_names[channel])
    ax.axis("off")

# %%
# A pipeline
# ----------
# It is scikit-learn's own ``Pipeline``, so ``set_params``, ``clone`` and ``GridSearchCV`` work as
# ever. This one has no network, to be quick: visual words, and the forest of the paper.
# :func:`sicf.make_sicf_lorf` makes the whole system.

from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import HistEqualize, SIFTBoVW

forest = RandomForestClassifier(100, max_depth=20, class_weight="balanced", random_state=0)
pipeline = make_pipeline(roi, HistEqualize(), SIFTBoVW(64, random_state=0), forest)

# %%
# An answer with error bars
# -------------------------
# The words are learnt anew in each training part, and the intervals come from resampling patients,
# not slices. Twelve patients are far too few for an answer, and the intervals say so.

from sicf import evaluate

result = evaluate(pipeline, data.images, data.target, groups=data.groups, outer=3, random_state=0)
table = result.to_frame()
by_patient = table[table.level == "patients"].drop(columns=["level", "estimator"])
by_patient.round(2)

# %%
# One curve for each class. Whether one of them lies above the diagonal, chance, is luck here.

result.plot_roc()
plt.show()
