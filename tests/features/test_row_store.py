"""The store by itself: what goes in comes out, whatever happens to its file."""

import os
import pickle
import sqlite3
import subprocess
import sys
import threading
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sicf import RowCacheWarning
from sicf.features._row_database import SETTINGS, _make_table
from sicf.features._row_store import FILE, RowStore

N = 40
TIGHT = 1 << 20


def key_of(number):
    return int(number).to_bytes(32, "big")


@cache
def row_of(number):
    """A row that differs from all others in numbers, and from its neighbours in form."""
    rng = np.random.default_rng(number)
    return [
        rng.random(50, np.float32),
        rng.integers(0, 9, (3, number % 7)),
        rng.random(1000) > 0.5,
        rng.random(9000),
    ][number % 4]


def write(folder, numbers, **options):
    store = RowStore(folder, **options)
    with store.opened() as rows:
        kept = rows.write([(key_of(number), row_of(number)) for number in numbers])
    return store, kept


def read(folder, numbers):
    """Rows by number; a wrong one is an error here."""
    store = RowStore(folder)
    with store.opened() as rows:
        found = {int.from_bytes(k, "big"): r for k, r in rows.read({key_of(n) for n in numbers})}
    for number, row in found.items():
        assert row.dtype == row_of(number).dtype
        np.testing.assert_array_equal(row, row_of(number))
    return found, store


def assert_unusable(folder, reason):
    """Reading and writing do nothing, and say so once."""
    store, kept = write(folder, range(3))
    assert kept == set()
    with pytest.warns(RowCacheWarning, match=f"cannot be used as a row cache: .*{reason}"):
        store.warn()
    store.warn()
    found, _ = read(folder, range(3))
    assert found == {}


dtypes = st.one_of(
    hnp.scalar_dtypes(),
    hnp.unicode_string_dtypes(max_len=5),
    hnp.byte_string_dtypes(max_len=5),
    hnp.array_dtypes(allow_subarrays=True),
)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    return RowStore(tmp_path_factory.mktemp("store"))


@given(rows=st.lists(hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_side=4, min_side=0))))
@settings(deadline=None, max_examples=60)
def test_rows_of_any_form_come_out_as_they_went_in(one_store, rows):
    keys = [np.random.default_rng().bytes(32) for _ in rows]
    with one_store.opened() as opened:
        assert opened.write(list(zip(keys, rows, strict=True))) == set(keys)
        found = dict(opened.read(set(keys)))
    for key, row in zip(keys, rows, strict=True):
        assert found[key].dtype == row.dtype
        assert found[key].shape == row.shape
        assert found[key].tobytes() == row.tobytes()


def test_rows_without_fixed_bytes_are_refused(tmp_path):
    with (
        RowStore(tmp_path).opened() as rows,
        pytest.raises(TypeError, match="whose bytes can be kept. Got an array of dtype object"),
    ):
        rows.write([(key_of(0), np.array([None]))])


def test_many_keys_are_looked_up_in_batches(tmp_path):
    write(tmp_path, range(700))
    found, _ = read(tmp_path, range(-0, 2000))
    assert sorted(found) == list(range(700))
    with RowStore(tmp_path).opened() as rows:
        there = rows.present([key_of(n) for n in range(650, 1300)])
    assert there == {key_of(n) for n in range(650, 700)}


def test_row_under_another_key_does_not_come_out(tmp_path):
    write(tmp_path, range(8))
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("UPDATE rows SET key = ? WHERE key = ?", (key_of(99), key_of(4)))
    other.close()
    found, store = read(tmp_path, [99, 5])
    assert sorted(found) == [5]
    with pytest.warns(RowCacheWarning, match=r"1 damaged row\(s\) in the row cache .*rows.sqlite3"):
        store.warn()


