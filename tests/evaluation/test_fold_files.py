import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import sicf
from sicf import VGG16Embedder, evaluate
from sicf.evaluation._fit_key import data_digest, described, fit_key

GROUPS = np.repeat(np.arange(40), 2)
X = np.random.default_rng(0).normal(size=(80, 4))
Y = GROUPS % 2
FOREST = RandomForestClassifier(10, random_state=0)


def run(folder, estimator=FOREST, **options):
    given = {"X": X, "y": Y, "groups": GROUPS, "outer": 4, "random_state": 0, "n_bootstrap": 10}
    return evaluate(estimator, **(given | options), checkpoint=folder)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def same(one, other):
    (a,), (b,) = one.scores.values(), other.scores.values()
    np.testing.assert_array_equal(a, b)
    np.testing.assert_equal(one.metrics(), other.metrics())
    assert list(one.chosen.values()) == list(other.chosen.values())


def test_finished_fits_are_not_made_again(tmp_path, monkeypatch):
    grid = {"max_depth": [2, 3]}
    first = run(tmp_path, param_grids=grid, inner=2)
    kept = files(tmp_path)
    assert len(kept) == 4

    def refuse(*args, **kwargs):
        raise AssertionError("fitted again")

    monkeypatch.setattr(RandomForestClassifier, "fit", refuse)
    forest = RandomForestClassifier(10, random_state=0, n_jobs=2)
    again = run(tmp_path, forest, param_grids=grid, inner=2)
    same(first, again)
    assert first.fit_seconds == again.fit_seconds
    (tmp_path / kept[2]).unlink()
    with pytest.raises(AssertionError, match="fitted again"):
        run(tmp_path, param_grids=grid, inner=2)


CHANGES = {
    "data": {"X": X + np.eye(80, 4) * 1e-9},
    "labels": {"y": np.where(GROUPS == 3, 0, Y)},
    "groups": {"groups": np.where(GROUPS == 3, 77, GROUPS)},
    "parameter": {"estimator": RandomForestClassifier(11, random_state=0)},
    "seed of the forest": {"estimator": RandomForestClassifier(10, random_state=1)},
    "seed of the folds": {"random_state": 1},
    "weights": {"sample_weight": np.ones(80)},
    "grid": {"param_grids": {"max_depth": [2]}},
    "folds": {"outer": 5},
    "other estimator": {"estimator": LogisticRegression()},
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_setting_reuses_no_file(change, tmp_path):
    run(tmp_path)
    before = set(files(tmp_path))
    run(tmp_path, **CHANGES[change])
    n_new = 5 if change == "folds" else 4
    assert len(set(files(tmp_path)) - before) == n_new


def test_functions_go_by_their_code():
    def named(body):
        space = {"__name__": "mine"}
        exec(body, space)
        return make_pipeline(FunctionTransformer(space["step"]), LogisticRegression())

    bodies = [
        "def step(X):\n    return X + 1",
        "def step(X):\n    return X + 2",
        "def step(X):\n    return X - 1",
        "step = lambda X: X * 1",
    ]
    keys = [fit_key("data", named(body)) for body in bodies]
    assert len(set(keys)) == 4
    assert keys[0] == fit_key("data", named(bodies[0]))


def test_files_among_the_data_go_by_their_stamp(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    before = data_digest([str(path)] * 3, Y)
    assert data_digest([str(path)] * 3, Y) == before
    path.write_bytes(b"other")
    assert data_digest([str(path)] * 3, Y) != before


def test_file_of_weights_goes_by_its_stamp(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"one")
    before = described(VGG16Embedder(weights=str(path)))
    path.write_bytes(b"other")
    assert described(VGG16Embedder(weights=str(path))) != before


def test_damaged_file_is_named(tmp_path):
    run(tmp_path)
    path = tmp_path / files(tmp_path)[1]
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match="damaged") as error:
        run(tmp_path)
    assert f"Delete {path} to fit that fold anew." in error.value.__notes__
    (other,) = [p for p in tmp_path.iterdir() if p.name == files(tmp_path)[0]]
    path.write_bytes(other.read_bytes())
    with pytest.raises(ValueError, match="written by another fit"):
        run(tmp_path)


def test_folder_that_cannot_be_is_named_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="checkpoint must be a folder that can be written to"):
        run(tmp_path / "file")


SCRIPT = """
import sys, time
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sicf import evaluate

class Slow(RandomForestClassifier):
    def fit(self, X, y):
        with open(sys.argv[2], "a") as log:
            log.write("x")
        time.sleep(float(sys.argv[3]))
        return super().fit(X, y)

rng = np.random.default_rng(0)
X, groups = rng.normal(size=(80, 4)), np.repeat(np.arange(40), 2)
found = evaluate(Slow(10, random_state=0), X, groups % 2, groups=groups, outer=4, random_state=0,
                 checkpoint=sys.argv[1])
np.save(sys.argv[4], found.scores["Slow"])
"""


def test_killed_evaluation_goes_on_at_the_last_finished_fit(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)

    home = str(Path(sicf.__file__).parents[1])
    options = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": home}}

    def command(folder, log, seconds):
        return [sys.executable, "script.py", folder, log, str(seconds), f"{log}.npy"]

    process = subprocess.Popen(command("kept", "log", 1.0), **options)
    kept = tmp_path / "kept"
    deadline = time.monotonic() + 120
    while not (kept.is_dir() and len(list(kept.glob("*.sicf"))) == 2):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    started = len((tmp_path / "log").read_text())
    assert not (tmp_path / "log.npy").exists()
    n_kept = len(list(kept.glob("*.sicf")))
    assert n_kept < 4
    subprocess.run(command("kept", "log", 0), check=True, **options)
    assert len((tmp_path / "log").read_text()) - started == 4 - n_kept
    (at_once,) = evaluate(FOREST, X, Y, groups=GROUPS, outer=4, random_state=0).scores.values()
    np.testing.assert_array_equal(np.load(tmp_path / "log.npy"), at_once)
