"""Torch's own generators, seeded for a while and then put back."""

from contextlib import contextmanager
from threading import RLock

# They belong to the process: two threads that draw from them at once would disturb each other.
_lock = RLock()


@contextmanager
def seeded_torch(seed):
    """Run with torch's generators seeded, alone among the threads that do so, and put them back.

    Parameters
    ----------
    seed : int
    """
    import torch

    with _lock, torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        yield
