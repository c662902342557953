"""matplotlib, loaded when the first figure is drawn."""


def load_pyplot():
    """Load matplotlib.pyplot.

    Raises
    ------
    ImportError
        It is not installed; the message names the extra that brings it.
    """
    try:
        import matplotlib.pyplot
    except ImportError as exc:
        raise ImportError("Figures need matplotlib: pip install 'sicf[plot]'.") from exc
    return matplotlib.pyplot
