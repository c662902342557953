"""Silence for foreign readers, whose warnings and logs quote headers; safe in several threads."""

import logging
import threading
import warnings
from contextlib import ExitStack, contextmanager

LOGGERS = ("PIL", "nibabel", "nibabel.global", "openjpeg", "pydicom", "pylibjpeg")

_lock = threading.Lock()
_silence = ExitStack()
_n_readers = 0


@contextmanager
def quiet():
    """Keep warnings, and what readers log, from everybody, until the last of all readers is done.

    The settings are of the whole process, so the first reader changes them and the last puts them
    back; each by itself, two threads would put back what the other had set.
    """
    global _silence, _n_readers
    with _lock:
        if _n_readers == 0:
            _silence = ExitStack()
            _silence.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            for name in LOGGERS:
                _silence.enter_context(_muted(logging.getLogger(name)))
        _n_readers += 1
    try:
        yield
    finally:
        with _lock:
            _n_readers -= 1
            if _n_readers == 0:
                _silence.close()


@contextmanager
def _muted(logger):
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
