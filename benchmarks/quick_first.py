"""A plugin of pytest for `mutants.py`: the quickest tests first, as they were timed before.

``QUICK_FIRST`` names a JSON file of seconds by test. Where there is none, it is written.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

_seconds = Counter()


def pytest_collection_modifyitems(items):
    """Sort the tests; what was not timed comes last."""
    known = _known()
    if known is not None:
        items.sort(key=lambda item: known.get(item.nodeid, float("inf")))


@pytest.hookimpl
def pytest_runtest_logreport(report):
    """Add up set-up, call and tear-down."""
    _seconds[report.nodeid] += report.duration


def pytest_sessionfinish(exitstatus):
    """Write the times, unless they are known or a test failed."""
    if _known() is None and exitstatus == 0:
        _file().write_text(json.dumps(_seconds))


def _file():
    return Path(os.environ["QUICK_FIRST"])


def _known():
    return json.loads(_file().read_text()) if _file().exists() else None
