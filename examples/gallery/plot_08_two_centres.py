"""
A study of two centres
======================

Will it work at the next hospital? Folds that mix the centres do not ask that. Leaving one centre
out does: train here, test there. The phantoms of the second centre come from a weaker scanner:
more noise, a more uneven coil, a wider field of view.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import LeaveOneSiteOut, MaskROI, ThumbnailFeatures, evaluate, make_spine_phantoms

# %%
# Two scanners
# ------------

SHAPE = (160, 160)
north = make_spine_phantoms(45, n_slices=1, shape=SHAPE, random_state=0)
south = make_spine_phantoms(
    45, n_slices=1, shape=SHAPE, noise=0.06, bias=1.2, field_of_view=230, random_state=1
)
centres = {"north": north, "south": south}
X = np.concatenate(
    [np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3) for data in (north, south)]
)
kind = np.concatenate([north.target, south.target])
labels = np.where(kind == 2, "hemangioblastoma", "other")
sites = np.repeat(list(centres), 45)
patients = np.arange(len(X))

figure, axes = plt.subplots(2, 4, figsize=(8.4, 4.4), layout="constrained")
for row, (name, data) in zip(axes, centres.items(), strict=True):
    for ax, picture in zip(row, data.images[:4, :, :, 2], strict=True):
        ax.imshow(picture, cmap="gray", vmax=np.percentile(picture, 99.7))
        ax.axis("off")
    row[0].text(4, 16, name, color="white", fontsize=11)
plt.show()
