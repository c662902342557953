"""The number of a sample, put before what went wrong with it."""

from contextlib import contextmanager

KINDS = (FileNotFoundError, ImportError, TypeError, ValueError)


@contextmanager
def naming_image(index):
    """Say in an error which image it is about.

    Parameters
    ----------
    index : int
        Its place in X.
    """
    try:
        yield
    except KINDS as exc:
        kind = next(kind for kind in KINDS if isinstance(exc, kind))
        raise kind(f"Image {index}: {exc}") from exc
