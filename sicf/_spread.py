"""Work spread over joblib's workers, here or on a cluster, that outlives the death of a worker."""

import sys
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext

from joblib import effective_n_jobs, parallel_config
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from sicf._worker_threads import in_dask_task

# Losses in a row after which no task has been finished; dask gives a single task as many.
MOST_LOSSES = 3
# A nanny starts another worker in place of the dead one within seconds.
SECONDS_TO_RETURN = 30
HERE = ("joblib._parallel_backends", "joblib.parallel")


def spread(function, shared, items, *, ordered=False, nested=False, **options):
    """Call ``function(shared, item)`` for each item, and give the answers as they come.

    Parameters
    ----------
    function : callable
        One that can be imported, so that it can be sent.
    shared : object
        What all calls take. It is sent to a worker of dask once, not with each call.
    items : iterable
        What single calls take; small.
    ordered : bool, default=False
        Whether the answers come in the order of the items.
    nested : bool, default=False
        Whether a task on a cluster may spread work of its own over the cluster. Without, an
        estimator inside works by itself: trees of a forest are too small to be sent about.
    **options
        `n_jobs`, `prefer` and `batch_size`, as :class:`joblib.Parallel` takes them.

    Yields
    ------
    index : int
        Of the item.
    answer : object
        What the call gave.

    Raises
    ------
    Exception
        What a call raised; a lost worker after `MOST_LOSSES` losses without an answer between them.

    Notes
    -----
    Dask hands a dead worker's tasks to others by itself, but data that lay there alone are lost,
    and joblib raises. The calls without an answer are then made again, with the data sent anew.
    """
    missing, shared, losses = dict(enumerate(items)), _Shared(shared), 0
    workers = _workers(ordered, options)
    n_workers = effective_n_jobs(options.get("n_jobs"))
    while missing:
        calls = [delayed(_call)(function, shared, pair, nested) for pair in missing.items()]
        try:
            for index, answer in workers(calls):
                del missing[index]
                losses = 0
                yield index, answer
        except Exception as exc:
            losses += 1
            if not is_loss_of_worker(exc) or losses > MOST_LOSSES:
                raise
            _wait_for_company(n_workers, options.get("n_jobs"))


def spread_in_order(function, shared, items, **options):
    """The answers of `spread`, all of them, in the order of the items.

    Parameters
    ----------
    function, shared, items, **options
        As :func:`spread` takes them.

    Returns
    -------
    list
    """
    return [answer for _, answer in spread(function, shared, items, ordered=True, **options)]


def despite_lost_workers(call):
    """Make a call that spreads work by itself, and make it again where a worker was lost.

    Parameters
    ----------
    call : callable
        Takes nothing, and may be made again.

    Returns
    -------
    object
        What the call gave.
    """
    for _ in range(MOST_LOSSES):
        try:
            return call()
        except Exception as exc:
            if not is_loss_of_worker(exc):
                raise
    return call()


def is_loss_of_worker(exc):
    """Whether an error says that a worker of a cluster died with what it held.

    Parameters
    ----------
    exc : Exception

    Returns
    -------
    bool
    """
    if isinstance(exc, CancelledError):
        return True
    ray = sys.modules.get("ray")
    return ray is not None and isinstance(
        exc, (ray.exceptions.RayActorError, ray.exceptions.WorkerCrashedError)
    )


def has_workers_elsewhere():
    """Whether joblib would hand work to a cluster, whose cores are not those of this process."""
    backend = get_active_backend()[0]
    return type(backend).__module__ not in HERE


def _workers(ordered, options):
    one_by_one = "generator" if ordered else "generator_unordered"
    # Backends of multiprocessing's kind, Ray's among them, give all answers at once.
    known = get_active_backend(prefer=options.get("prefer"))[0].supports_return_generator
    return Parallel(return_as=one_by_one if known else "list", **options)


def _wait_for_company(n_workers, n_jobs):
    """With one worker left joblib would do the work in this process, and perhaps die of it."""
    end = time.monotonic() + SECONDS_TO_RETURN
    while n_workers > 1 == effective_n_jobs(n_jobs) and time.monotonic() < end:
        time.sleep(0.1)


def _call(function, shared, pair, nested):
    """A pair stays a pair: joblib would send an array by itself, and lose it with the worker."""
    index, item = pair
    with nullcontext() if nested else _by_itself_in_dask():
        return index, function(shared.value, item)


@contextmanager
def _by_itself_in_dask():
    """No work goes back to the cluster; joblib's other workers see to that by themselves."""
    if not in_dask_task():
        yield
        return
    with parallel_config(backend="sequential"):
        yield


class _Shared:
    """Holds what all calls take.

    Joblib's dask backend sends an argument by itself, once, where it takes it to be large; it asks
    `sys.getsizeof`, which does not look into objects.
    """

    def __init__(self, value):
        self.value = value

    def __sizeof__(self):
        return 2**20
