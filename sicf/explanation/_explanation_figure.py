"""Figures of explanations: one image, or a gallery of a cohort."""

import numbers
from textwrap import fill

import numpy as np

from sicf._drawing import load_pyplot

# Okabe and Ito's orange and blue, which people with colour blindness can tell apart.
FOR, AGAINST, FRAME = "#D55E00", "#0072B2", "#E69F00"
MARGIN = 0.12
WIDEST_TITLE = 26  # letters, beside one another over pictures of this size


def draw_image(explanation, channel=0, title=None):
    """Picture and box, all evidence, the map of each part, occlusion, and the contributions.

    Parameters
    ----------
    explanation : ImageExplanation
    channel : int
    title : str or None

    Returns
    -------
    matplotlib Figure
    """
    plt = load_pyplot()
    plane = grey(explanation, channel)
    panels = _panels(explanation)
    widths = [1] * (len(panels) + 1) + [1.35]
    figure, axes = plt.subplots(
        1,
        len(widths),
        figsize=(2.7 * sum(widths), 3.3),
        width_ratios=widths,
        layout="constrained",
    )
    _draw_picture(axes[0], plane, explanation, channel)
    for ax, (name, values) in zip(axes[1:-1], panels, strict=True):
        draw_heat(ax, plane, values, explanation.box)
        ax.set_title(name, fontsize=9)
    draw_contributions(axes[-1], explanation)
    figure.suptitle(title or headline(explanation), fontsize=11, x=0.01, ha="left")
    if explanation.notes:
        figure.supxlabel("\n".join(explanation.notes), fontsize=8, x=0.01, ha="left")
    return figure


def draw_gallery(explanation, channel=0, titles=None, n_columns=6):
    """All evidence over each picture of a cohort, cut to what the parts see.

    Parameters
    ----------
    explanation : Explanation
    channel : int
    titles : sequence of str or None
    n_columns : int

    Returns
    -------
    matplotlib Figure
    """
    if not isinstance(n_columns, numbers.Integral) or n_columns < 1:
        raise ValueError(f"n_columns must be at least 1. Got {n_columns!r} instead.")
    titles = check_titles(titles, explanation) or [headline(image) for image in explanation]
    n_columns = min(n_columns, len(explanation))
    n_rows = -(-len(explanation) // n_columns)
    size = (2.3 * n_columns, 2.55 * n_rows)
    figure, axes = load_pyplot().subplots(
        n_rows, n_columns, figsize=size, squeeze=False, layout="constrained"
    )
    for ax in axes.ravel():
        ax.axis("off")
    for ax, image, title in zip(axes.flat, explanation, titles, strict=False):
        draw_heat(ax, grey(image, channel), image.heat_map(), image.box)
        ax.set_title(fill(title, WIDEST_TITLE), fontsize=8)
    return figure


def draw_heat(ax, plane, values, box):
    """Evidence over a picture, about the box: orange for the class, blue against it."""
    colors = load_pyplot().matplotlib.colors
    shown = window(box, plane.shape)
    plane, values = plane[shown], values[shown]
    ax.imshow(plane, cmap="gray", vmin=0, vmax=1)
    strength = relative(values)
    overlay = np.empty((*values.shape, 4))
    overlay[..., :3] = np.where(
        strength[..., np.newaxis] > 0, colors.to_rgb(FOR), colors.to_rgb(AGAINST)
    )
    overlay[..., 3] = opacity(strength)
    ax.imshow(overlay, interpolation="bilinear")
    ax.axis("off")


def draw_contributions(ax, explanation):
    """Bars from the base value to the probability, part by part."""
    names = ["base value", *explanation.contributions.index, "probability"]
    steps = explanation.contributions.to_numpy()
    before = explanation.base_value + np.concatenate([[0], np.cumsum(steps)])
    place = np.arange(len(names))[::-1]
    ax.barh(place[0], explanation.base_value, color="#BBBBBB", height=0.6)
    colors = np.where(steps >= 0, FOR, AGAINST)
    ax.barh(place[1:-1], steps, left=before[:-1], color=colors, height=0.6)
    ax.barh(place[-1], explanation.probability, color="#444444", height=0.6)
    ends = [explanation.base_value, *np.maximum(before[:-1], before[1:]), explanation.probability]
    texts = [f"{explanation.base_value:.3f}", *(f"{step:+.3f}" for step in steps)]
    for y, end, text in zip(place, ends, [*texts, f"{explanation.probability:.3f}"], strict=True):
        ax.text(end + 0.015, y, text, va="center", fontsize=8)
    ax.set_yticks(place, names, fontsize=8)
    ax.set_xlim(0, 1.18)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"], fontsize=8)
    ax.set_title(f"probability of {explanation.target}", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)


def headline(explanation):
    """The class that is explained and its probability."""
    return f"{explanation.target}: {explanation.probability:.2f}"


def grey(explanation, channel):
    """One sequence, its brightness from 0 to 1."""
    n = explanation.image.shape[2]
    if not isinstance(channel, numbers.Integral) or not -n <= channel < n:
        raise ValueError(
            f"channel must name one of the {n} sequence(s), 0 to {n - 1}. Got {channel!r} instead."
        )
    plane = explanation.image[:, :, channel].astype(float)
    low, high = plane.min(), np.percentile(plane, 99.5)
    return np.clip((plane - low) / max(high - low, np.finfo(float).tiny), 0, 1)


def window(box, shape):
    """What is shown of a picture: the box with a margin."""
    top, left, bottom, right = box
    margin = MARGIN * max(bottom - top, right - left)
    rows = slice(max(0, int(top - margin)), min(shape[0], int(np.ceil(bottom + margin))))
    return rows, slice(max(0, int(left - margin)), min(shape[1], int(np.ceil(right + margin))))


def relative(values):
    """Evidence as a share of the strongest."""
    highest = np.abs(values).max()
    return values / highest if highest > 0 else values


def opacity(strength):
    """How much a pixel of relative evidence is coloured; the picture stays visible."""
    return 0.62 * np.clip((np.abs(strength) - 0.08) / 0.92, 0, 1) ** 0.8


def check_titles(titles, explanation):
    """Titles as a list, one for each image, or None."""
    if titles is None:
        return None
    titles = [str(title) for title in titles]
    if len(titles) != len(explanation):
        raise ValueError(
            f"titles must be {len(explanation)}, one for each image. Got {len(titles)} instead."
        )
    return titles


def _panels(explanation):
    panels = [("all evidence", explanation.heat_map())] if len(explanation.maps) != 1 else []
    panels += [(name, maps.sum(axis=0)) for name, maps in explanation.maps.items()]
    if explanation.occlusion is not None:
        panels.append(("occlusion", explanation.occlusion))
    return panels


def _draw_picture(ax, plane, explanation, channel):
    ax.imshow(plane, cmap="gray", vmin=0, vmax=1)
    top, left, bottom, right = explanation.box
    frame = load_pyplot().Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False)
    frame.set(edgecolor=FRAME, linewidth=1.5)
    ax.add_patch(frame)
    ax.set_title(explanation.sequence_names[channel], fontsize=9)
    ax.axis("off")
