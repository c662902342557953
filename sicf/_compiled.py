"""How loops are compiled by numba, in every room alike."""


def compiled(function=None, **options):
    """Compile a function, which keeps no lock; in the cache where a folder for one can be had.

    numba is imported where this is, so a module of compiled loops is imported where it is used.

    Parameters
    ----------
    function : callable
    **options
        More of `numba.njit`.

    Returns
    -------
    callable
    """
    from numba import njit

    if function is None:
        return lambda function: compiled(function, **options)
    options = {"nogil": True, "error_model": "numpy"} | options
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # numba has no place to write to
        return njit(**options)(function)
