"""Figures of an evaluation: the confusion matrix and the ROC curves."""

import numpy as np

from sicf.evaluation._bootstrap import draw_patients
from sicf.evaluation._metrics import auc

# Okabe and Ito's colours, which people with colour blindness can tell apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GRID = np.linspace(0, 1, 101)


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
    names = [str(name) for name in classes]
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
    n_patients = int(patient.max()) + 1
    draws = draw_patients(n_patients, n_bootstrap, np.random.default_rng(seed))
    shown = range(len(classes)) if positive is None else [positive]
    for k, color in zip(shown, _colors(len(classes)), strict=False):
        of_class = target == k
        weights = np.vstack([np.ones(len(target)), draws[:, patient]])
        areas = auc(of_class, scores[:, k], weights)
        curves = _curves(of_class, scores[:, k], weights)
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.nanquantile(areas[1:], tails)
        band = np.nanquantile(curves[1:], tails, axis=0)
        label = f"{classes[k]}: {areas[0]:.2f} [{low:.2f}, {high:.2f}]"
        ax.fill_between(GRID, *band, color=color, alpha=0.15, linewidth=0)
        ax.plot(GRID, curves[0], color=color, linewidth=2, label=label)
    ax.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle=":")
    ax.set(
        xlabel="1 - specificity",
        ylabel="sensitivity",
        title="ROC, one against the rest, out of fold",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    ax.legend(title=f"AUC [{level:.0%} over patients]", loc="lower right", frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _curves(positive, score, weights):
    """Sensitivity at the grid of false positive rates, one curve for each weighting."""
    order = np.argsort(-score, kind="stable")
    # Samples of equal score enter together, as one straight piece of the curve.
    last = np.flatnonzero(np.diff(score[order], append=-np.inf) < 0)
    curves = np.full((len(weights), GRID.size), np.nan)
    for curve, weight in zip(curves, weights[:, order], strict=True):
        true = np.cumsum(weight * positive[order])[last]
        false = np.cumsum(weight * ~positive[order])[last]
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


def _colors(n_classes):
    if n_classes <= len(COLORS):
        return COLORS
    from matplotlib import colormaps

    return colormaps["viridis"](np.linspace(0, 0.9, n_classes))


def _axes(ax, size):
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]