@pytest.mark.parametrize("content", [b"junk", b"\x89PNG" * 5000, b"SQLite format 3\0" * 200])
def test_file_that_is_no_database_is_left_alone(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    assert_unusable(tmp_path, "file is not a database")
    assert (tmp_path / FILE).read_bytes() == content


@pytest.mark.parametrize("application", [0, 7])
def test_database_of_another_program_is_left_alone(tmp_path, application):
    other = sqlite3.connect(tmp_path / FILE)
    other.executescript(f"PRAGMA application_id = {application}; CREATE TABLE rows (key, content)")
    other.close()
    before = (tmp_path / FILE).read_bytes()
    assert_unusable(tmp_path, "the database of another program")
    assert (tmp_path / FILE).read_bytes() == before


def test_other_layout_is_left_alone(tmp_path):
    write(tmp_path, range(3))
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("PRAGMA user_version = 5")
    other.close()
    assert_unusable(tmp_path, "has layout 5, of another version of sicf; this one writes layout 1")


def test_folder_in_the_place_of_the_file(tmp_path):
    (tmp_path / FILE).mkdir()
    assert_unusable(tmp_path, "unable to open database file")


def test_folder_that_can_no_longer_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    assert_unusable(tmp_path / "file" / "below", "Not a directory")


def test_empty_file_is_taken(tmp_path):
    (tmp_path / FILE).write_bytes(b"")
    write(tmp_path, range(3))
    assert len(read(tmp_path, range(3))[0]) == 3


def test_lock_that_is_never_given_back(tmp_path, monkeypatch):
    write(tmp_path, range(3))
    monkeypatch.setattr("sicf.features._row_database.SECONDS_TO_WAIT", 0.05)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store, kept = write(tmp_path, range(3, 6))
    assert kept == set()
    assert len(read(tmp_path, range(6))[0]) == 3
    other.close()
    with pytest.warns(RowCacheWarning, match="database is locked"):
        store.warn()


def test_store_that_failed_is_not_tried_again(tmp_path):
    (tmp_path / FILE).write_bytes(b"junk")
    store, _ = write(tmp_path, range(3))
    (tmp_path / FILE).unlink()
    with store.opened() as rows:
        assert rows.write([(key_of(0), row_of(0))]) == set()
    assert not (tmp_path / FILE).exists()


def test_store_survives_a_pickle(tmp_path):
    store, _ = write(tmp_path, range(3))
    with pickle.loads(pickle.dumps(store)).opened() as rows:
        assert len(dict(rows.read({key_of(1), key_of(2)}))) == 2


def used_bytes(folder):
    return (folder / FILE).stat().st_size


@pytest.fixture
def no_power_cuts(monkeypatch):
    """Many small writes, without waiting each time until the disk has them."""
    settings = "sicf.features._row_database.SETTINGS"
    monkeypatch.setattr(settings, ("synchronous = OFF", *SETTINGS[1:]))


@pytest.mark.parametrize("n_at_once", [1, 32])
@pytest.mark.usefixtures("no_power_cuts")
def test_file_stays_within_its_bound_and_the_oldest_rows_go_first(tmp_path, n_at_once):
    bound = 1 << 20
    for start in range(0, 480, n_at_once):
        write(tmp_path, range(start, start + n_at_once), max_bytes=bound)
        assert used_bytes(tmp_path) <= bound
    left = sorted(read(tmp_path, range(480))[0])
    assert left == list(range(left[0], 480))
    kept = sum(row_of(number).nbytes for number in left)
    assert kept > 0.6 * bound


def test_row_that_is_too_large_drops_nothing(tmp_path):
    write(tmp_path, range(20), max_bytes=1 << 20)
    large = [(key_of(99), np.zeros(1 << 20, np.uint8)), (key_of(20), row_of(20))]
    with RowStore(tmp_path, 1 << 20).opened() as rows:
        assert rows.write(large) == {key_of(20)}
    assert sorted(read(tmp_path, range(100))[0]) == list(range(21))


def test_lower_bound_gives_space_back(tmp_path):
    write(tmp_path, range(200))
    assert used_bytes(tmp_path) > 3 << 20
    write(tmp_path, range(200, 201), max_bytes=1 << 20)
    assert used_bytes(tmp_path) <= 1 << 20
    left = sorted(read(tmp_path, range(201))[0])
    assert left == list(range(left[0], 201))


def damaged(content, rng):
    """The bytes of a database after an accident; the places where it hurts are hit more often."""
    if rng.random() < 0.1:
        return content[: rng.integers(len(content))]
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 8])):
        where = rng.integers(len(content))
        if rng.random() < 0.6:
            page = rng.integers(len(content) // 16384)
            where = page * 16384 + rng.integers(120)
        content[where] = rng.integers(256)
    return bytes(content)


def read_and_mend(folder, max_bytes):
    """What a call does; how many rows were there, and the trouble that was told."""
    found, store = read(folder, range(N))
    store.max_bytes = max_bytes
    with store.opened() as rows:
        rows.write([(key_of(n), row_of(n)) for n in range(N) if n not in found])
    with warnings.catch_warnings(record=True, action="always") as caught:
        store.warn()
    assert all(warning.category is RowCacheWarning for warning in caught)
    return len(found), str(caught[0].message) if caught else "nothing"


def run_accidents(folder, n_accidents, seed):
    """How often each trouble was told first; a wrong row fails in `read`."""
    rng = np.random.default_rng(seed)
    write(folder, range(N))
    whole = (folder / FILE).read_bytes()
    told = {"cannot be used": 0, "damaged row": 0, "nothing": 0}
    for _ in range(n_accidents):
        for path in folder.iterdir():
            path.unlink()
        (folder / FILE).write_bytes(damaged(whole, rng))
        max_bytes = (None, 1 << 22, TIGHT)[rng.integers(3)]
        calls = [read_and_mend(folder, max_bytes) for _ in range(4)]
        told[next(kind for kind in told if kind in calls[0][1])] += 1
        # Mended sooner or later, or said to be beyond it: never computed for ever in silence, but
        # where pages that the accident has lost leave too little room for all rows.
        n_found, trouble = calls[-1]
        assert n_found == N or "cannot be used" in trouble or max_bytes == TIGHT
    return told


@pytest.mark.usefixtures("no_power_cuts")
def test_no_accident_to_the_file_gives_a_wrong_row(tmp_path):
    told = run_accidents(tmp_path, 300, seed=0)
    assert min(told.values()) > 10, told


@pytest.mark.slow
@pytest.mark.usefixtures("no_power_cuts")
def test_thousands_of_accidents(tmp_path):
    assert sum(run_accidents(tmp_path, 10_000, seed=1).values()) == 10_000


CHILD = """
import os, random, resource, signal, sys, time, traceback, warnings
from functools import cache
from pathlib import Path
import numpy as np
from sicf.features._row_store import RowStore
folder = sys.argv[1]
@cache
def pair(number):
    return number.to_bytes(32, "big"), np.random.default_rng(number).random(number % 5000)
def write(numbers, **options):
    store = RowStore(folder, **options)
    with store.opened() as rows:
        return store, rows.write([pair(number) for number in numbers])
def right_rows(numbers):
    with RowStore(folder).opened() as rows:
        found = dict(rows.read({pair(number)[0] for number in numbers}))
    for key, row in found.items():
        assert np.array_equal(row, pair(int.from_bytes(key, "big"))[1])
    return len(found)
def in_child(work):
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
"""


def run_apart(folder, code):
    """Run code in a process of its own, which may fork without harm; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD + code, folder],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")


@forks
def test_every_row_is_right_after_kills_in_the_middle_of_writing(tmp_path):
    n_right, n_damaged, n_killed = run_apart(
        tmp_path,
        """
random.seed(0)
def write_for_ever():
    start = 0
    while True:
        write(range(start, start + 20), max_bytes=random.choice([None, 1 << 20]))
        start = (start + 20) % 400
killed = 0
for _ in range(40):
    child = in_child(write_for_ever)
    time.sleep(random.random() * 0.15)
    os.kill(child, signal.SIGKILL)
    killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    right_rows(range(400))
store, kept = write(range(400))
assert len(kept) == 400 and store.failure is None
with store.opened() as rows:
    n = len(list(rows.read({pair(n)[0] for n in range(400)})))
print(n, store.n_damaged, killed)
""",
    )
    assert (n_right, n_damaged, n_killed) == ("400", "0", "40")


@forks
def test_processes_that_begin_and_write_one_cache_at_once(tmp_path):
    n_right, n_failed = run_apart(
        tmp_path,
        """
begin = time.time() + 0.3
def write_and_read():
    time.sleep(max(0, begin - time.time()))
    for start in range(0, 200, 10):
        store, kept = write(range(start, start + 10))
        assert len(kept) == 10, store.failure
        right_rows(range(200))
children = [in_child(write_and_read) for _ in range(6)]
failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
print(right_rows(range(200)), failed)
""",
    )
    assert (n_right, n_failed) == ("200", "0")


def test_file_that_another_process_is_just_making_is_waited_for(tmp_path):
    maker = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    _make_table(maker)
    maker.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, maker.execute, ["COMMIT"])
    done.start()
    store, kept = write(tmp_path, range(3))
    done.join()
    maker.close()
    assert store.failure is None
    assert len(kept) == 3


@forks
def test_full_disk_is_a_warning_and_not_a_crash(tmp_path):
    told = run_apart(
        tmp_path,
        """
write(range(10))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store, kept = write(range(10, 200))
assert kept == set() and right_rows(range(10)) == 10
with warnings.catch_warnings(record=True, action="always") as caught:
    store.warn()
print(caught[0].category.__name__, caught[0].message)
""",
    )
    assert told[0] == "RowCacheWarning"
    assert {"full", "error"} & set(" ".join(told).replace(".", "").split())


@forks
def test_folder_that_may_only_be_read(tmp_path):
    tmp_path.chmod(0o755)
    write(tmp_path, range(3))
    for path in [tmp_path / FILE, tmp_path]:
        path.chmod(0o555)
    told = run_apart(
        tmp_path,
        """
if os.getuid() == 0:
    # Nothing is closed to the superuser, so be somebody else, in the folder that pytest closes.
    os.chdir(folder)
    folder = "."
    os.setuid(65534)
store, kept = write(range(3, 6))
assert kept == set()
print(store.failure)
""",
    )
    tmp_path.chmod(0o755)
    assert {"readonly", "unable"} & set(told), told


def test_path_names_the_file(tmp_path):
    assert RowStore(tmp_path).path == Path(tmp_path) / FILE
