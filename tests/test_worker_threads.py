import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from joblib import Parallel, delayed

from sicf import HistEqualize
from sicf._worker_threads import (
    one_opencv_thread,
    one_opencv_thread_in_workers,
    one_torch_thread_in_workers,
)
from sicf.images import _hist_equalize


@pytest.fixture(autouse=True)
def three_threads():
    """Settings of one's own, unlike any default, that have to be found again."""
    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(3)
    torch.set_num_threads(3)
    yield
    assert (cv2.getNumThreads(), torch.get_num_threads()) == (3, 3)
    cv2.setNumThreads(before[0])
    torch.set_num_threads(before[1])


def numbers():
    """OpenCV's and torch's threads before, inside and after."""
    before = cv2.getNumThreads(), torch.get_num_threads()
    with one_opencv_thread_in_workers(), one_torch_thread_in_workers():
        inside = cv2.getNumThreads(), torch.get_num_threads()
    return before, inside, (cv2.getNumThreads(), torch.get_num_threads())


def own_numbers():
    """In a process of its own, which begins with its own settings."""
    cv2.setNumThreads(5)
    torch.set_num_threads(4)
    return numbers()


def test_outside_of_workers_nothing_is_set():
    assert numbers() == ((3, 3),) * 3


def test_processes_have_one_thread_each_and_get_theirs_back():
    for found in Parallel(2, backend="loky")(delayed(own_numbers)() for _ in range(4)):
        assert found == ((5, 4), (1, 1), (5, 4))


def test_threads_have_one_thread_each_and_get_theirs_back():
    for before, inside, after in Parallel(2, backend="threading")(
        delayed(numbers)() for _ in range(8)
    ):
        assert inside == (1, 1)
        assert before[1] == after[1]


def test_setting_is_put_back_after_an_error():
    with pytest.raises(AssertionError, match="one thread"), one_opencv_thread():
        raise AssertionError("one thread" if cv2.getNumThreads() == 1 else "many threads")


def test_last_of_several_users_puts_it_back():
    with one_opencv_thread():
        with one_opencv_thread():
            pass
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 3


def test_image_steps_are_bounded_in_workers(rng, monkeypatch):
    seen = []
    equalize_plane = _hist_equalize.equalize_plane

    def watched(plane):
        seen.append(cv2.getNumThreads())
        return equalize_plane(plane)

    monkeypatch.setattr(_hist_equalize, "equalize_plane", watched)
    X = rng.integers(0, 256, (2, 32, 32), dtype=np.uint8)
    HistEqualize().fit_transform(X)
    assert seen == [3, 3]
    Parallel(2, backend="threading")(delayed(HistEqualize().fit_transform)(X) for _ in "ab")
    assert seen[2:] == [1] * 4


def test_no_setting_changes_at_import():
    code = (
        "import cv2, torch; cv2.setNumThreads(5); torch.set_num_threads(4);"
        "import sicf; [getattr(sicf, name) for name in sicf.__all__];"
        "assert (cv2.getNumThreads(), torch.get_num_threads()) == (5, 4)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
