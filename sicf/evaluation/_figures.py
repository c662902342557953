"""Figures of an evaluation: the confusion matrix and the ROC curves."""

from textwrap import fill

import numpy as np
from sklearn.metrics import roc_curve

from sicf._drawing import load_pyplot
from sicf.evaluation._bootstrap import draw_patients, in_chunks
from sicf.evaluation._metrics import auc

# Okabe and Ito's colours, which people with colour blindness can tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GRID = np.linspace(0, 1, 101)
WIDEST_NAME = 18


def plot_confusion(target, predicted, classes, *, ax=None):
    """Draw a confusion matrix: counts, and shares of each true class.

    Parameters
    ----------
    target, predicted : ndarray of int of shape (n,)
        Numbers of true and predicted classes.
    classes : sequence of length K
        Their names.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
    """
    ax = _axes(ax, (4.8, 4.4))
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(counts, (target, predicted), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        color = "white" if share > 0.55 else "#222222"
        ax.text(column, row, f"{count}\n{share:.0%}", ha="center", va="center", color=color)
    names = _labels(classes)
    ax.set_xticks(range(len(names)), names, rotation=25, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="predicted", ylabel="true", title="Confusion, out of fold")
    ax.spines[:].set_visible(False)
    return ax


def plot_roc(
    target,
    scores,
    classes,
    patient,
    *,
    positive=None,
    n_bootstrap=1000,
    level=0.95,
    seed=0,
    ax=None,
):
    """Draw one-vs-rest ROC curves with pointwise bands bootstrapped over patients.

    Parameters
    ----------
    target : ndarray of int of shape (n,)
    scores : ndarray of shape (n, K)
    classes : sequence of length K
    patient : ndarray of int of shape (n,)
        Number of each sample's patient.
    positive : int, default=None
        With two classes, the only one whose curve is drawn.
    n_bootstrap : int, default=1000
    level : float, default=0.95
    seed : int, default=0
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
    """
    ax = _axes(ax, (5.2, 4.8))
    names, colors = _labels(classes), _colors(len(classes))
    draws = draw_patients(int(patient.max()) + 1, n_bootstrap, np.random.default_rng(seed))
    # Given outright: a label that begins with an underscore would be left out of the legend.
    lines, labels = [], []
    for k in range(len(classes)) if positive is None else [positive]:
        of_class, score = target == k, scores[:, k]
        area = auc(of_class, score, np.ones((1, len(target))))[0]
        (low, high), band = _bands(of_class, score, patient, draws, level)
        labels.append(f"{names[k]}: {area:.2f} [{low:.2f}, {high:.2f}]")
        false, true, _ = roc_curve(of_class, score, drop_intermediate=False)
        ax.fill_between(GRID, *band, color=colors[k], alpha=0.15, linewidth=0)
        lines += ax.plot(false, true, color=colors[k], linewidth=2, label=labels[-1])
    ax.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":")
    ax.set(
        xlabel="1 - specificity",
        ylabel="sensitivity",
        title=f"ROC, {'one against the rest' if positive is None else 'two classes'}, out of fold",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    ax.legend(
        lines, labels, title=f"AUC [{level:.0%} over patients]", loc="lower right", frameon=False
    )
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _bands(positive, score, patient, draws, level):
    """Intervals of the area and, at the grid, of the curve, over resampled patients."""
    areas, curves = [], []
    for some in in_chunks(draws, len(score)):
        weights = some[:, patient]
        areas.append(auc(positive, score, weights))
        curves.append(_curves(positive, score, weights))
    tails = [(1 - level) / 2, (1 + level) / 2]
    return (
        np.nanquantile(np.concatenate(areas), tails),
        np.nanquantile(np.concatenate(curves), tails, axis=0),
    )


def _curves(positive, score, weights):
    """Sensitivity at the grid of false positive rates, one curve for each weighting."""
    order = np.argsort(-score, kind="stable")
    # Samples of equal score enter together, as one straight piece of the curve.
    score, positive = score[order], positive[order]
    last = np.flatnonzero(np.r_[score[1:] != score[:-1], True])
    curves = np.full((len(weights), GRID.size), np.nan)
    for curve, weight in zip(curves, weights[:, order], strict=True):
        true = np.cumsum(weight * positive)[last]
        false = np.cumsum(weight * ~positive)[last]
        if true[-1] and false[-1]:
            steps = np.append(0, false / false[-1]), np.append(0, true / true[-1])
            curve[:] = _upper(GRID, *steps)
    return curves


def _upper(grid, x, y):
    """Interpolate a rising curve, taking its upper end where it is vertical."""
    at = np.searchsorted(x, grid, side="right") - 1
    following = np.minimum(at + 1, x.size - 1)
    width = x[following] - x[at]
    share = np.divide(grid - x[at], width, out=np.zeros_like(grid), where=width > 0)
    return y[at] + share * (y[following] - y[at])


def _labels(classes):
    return [fill(str(name), WIDEST_NAME) for name in classes]


def _colors(n_classes):
    if n_classes <= len(COLORS):
        return COLORS
    return load_pyplot().colormaps["viridis"](np.linspace(0, 0.9, n_classes))


def _axes(ax, size):
    if ax is not None:
        return ax
    return load_pyplot().subplots(figsize=size, layout="constrained")[1]
