"""Boxes drawn over slices, for a person to look at."""

import numpy as np

from sicf._batch import check_images
from sicf._drawing import load_pyplot


def plot_boxes(X, boxes, *, titles=None, channel=0, n_columns=6, mask=None):
    """Draw the box of each image over one of its sequences.

    Parameters
    ----------
    X : array-like of shape (n, H, W) or (n, H, W, M), or list of images
    boxes : array-like of int of shape (n, 4)
        First row, first column, end row, end column, ends excluded.
    titles : sequence of str, default=None
    channel : int, default=0
        The sequence that is shown.
    n_columns : int, default=6
        Pictures in a row of the figure.
    mask : int, default=None
        A channel whose outline is drawn as well.

    Returns
    -------
    matplotlib Figure
    """
    plt = load_pyplot()
    batch = check_images(X, mask=mask)
    n_columns = min(n_columns, len(batch))
    n_rows = -(-len(batch) // n_columns)
    figure, axes = plt.subplots(
        n_rows,
        n_columns,
        figsize=(2 * n_columns, 2.2 * n_rows),
        squeeze=False,
        layout="constrained",
    )
    for ax in axes.ravel():
        ax.axis("off")
    for index, (ax, image, box) in enumerate(zip(axes.flat, batch, boxes, strict=False)):
        top, left, bottom, right = box
        plane = image[:, :, channel]
        ax.imshow(plane, cmap="gray", vmin=plane.min(), vmax=np.percentile(plane, 99.5))
        frame = plt.Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False)
        frame.set(edgecolor="#E69F00", linewidth=1.5)
        ax.add_patch(frame)
        if mask is not None and batch.labels(index).any():
            ax.contour(batch.labels(index) > 0, [0.5], colors="#56B4E9", linewidths=0.8)
        if titles is not None:
            ax.set_title(titles[index], fontsize=8)
    return figure
