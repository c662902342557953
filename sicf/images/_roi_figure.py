"""Boxes drawn over slices, for a person to look at."""

import numbers

import numpy as np

from sicf._batch import check_images
from sicf._drawing import load_pyplot
from sicf.images._roi import check_boxes


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

    Raises
    ------
    ValueError
        There is not one box or not one title for each image, or there is no such channel.
    """
    plt = load_pyplot()
    batch = check_images(X, mask=mask)
    boxes = check_boxes(boxes, len(batch))
    titles = _check_titles(titles, len(batch))
    _check_channel(channel, batch.n_channels)
    if not isinstance(n_columns, numbers.Integral) or n_columns < 1:
        raise ValueError(f"n_columns must be at least 1. Got {n_columns!r} instead.")
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
    for index, ax in enumerate(axes.flat[: len(batch)]):
        _draw_box(ax, batch[index][:, :, channel], boxes[index])
        if mask is not None and batch.labels(index).any():
            ax.contour(batch.labels(index) > 0, [0.5], colors="#56B4E9", linewidths=0.8)
        ax.set_title(titles[index], fontsize=8)
    return figure


def _draw_box(ax, plane, box):
    top, left, bottom, right = box
    ax.imshow(plane, cmap="gray", vmin=plane.min(), vmax=np.percentile(plane, 99.5))
    frame = load_pyplot().Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False)
    frame.set(edgecolor="#E69F00", linewidth=1.5)
    ax.add_patch(frame)


def _check_titles(titles, n_images):
    titles = [""] * n_images if titles is None else list(titles)
    if len(titles) != n_images:
        raise ValueError(f"titles must be {n_images}, one for each image. Got {len(titles)}.")
    return titles


def _check_channel(channel, n_channels):
    if not isinstance(channel, numbers.Integral) or not -n_channels <= channel < n_channels:
        raise ValueError(
            f"channel must name one of the {n_channels} channel(s) of X, 0 to {n_channels - 1}. "
            f"Got {channel!r} instead."
        )
