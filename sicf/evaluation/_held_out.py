"""Whether the folds show that samples were held out."""


def shows_held_out(fold):
    """Whether anybody was left to be fitted to when samples were tested.

    Parameters
    ----------
    fold : ndarray of int of shape (R, n)
        As :class:`Evaluation` has it.

    Returns
    -------
    bool
        False where one fold tests everybody: so it is with predictions that were made elsewhere.
    """
    return bool(fold.max() > 0 or (fold < 0).any())
