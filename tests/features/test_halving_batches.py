import warnings

import numpy as np
import pytest
import torch

from sicf.features._halving_batches import compute_in_batches


def rows(start, stop):
    return np.arange(start, stop)[:, np.newaxis]


def by_cpu():
    # More than any machine has: torch's own allocator refuses it.
    torch.empty(2**60, dtype=torch.uint8)


def by_gpu():
    raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def by_numpy():
    np.empty(2**60, np.uint8)


def by_openvino():
    raise RuntimeError("Exception from src/inference: bad_alloc")


@pytest.mark.parametrize("run_out", [by_cpu, by_gpu, by_numpy, by_openvino])
def test_batch_is_halved_until_it_fits_with_one_warning(run_out):
    sizes = []

    def compute(start, stop):
        sizes.append(stop - start)
        if stop - start > 2:
            run_out()
        return rows(start, stop)

    with pytest.warns(UserWarning, match="with 10 pictures at once; went on with 2.") as caught:
        out = compute_in_batches(compute, 11, 10)
    assert len(caught) == 1
    np.testing.assert_array_equal(out, rows(0, 11))
    assert sizes == [10, 5, 3, 2, 2, 2, 2, 2, 1]


def test_last_batch_is_halved_by_its_own_size():
    sizes = []

    def compute(start, stop):
        sizes.append(stop - start)
        if start >= 8 and stop - start > 1:
            raise MemoryError
        return rows(start, stop)

    with pytest.warns(UserWarning, match="with 3 pictures at once; went on with 1."):
        compute_in_batches(compute, 11, 8)
    assert sizes == [8, 3, 2, 1, 1, 1]


@pytest.mark.parametrize(("run_out", "error"), [(by_cpu, RuntimeError), (by_numpy, MemoryError)])
def test_one_picture_that_does_not_fit_is_an_error(run_out, error):
    with pytest.raises(error):
        compute_in_batches(lambda start, stop: run_out(), 4, 4)


def test_another_error_is_raised_at_once():
    calls = []

    def compute(start, stop):
        calls.append(start)
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        compute_in_batches(compute, 4, 4)
    assert calls == [0]


def test_memory_of_a_failed_batch_is_free_before_the_next():
    import gc
    import weakref

    class Held:
        pass

    held = []

    def compute(start, stop):
        if held:
            assert held[0]() is None
        if stop - start > 1:
            big = Held()
            held.append(weakref.ref(big))
            raise MemoryError
        return rows(start, stop)

    gc.disable()
    try:
        with pytest.warns(UserWarning, match="Out of memory"):
            compute_in_batches(compute, 2, 2)
    finally:
        gc.enable()


def test_enough_memory_gives_no_warning():
    with warnings.catch_warnings(action="error"):
        assert len(compute_in_batches(rows, 5, 2)) == 5
