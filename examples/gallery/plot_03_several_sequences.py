"""
Several sequences
=================

A patient's T1, T2 and contrast-enhanced T1 are channels of one image. `fuse_sequences` says how
they become one row: averaged, or side by side. And where a patient lacks one, the reader can fill
it in, and says so.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import (
    HistEqualize,
    MaskROI,
    QuadrantROI,
    ReadImages,
    SIFTBoVW,
    evaluate,
    make_spine_phantoms,
)

# %%
# A mask is one more channel of the image, the last one here, and cross-validation slices it with
# the pictures. Its label 1 is the tumour.

data = make_spine_phantoms(60, n_slices=1, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
labels = np.asarray(data.target_names)[data.target]
print(X.shape, data.sequence_names)

# %%
# One row from three sequences
# ----------------------------
#
# With ``"mean"`` a visual word counts however often any sequence shows it, and the row keeps its
# length. ``"concat"`` keeps apart which sequence showed it, at three times the columns.


def words(how):
    sift = SIFTBoVW(
        24, fuse_sequences=how, sequence_names=data.sequence_names, mask=3, random_state=0
    )
    roi = MaskROI(96, mask=3, mask_labels=[1])
    return make_pipeline(roi, HistEqualize(mask=3), sift)


for how in ("mean", "concat"):
    names = words(how).fit(X).get_feature_names_out()
    print(f"{how}: {len(names)} columns, such as {names[-1]}")

# %%
# Which is better?
# ----------------
#
# Both are judged on the same folds. Intervals that overlap do not show that two systems are alike:
# the patients are the same, so the difference has an interval of its own.

systems = {
    how: make_pipeline(words(how), RandomForestClassifier(random_state=0))
    for how in ("mean", "concat")
}
result = evaluate(systems, X, labels, groups=data.groups, random_state=0)
result.plot_forest_plot("AUC")
plt.show()

# %%
difference = result.compare("concat", "mean").query("metric == 'AUC' and b == 'mean'")
print(difference[difference.test == "paired bootstrap"].round(3).to_string(index=False))

# %%
# In these phantoms contrast agent tells the classes apart, which a mean over the sequences hides.
# With other patients, or another network, the answer may be another.

# %%
# A missing sequence
# ------------------
#
# A file that is not there is None. That is an error, unless you say otherwise: nobody should learn
# from a picture that was never taken without knowing it.

patients = [tuple(np.moveaxis(image, -1, 0)) for image in data.images[:4]]
patients[0] = (patients[0][0], None, patients[0][2])
try:
    ReadImages().fit_transform(patients)
except ValueError as error:
    print(error)

# %%
# ``on_missing="mean_of_others"`` takes the mean of the patient's other sequences, each brought to
# its own range first, and a warning counts what was filled.

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    filled = ReadImages(on_missing="mean_of_others").fit_transform(patients)
print(said[0].message)

# %%
# What was filled in has the anatomy, and not the contrast: fluid is bright in a T2 and dark in the
# other two. Look at such pictures before you count on them.

top, left, bottom, right = QuadrantROI().locate(data.images[:1])[0]
pictures = [*np.moveaxis(data.images[0], -1, 0), filled[0, :, :, 1]]
titles = [*data.sequence_names, "T2, filled in"]
figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
for ax, picture, title in zip(axes, pictures, titles, strict=True):
    ax.imshow(picture[top:bottom, left:right], cmap="gray")
    ax.set_title(title, fontsize=10)
    ax.axis("off")
plt.show()
