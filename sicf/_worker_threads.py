"""Thread pools of OpenCV and torch, kept from multiplying with the workers of joblib."""

import sys
from contextlib import contextmanager
from threading import Lock

from joblib.parallel import get_active_backend

_lock = Lock()
_users = 0
_threads_before = 0


def in_worker():
    """Whether this code runs inside a worker of joblib, a process or a thread."""
    return get_active_backend()[0].nesting_level > 0 or in_dask_task()


def in_dask_task():
    """Whether this thread runs a task of dask, for which joblib counts no level."""
    known = getattr(sys.modules.get("distributed.utils"), "thread_state", None)
    return hasattr(known, "execution_state")


@contextmanager
def one_opencv_thread():
    """Run with one OpenCV thread and restore the setting when the last user leaves.

    The setting belongs to the process, so users in several threads are counted: the first one
    remembers it and the last one puts it back.
    """
    import cv2

    global _users, _threads_before
    with _lock:
        if _users == 0:
            _threads_before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                cv2.setNumThreads(_threads_before)


@contextmanager
def one_opencv_thread_in_workers():
    """Run with one OpenCV thread inside a worker of joblib; elsewhere leave the setting alone."""
    if not in_worker():
        yield
        return
    with one_opencv_thread():
        yield


@contextmanager
def one_torch_thread_in_workers():
    """Run with one torch thread inside a worker of joblib; elsewhere leave the setting alone.

    Torch keeps this number for each thread of the process, so the thread that sets it restores it.
    """
    if not in_worker():
        yield
        return
    with torch_threads(1):
        yield


@contextmanager
def torch_threads(number):
    """Run with so many torch threads, and restore the setting of this thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
