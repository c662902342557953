"""
Another network
===============

:class:`sicf.TorchEmbedder` reads any network of torch at any of its layers: one of torchvision's by
its name, or one of your own by the function that builds it.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from sicf import MaskROI, ThumbnailFeatures, TorchEmbedder, evaluate, make_spine_phantoms

data = make_spine_phantoms(60, n_slices=1, shape=(160, 160), random_state=0)
X = np.concatenate([data.images, data.masks[..., np.newaxis]], axis=3)
y = np.asarray(data.target_names)[data.target]

# %%
# A network of your own
# ---------------------
#
# A function without arguments builds it, so that the embedder can be cloned, pickled and sent to
# other processes without its weights. This one needs no training: its filters are waves of two
# lengths in four directions (Gabor filters), and what comes out is how strong each wave is in each
# place.


class Waves(torch.nn.Module):
    """Strength of waves of two lengths and four directions."""

    def __init__(self):
        super().__init__()
        self.even, self.odd = (
            torch.nn.Conv2d(3, 8, 15, padding=7, padding_mode="reflect", bias=False)
            for _ in range(2)
        )
        row, column = torch.meshgrid(torch.arange(-7, 8), torch.arange(-7, 8), indexing="ij")
        with torch.no_grad():
            for number in range(8):
                angle = torch.tensor(torch.pi * (number % 4) / 4)
                length = 4 if number < 4 else 8
                phase = 2 * torch.pi * (column * angle.cos() + row * angle.sin()) / length
                window = torch.exp(-(row**2 + column**2) / (2 * (length / 2) ** 2))
                window = window / window.sum() / 3
                even = window * phase.cos()
                # A wave must not answer to plain brightness.
                self.even.weight[number] = even - window * even.sum() / window.sum()
                self.odd.weight[number] = window * phase.sin()
        self.strength = torch.nn.Identity()

    def forward(self, pictures):
        both = self.even(pictures) ** 2 + self.odd(pictures) ** 2
        return self.strength(both.sqrt())


def waves():
    return Waves()


embedder = TorchEmbedder(
    waves, "strength", input_size=64, fuse_sequences="concat", mask=3, random_state=0
)
print(embedder.fit_transform(X[:2]).shape)

# %%
# What it sees
# ------------
#
# One crop, and its eight maps (as square roots, so that faint waves show). The embedder averages
# each over its places (``pool="avg"``).

roi = MaskROI(64, mask=3, mask_labels=[1])
crop = roi.fit_transform(X[:1])[0, :, :, 2].astype(np.float32)
picture = torch.from_numpy((crop - crop.min()) / np.ptp(crop)).expand(1, 3, -1, -1)
with torch.inference_mode():
    maps = waves()(picture)[0].numpy()

figure, axes = plt.subplots(2, 5, figsize=(9, 3.9), layout="constrained")
axes[0, 0].imshow(crop, cmap="gray")
axes[0, 0].set_title("T1ce, cropped", fontsize=9)
for ax in axes[:, 0]:
    ax.axis("off")
for number, ax in enumerate(axes[:, 1:].flat):
    length = 4 if number < 4 else 8
    ax.imshow(maps[number] ** 0.5, cmap="magma", vmin=0, vmax=maps.max() ** 0.5)
    ax.set_title(f"{length} pixels, {45 * (number % 4)}°", fontsize=9)
    ax.axis("off")
plt.show()

# %%
# One of torchvision's, and a control
# -----------------------------------
#
# ``weights=None`` is a seeded, untrained network: a bank of random filters, and no download. Give
# ``weights="IMAGENET1K_V1"``, or a file, for one that has seen pictures before. Thumbnails are the
# control: who is not above them has no need of a network.

systems = {
    "waves (above)": embedder,
    "SqueezeNet, untrained": TorchEmbedder(
        "squeezenet1_1", "features.4", input_size=64, fuse_sequences="concat", mask=3
    ),
    "thumbnails": ThumbnailFeatures(8, mask=3),
}
result = evaluate(
    {
        name: make_pipeline(roi, step, RandomForestClassifier(random_state=0))
        for name, step in systems.items()
    },
    X,
    y,
    groups=data.groups,
    random_state=0,
)
result.plot_forest_plot("AUC")
plt.show()
