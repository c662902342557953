"""
Why this answer?
================

:func:`sicf.explain` takes a fitted pipeline apart: how much each part added to a probability, and
where in the picture the evidence lies. A map says what this model used, not what is there.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import SICF, MaskROI, SIFTBoVW, TorchEmbedder, explain, make_spine_phantoms

# %%
# A fitted pipeline
# -----------------
#
# Visual words and a small network side by side, each sequence with columns of its own. The network
# has seeded, untrained weights, so that the example needs no download: its filters answer to edges
# and to brightness.

data = make_spine_phantoms(70, n_slices=1, random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
y = np.asarray(data.target_names)[data.target]
shared = {"fuse_sequences": "concat", "sequence_names": data.sequence_names, "mask": 3}
pipeline = make_pipeline(
    MaskROI(96, mask=3, mask_labels=[1], margin=0.3),
    SICF(
        [
            ("sift", SIFTBoVW(24, random_state=0, **shared)),
            ("net", TorchEmbedder("squeezenet1_1", "features.4", input_size=96, **shared)),
        ]
    ),
    RandomForestClassifier(class_weight="balanced", random_state=0),
)
seen, new = np.arange(60), np.arange(60, 70)
pipeline.fit(X[seen], y[seen])

# %%
# One patient
# -----------
#
# Orange speaks for the class, blue against it. The bars begin at what the forest says before it has
# seen the picture, and end at its probability: they always add up.

explanation = explain(pipeline, X[new])
index = int(np.argmax([image.probability for image in explanation]))
said, true = explanation.target[index], y[new][index]
explanation.plot(index, channel=2, title=f"said: {said}, true: {true}")
plt.show()

# %%
# All new patients
# ----------------
#
# Look at the wrong ones too, and at evidence that lies where no tumour can be.

right = explanation.target == y[new]
titles = [
    f"{said}, {'right' if is_right else 'wrong'}"
    for said, is_right in zip(explanation.target, right, strict=True)
]
explanation.plot_gallery(channel=2, n_columns=5, titles=titles)
plt.show()

# %%
# And as a table:

explanation.to_frame().round(2)
