"""Reading one thing after another, and going on where the user allows it."""

import warnings

ON_ERROR = ("raise", "warn")


def check_on_error(on_error):
    """Raise where `on_error` is no way to meet what cannot be read."""
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error must be one of {ON_ERROR}. Got {on_error!r} instead.")


def read_each(read, names, on_error):
    """Read each of several things.

    A missing library is an error in any case: it is no fault of the file.

    Parameters
    ----------
    read : callable
        Takes the place in `names`.
    names : iterable of str
        What each is called, such as its file.
    on_error : {"raise", "warn"}

    Returns
    -------
    kept : list of int
    results : list
        One for each of `kept`.
    left_out : list of (str, str)
        Name and reason of each that was not read.
    """
    kept, results, left_out = [], [], []
    for index, name in enumerate(names):
        try:
            result = read(index)
        except (FileNotFoundError, ValueError) as exc:
            if on_error == "raise":
                raise
            left_out.append((str(name), str(exc)))
        else:
            kept.append(index)
            results.append(result)
    return kept, results, left_out


def warn_of_left_out(left_out, n_all, *, stacklevel=3):
    """Warn once of what was left out, or raise where nothing else is there.

    Parameters
    ----------
    left_out : list of (str, str)
    n_all : int
    stacklevel : int, default=3
    """
    if not left_out:
        return
    name, reason = left_out[0]
    if len(left_out) == n_all:
        raise ValueError(f"Of {n_all} none could be read. The first, {name}: {reason}")
    warnings.warn(
        f"{len(left_out)} of {n_all} could not be read and were left out; left_out lists them "
        f"with their reasons. The first: {reason}",
        UserWarning,
        stacklevel=stacklevel,
    )
