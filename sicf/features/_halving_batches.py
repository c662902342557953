"""Batches that are halved where memory does not suffice."""

import warnings

import numpy as np

# How allocators that raise a plain RuntimeError word it: torch's on the CPU, CUDA's, OpenVINO's.
OUT_OF_MEMORY = (
    "not enough memory",
    "out of memory",
    "DefaultCPUAllocator",
    "bad_alloc",
    "annot allocate memory",
    "ailed to allocate",
)


def compute_in_batches(compute, n, size):
    """Compute rows batch by batch; where memory runs out, the batch is halved, with one warning.

    Parameters
    ----------
    compute : callable
        Called as ``compute(start, stop)``; returns an array of ``stop - start`` rows.
    n : int
        Number of rows in all, at least 1.
    size : int
        Rows in one batch.

    Returns
    -------
    ndarray of shape (n, ...)

    Raises
    ------
    MemoryError, RuntimeError
        One row alone does not fit.
    """
    rows, start, too_many = [], 0, 0
    while start < n:
        stop = min(start + size, n)
        batch = _compute_unless_too_many(compute, start, stop)
        if batch is None:
            too_many, size = too_many or stop - start, (stop - start + 1) // 2
            _free_cached_memory()
        else:
            rows.append(batch)
            start = stop
    if too_many:
        warnings.warn(
            f"Out of memory with {too_many} pictures at once; went on with {size}. "
            f"Set batch_size={size} to be spared this.",
            stacklevel=4,
        )
    return np.concatenate(rows)


def _compute_unless_too_many(compute, start, stop):
    """Rows `start` to `stop`; None where memory runs out.

    The error is let go of here, for it holds on to what the failed batch had allocated.
    """
    try:
        return compute(start, stop)
    except (MemoryError, RuntimeError) as exc:
        if stop - start == 1 or not _is_out_of_memory(exc):
            raise
        return None


def _is_out_of_memory(exc):
    import torch

    return isinstance(exc, (MemoryError, torch.cuda.OutOfMemoryError)) or any(
        words in str(exc) for words in OUT_OF_MEMORY
    )


def _free_cached_memory():
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
