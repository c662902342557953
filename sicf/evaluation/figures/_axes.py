"""What the figures share: axes, colours, and names that fit."""

from textwrap import fill

import numpy as np

from sicf._drawing import load_pyplot

# Okabe and Ito's colours, which people with colour blindness can tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
REFERENCE = "#888888"
WIDEST_NAME = 18
# Points that the ticks and the label of an axis take.
LABELS_BELOW = 38


def new_axes(ax, size):
    """The axes that were given, or those of a new figure of a size in inches."""
    if ax is not None:
        return ax
    return load_pyplot().subplots(figsize=size, layout="constrained")[1]


def class_colors(n_classes):
    """One colour for each class."""
    if n_classes <= len(COLORS):
        return COLORS
    return load_pyplot().colormaps["viridis"](np.linspace(0, 0.9, n_classes))


def class_labels(classes):
    """Names of the classes, broken into lines and taken as they are: no formula is read in them."""
    return [as_written(fill(str(name), WIDEST_NAME)) for name in classes]


def as_written(name):
    """A name in which matplotlib finds no formula between dollar signs."""
    return str(name).replace("$", r"\$")


def band(ax, x, low, high, color):
    """Shade an interval along a curve."""
    ax.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)


def finish(ax, lines, labels, title, *, bottom=0):
    """Name the curves under the axes, where the names hide none of them.

    Parameters
    ----------
    ax : matplotlib Axes
    lines, labels : list
        Given outright: matplotlib leaves out a label that begins with an underscore.
    title : str or None
    bottom : float, default=0
        Where what is drawn ends, in heights of the axes.

    Returns
    -------
    matplotlib Axes
    """
    from matplotlib.transforms import ScaledTranslation

    # In points: the axes shrink to make room for the names, the labels between them do not.
    down = ScaledTranslation(0, -LABELS_BELOW / 72, ax.figure.dpi_scale_trans)
    ax.legend(
        lines,
        labels,
        title=title,
        loc="upper left",
        bbox_to_anchor=(0, bottom),
        bbox_transform=ax.transAxes + down,
        borderaxespad=0,
        frameon=False,
        fontsize="small",
        alignment="left",
    )
    ax.set_anchor("N")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def with_names(width, height, labels):
    """Inches of a figure with these names beneath."""
    return width, height + 0.17 * sum(2 + str(label).count("\n") for label in labels)
