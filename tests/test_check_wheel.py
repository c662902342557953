"""`make wheel` builds and tries the wheel; here, its check of the contents finds what is wrong."""

import runpy
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

check_wheel = SimpleNamespace(**runpy.run_path(Path(__file__).with_name("check_wheel.py")))
VERSION = check_wheel.version()


def write_wheel(path, leave_out=(), add=(), version=VERSION):
    info = "sicf-0.dist-info"
    names = {*check_wheel.modules(), *check_wheel.MUST_HOLD, f"{info}/licenses/LICENSE"}
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted((names - set(leave_out)) | set(add)):
            archive.writestr(name, "")
        archive.writestr(
            f"{info}/METADATA",
            f"Name: sicf\nVersion: {version}\nLicense-Expression: BSD-3-Clause\n",
        )
    return path


def test_whole_wheel_is_taken(tmp_path):
    check_wheel.check_wheel(write_wheel(tmp_path / "sicf.whl"))


@pytest.mark.parametrize("name", ["sicf/evaluation/published_tables.json", "sicf/_pipelines.py"])
def test_missing_file_is_named(tmp_path, name):
    with pytest.raises(SystemExit, match=f"The wheel lacks {name}"):
        check_wheel.check_wheel(write_wheel(tmp_path / "sicf.whl", leave_out=[name]))


@pytest.mark.parametrize("name", ["tests/conftest.py", "sicf/scan.dcm"])
def test_stray_file_is_named(tmp_path, name):
    with pytest.raises(SystemExit, match=f"The wheel holds {name}"):
        check_wheel.check_wheel(write_wheel(tmp_path / "sicf.whl", add=[name]))


def test_other_version_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="lacks the version"):
        check_wheel.check_wheel(write_wheel(tmp_path / "sicf.whl", version="9.9"))
