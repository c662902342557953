"""The course of a search as a figure."""

import numpy as np

from sicf._drawing import load_pyplot


def draw_history(selector, ax=None):
    """Draw the fitness by generation and, on a second axis, the size of the best subset.

    Parameters
    ----------
    selector : LyrebirdSelector
        Fitted.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
    """
    pyplot = load_pyplot()
    if ax is None:
        ax = pyplot.subplots(figsize=(6, 4), layout="constrained")[1]
    history = selector.history_
    ax.plot(history["iteration"], history["best"], color="C0", label="best of the generation")
    ax.plot(history["iteration"], history["mean"], color="C0", ls=":", label="its mean")
    honest = selector.best_score_
    if not np.isnan(honest):
        ax.axhline(honest, color="C2", label=f"the selected on reserved patients: {honest:.2f}")
    sizes = ax.twinx()
    sizes.plot(history["iteration"], history["size"], color="0.6", lw=1, drawstyle="steps-post")
    sizes.set_ylabel("columns in the best subset", color="0.4")
    sizes.set_ylim(bottom=0)
    sizes.yaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("generation")
    ax.set_ylabel("fitness (optimistic)")
    ax.xaxis.get_major_locator().set_params(integer=True)
    # Above the axes, where it lies on no curve.
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    return ax
