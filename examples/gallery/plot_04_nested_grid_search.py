"""
A grid search inside
====================

Parameters that were chosen by the patients on whom they are reported make a figure too good.
:func:`sicf.evaluate` chooses them inside each training part, by folds of its own, and tests the
choice on patients who had no say in it. That is nested cross-validation.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sicf import GLCMFeatures, MaskROI, ThumbnailFeatures, evaluate, make_spine_phantoms

data = make_spine_phantoms(40, n_slices=2, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
labels = np.asarray(data.target_names)[data.target]

# %%
# Three systems, two grids
# ------------------------
#
# Names of parameters are those of scikit-learn's grid search, and any step may be searched: here
# the size of a thumbnail, and the cost of a support vector machine. Who has no grid is fitted as it
# is.

roi = MaskROI(32, mask=3)
systems = {
    "texture, SVM": make_pipeline(roi, GLCMFeatures(mask=3), StandardScaler(), SVC()),
    "thumbnails, forest": make_pipeline(
        roi, ThumbnailFeatures(mask=3), RandomForestClassifier(50, random_state=0)
    ),
    "the most frequent class": DummyClassifier(),
}
grids = {
    "texture, SVM": {"svc__C": [0.1, 1, 10]},
    "thumbnails, forest": {
        "thumbnailfeatures__size": [4, 8, 16],
        "randomforestclassifier__max_features": ["sqrt", 0.5],
    },
}
result = evaluate(
    systems, X, labels, groups=data.groups, param_grids=grids, inner=3, random_state=0
)

# %%
# What was chosen
# ---------------
#
# Each fold chooses for itself. Choices that jump about say that the grid hardly matters, or that
# the patients are too few to tell. They also say which value not to write into a paper: the figure
# below belongs to the whole procedure, search included, and to none of the values.

pd.DataFrame(result.chosen["thumbnails, forest"]).rename_axis("fold")

# %%
# What it is worth
# ----------------
#
# Squares are values over all patients, lines their 95 % intervals, from resampling patients with
# both of their slices. Forty patients leave them wide.

result.plot_forest_plot("balanced accuracy")
plt.show()

# %%
# The same for people and for papers: every metric by slice and by patient.

print(result.to_markdown(metrics=("accuracy", "balanced accuracy", "AUC")))
