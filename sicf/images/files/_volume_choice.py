"""Which of several volumes of one scan is meant."""

from sicf.images.files._guarded import Fault


def choose_volume(count, volume):
    """Give the number of the volume to read.

    Parameters
    ----------
    count : int
        Volumes that there are. Where there is one, it is the one.
    volume : int or None
        Negative numbers count from the end.

    Returns
    -------
    int
    """
    if count == 1:
        return 0
    if volume is None:
        raise Fault(f"it holds {count} volumes; choose one by volume=, from 0 to {count - 1}")
    if not -count <= volume < count:
        raise Fault(f"volume must lie from 0 to {count - 1}. Got {volume}")
    return volume % count
