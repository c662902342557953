import hashlib
import zipfile

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from sicf import Evaluation, evaluate
from sicf.evaluation import load_evaluation
from sicf.evaluation._kept_file import write_kept

GROUPS = np.repeat(np.arange(30), 2)
X = np.random.default_rng(0).normal(size=(60, 3))


def judged(y, **options):
    models = {"a | b": LogisticRegression(), "ü": DummyClassifier()}
    grids = {"a | b": {"C": [0.1, 1.0]}}
    options = {"groups": GROUPS, "outer": 3, "param_grids": grids, "random_state": 0} | options
    return evaluate(models, X, y, inner=2, n_bootstrap=50, **options)


@pytest.mark.parametrize(
    "labels",
    [["b,c", "ä"], [0, 1], [1.0, 2.0], [False, True], np.array(["x", "y"], dtype=object)],
    ids=["text", "int", "float", "bool", "object"],
)
def test_what_is_loaded_is_what_was_saved(labels, tmp_path):
    found = judged(np.asarray(labels)[GROUPS % 2], sites=np.array(["N", "S"])[GROUPS % 4 // 2])
    found.save(tmp_path / "kept.sicf")
    loaded = load_evaluation(tmp_path / "kept.sicf")
    for name, value in vars(found).items():
        if name not in ("resampling", "patient"):
            np.testing.assert_equal(getattr(loaded, name), value)
            assert type(getattr(loaded, name)) is type(value)
    assert loaded.classes.tolist() == list(labels)
    assert loaded.groups.dtype == found.groups.dtype
    np.testing.assert_equal(loaded.metrics("ü"), found.metrics("ü"))
    assert repr(Evaluation.load(tmp_path / "kept.sicf")) == repr(found)


def test_file_is_a_zip_archive_without_pickle(tmp_path):
    judged(np.array(["p", "q"])[GROUPS % 2]).save(tmp_path / "kept.sicf")
    with zipfile.ZipFile(tmp_path / "kept.sicf") as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            with archive.open(name) as member:
                assert np.lib.format.read_array(member, allow_pickle=False) is not None


@pytest.fixture
def kept(tmp_path):
    judged(GROUPS % 2).save(tmp_path / "kept.sicf")
    return tmp_path / "kept.sicf"


def test_no_changed_or_missing_byte_passes(kept):
    content = kept.read_bytes()
    for at in np.linspace(0, len(content) - 1, 60).astype(int).tolist():
        kept.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ValueError, match="damaged|must be a file|newer"):
            load_evaluation(kept)
        kept.write_bytes(content[:at])
        with pytest.raises(ValueError, match="damaged|must be a file"):
            load_evaluation(kept)


def test_other_files_are_refused(kept, tmp_path):
    kept.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ValueError, match="must be a file of a sicf evaluation. It begins with"):
        load_evaluation(kept)
    write_kept(kept, "fold", 1, {}, {})
    with pytest.raises(ValueError, match="must be a file of a sicf evaluation"):
        load_evaluation(kept)
    write_kept(kept, "evaluation", 2, {}, {})
    with pytest.raises(ValueError, match="format 2, and this version of sicf knows up to 1"):
        load_evaluation(kept)
    with pytest.raises(FileNotFoundError):
        load_evaluation(tmp_path / "none")


def test_pickle_in_a_file_is_not_opened(kept):
    held = kept.with_suffix(".npz")
    np.savez(held, text=np.array([{"names": []}], dtype=object))
    body = held.read_bytes()
    digest = hashlib.sha256(body).hexdigest().encode()
    kept.write_bytes(b"sicf evaluation 1\n" + digest + b"\n" + body)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_evaluation(kept)


def test_a_write_that_fails_leaves_the_old_file_whole(kept, monkeypatch):
    before = kept.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        judged(GROUPS % 2).save(kept)
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == ["kept.sicf"]
