"""Work spread over joblib's workers, here or on a cluster, that outlives the death of a worker."""

import sys
import threading
import time
import warnings
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

# In a task of dask: the backend to which that task may hand work of its own.
_outer = threading.local()
# By their keys on a cluster: what calls of this process share.
_held = {}


def spread(function, shared, items, *, ordered=False, nested=False, **options):
    """Call ``function(shared, item)`` for each item, and give the answers as they come.

    Parameters
    ----------
    function : callable
        One that can be imported, so that it can be sent.
    shared : object
        What all calls take. It is sent to each worker of dask once, not with each call.
    items : iterable
        What single calls take; small.
    ordered : bool, default=False
        Whether the answers come in the order of the items.
    nested : bool, default=False
        Whether `spread` inside a task of dask uses the cluster as well. Anything else inside works
        by itself: a forest's trees are too small to be sent about.
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
    Dask hands a dead worker's tasks to others by itself. Where a worker is lost in another way, as
    with Ray or inside another library's parallel work, there is an error, and the calls without an
    answer are made again.
    """
    missing, losses, n_workers = dict(enumerate(items)), 0, count_workers(options.get("n_jobs"))
    while missing:
        try:
            workers = _workers(ordered, options)
            with _sent(shared) as sent:
                calls = [delayed(_call)(function, sent, pair, nested) for pair in missing.items()]
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
    with _outer_backend():
        return type(get_active_backend()[0]).__module__ not in HERE


def count_workers(n_jobs=None):
    """Number of workers that joblib would use.

    Parameters
    ----------
    n_jobs : int or None

    Returns
    -------
    int
    """
    with _outer_backend():
        return effective_n_jobs(n_jobs)


def _workers(ordered, options):
    one_by_one = "generator" if ordered else "generator_unordered"
    # Backends of multiprocessing's kind, Ray's among them, give all answers at once.
    with _outer_backend():
        known = get_active_backend(prefer=options.get("prefer"))[0].supports_return_generator
        return Parallel(return_as=one_by_one if known else "list", **options)


def _wait_for_company(n_workers, n_jobs):
    """With one worker left joblib would do the work in this process, and perhaps die of it."""
    end = time.monotonic() + SECONDS_TO_RETURN
    while n_workers > 1 == count_workers(n_jobs) and time.monotonic() < end:
        time.sleep(0.1)


@contextmanager
def _sent(shared):
    """What all calls take, on its way to the workers where these are dask's.

    As the result of a task, which dask can repeat, it outlives every worker. Joblib would send it
    to one of them, where it can be lost, and would wait for ever if that one died meanwhile.
    """
    with _outer_backend():
        client = getattr(get_active_backend()[0], "client", None)
    shared = _Shared(shared)
    if client is None:
        yield shared
        return
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Sending large graph"
        )  # it advises to send it joblib's way
        future = client.submit(_same, shared, pure=False)
    _held[future.key] = shared
    try:
        yield future
    finally:
        del _held[future.key]


def _same(shared):
    return shared


class _Shared:
    """Holds what all calls take, and keeps dask from looking for its own things in there."""

    def __init__(self, value):
        self.value = value


def _call(function, shared, pair, nested):
    """A pair stays a pair: joblib would send an array by itself, and lose it with the worker."""
    index, item = pair
    if not isinstance(shared, _Shared):
        shared = _held[shared.key]  # with a single worker joblib calls in this process
    with _by_itself(nested) if in_dask_task() else nullcontext():
        return index, function(shared.value, item)


@contextmanager
def _by_itself(nested):
    """In a task of dask no work goes back to the cluster, but for what `spread` gives to it."""
    before = getattr(_outer, "backend", None)
    _outer.backend = get_active_backend()[0] if nested else None
    try:
        with parallel_config(backend="sequential"):
            yield
    finally:
        _outer.backend = before


def _outer_backend():
    """The cluster's backend in a task that may use it, else whatever joblib would use."""
    backend = getattr(_outer, "backend", None)
    return nullcontext() if backend is None else parallel_config(backend=backend)
