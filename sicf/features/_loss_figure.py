"""The course of a training run as a figure."""

from sicf._drawing import load_pyplot


def draw_loss_curve(embedder, ax=None):
    """Draw the training and the validation loss by epoch, and which epoch's weights were kept.

    Parameters
    ----------
    embedder : TorchEmbedder
        Fine-tuned.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
    """
    pyplot = load_pyplot()
    if ax is None:
        ax = pyplot.subplots(figsize=(6, 4), layout="constrained")[1]
    curve = embedder.loss_curve_
    ax.plot(curve["epoch"], curve["training_loss"], color="C0", label="training")
    if curve["validation_loss"].notna().any():
        ax.plot(curve["epoch"], curve["validation_loss"], color="C1", label="validation")
    best = embedder.best_epoch_
    ax.axvline(best, color="0.6", lw=1, ls=":", label=f"weights kept: epoch {best}")
    ax.set_xlabel("epoch")
    ax.set_ylabel("cross-entropy")
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(frameon=False)
    return ax
