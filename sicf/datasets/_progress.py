"""The bar that `verbose` asks for."""


def progress(things, verbose, unit):
    """Hand on what is to be read, with a bar where it is asked for.

    Parameters
    ----------
    things : list
    verbose : int
    unit : str

    Returns
    -------
    iterable
    """
    if not verbose:
        return things
    from tqdm.auto import tqdm

    return tqdm(things, desc="Reading", unit=unit, leave=False)
