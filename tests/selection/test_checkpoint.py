"""A search that was ended goes on, and comes to the same bits."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed, parallel_config
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sicf import LyrebirdSelector
from sicf._atomic_file import check_writable

KINDS = [
    {},
    {"init": "uniform"},
    {"transfer": "s"},
    {"transfer": "v"},
    {"transfer": "s", "init": "uniform"},
    {"mode": "paper"},
    {"mode": "paper", "transfer": "v"},
]


def small(**parameters):
    defaults = {"population_size": 4, "max_iter": 4, "cv": 3, "random_state": 0}
    return LyrebirdSelector(RandomForestClassifier(5), **(defaults | parameters))


@pytest.fixture(scope="module")
def data():
    return make_classification(90, 40, n_informative=4, n_redundant=0, random_state=0)


def stops_at(iteration):
    return lambda row: row.iteration == iteration


def assert_same(one, other):
    np.testing.assert_array_equal(one.support_, other.support_)
    np.testing.assert_array_equal(one.top_masks_, other.top_masks_)
    np.testing.assert_array_equal(one.top_scores_, other.top_scores_)
    np.testing.assert_array_equal(one.ranking_, other.ranking_)
    assert one.search_score_ == other.search_score_
    assert one.best_score_ == pytest.approx(other.best_score_, abs=0, nan_ok=True)
    assert one.n_evaluations_ == other.n_evaluations_
    pd.testing.assert_frame_equal(
        one.history_.drop(columns="seconds"),
        other.history_.drop(columns="seconds"),
        check_exact=True,
    )


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("stopped_at", [2])
def test_a_search_that_was_ended_comes_to_the_same(data, tmp_path, kind, stopped_at):
    whole = small(**kind).fit(*data)
    ended = small(**kind, checkpoint=tmp_path, callback=stops_at(stopped_at)).fit(*data)
    assert ended.n_iter_ == stopped_at
    resumed = small(**kind, checkpoint=tmp_path).fit(*data)
    assert_same(resumed, whole)
    assert (np.diff(resumed.history_["seconds"]) >= 0).all()
    again = small(**kind, checkpoint=tmp_path).fit(*data)
    assert_same(again, whole)


def test_a_search_without_a_seed_keeps_the_one_it_drew(data, tmp_path):
    ended = small(random_state=None, checkpoint=tmp_path, callback=stops_at(1)).fit(*data)
    resumed = small(random_state=None, checkpoint=tmp_path).fit(*data)
    columns = ["best", "mean", "size"]
    pd.testing.assert_frame_equal(resumed.history_.loc[:1, columns], ended.history_[columns])
    assert resumed.n_iter_ == 4


def test_each_data_set_and_setting_has_its_file(data, tmp_path):
    X, y = data
    short = {"checkpoint": tmp_path, "max_iter": 0, "mode": "paper"}
    small(**short).fit(X, y)
    with parallel_config(backend="threading"):
        small(**short, n_jobs=2, max_time=600).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 1
    small(**short, alpha=0.9).fit(X, y)
    small(**short, random_state=1).fit(X, y)
    for seed in (7, 8, 8):
        small(**short, random_state=np.random.RandomState(seed)).fit(X, y)
    small(**short).fit(X, y, groups=np.arange(90) // 2)
    small(**short).fit(X + 1e-9, y)
    assert len(list(tmp_path.iterdir())) == 7


def test_folds_of_a_cross_validation_keep_files_apart(data, tmp_path):
    X, y = data
    selector = small(checkpoint=tmp_path, max_iter=1)
    pipeline = make_pipeline(selector, KNeighborsClassifier())
    first, second = (
        cross_validate(pipeline, X, y, cv=KFold(3), error_score="raise")["test_score"]
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "other"])
def test_damaged_or_foreign_file_is_refused_and_left_alone(data, tmp_path, damage):
    small(checkpoint=tmp_path, callback=stops_at(2)).fit(*data)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[:-100]
    elif damage == "bit":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content = bytearray()
    else:
        small(checkpoint=tmp_path, alpha=0.5).fit(*data)
        (other,) = set(tmp_path.iterdir()) - {path}
        content = bytearray(other.read_bytes())
    path.write_bytes(content)
    word = "by another search" if damage == "other" else "is damaged"
    with pytest.raises(ValueError, match=f"Checkpoint .*{path.name}.* {word}"):
        small(checkpoint=tmp_path).fit(*data)
    assert path.read_bytes() == content


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions bind nobody here")
def test_folder_that_cannot_be_written_to_is_named(data, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="checkpoint must be a folder that can be written to"):
        small(checkpoint=tmp_path).fit(*data)


SCRIPT = textwrap.dedent("""
    import sys
    import numpy as np
    from sklearn.datasets import make_classification
    from sicf import LyrebirdSelector

    X, y = make_classification(80, 120, random_state=0)
    selector = LyrebirdSelector(
        population_size=6, max_iter=30, cv=3, random_state=0, checkpoint=sys.argv[1]
    ).fit(X, y)
    history = selector.history_.drop(columns="seconds").to_numpy()
    np.savez(sys.argv[2], history=history, masks=selector.top_masks_, scores=selector.top_scores_,
             honest=selector.best_score_, ranking=selector.ranking_, n=selector.n_evaluations_)
""")


def run_search(folder, result):
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder), str(result)])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_killed_twenty_times_comes_to_the_same_bits(tmp_path):
    """Killed at random moments, some of them while a file is being written."""
    start = time.perf_counter()
    assert run_search(tmp_path / "whole", tmp_path / "whole.npz").wait(300) == 0
    lasted = time.perf_counter() - start
    rng = np.random.default_rng(0)
    n_killed = 0
    while n_killed < 20:
        process = run_search(tmp_path / "killed", tmp_path / "killed.npz")
        time.sleep(rng.uniform(0.3, 0.9) * lasted)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            n_killed += 1
        elif n_killed:
            (tmp_path / "killed.npz").unlink()
            for file in (tmp_path / "killed").iterdir():
                file.unlink()
        process.wait(60)
    assert run_search(tmp_path / "killed", tmp_path / "killed.npz").wait(300) == 0
    with np.load(tmp_path / "whole.npz") as whole, np.load(tmp_path / "killed.npz") as killed:
        for name in whole:
            np.testing.assert_array_equal(killed[name], whole[name])


def test_parameters_without_a_name_of_their_own_are_refused(data, tmp_path):
    with pytest.raises(ValueError, match="checkpoint needs parameters that can be pickled"):
        small(checkpoint=tmp_path, cv=KFold(3).split(data[0])).fit(*data)


def test_threads_may_look_at_one_folder_together(tmp_path):
    with parallel_config(backend="threading"):
        Parallel(n_jobs=4)(delayed(check_writable)(tmp_path) for _ in range(400))
    assert not list(tmp_path.iterdir())
