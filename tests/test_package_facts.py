"""Facts that stand in several files agree: the version, and the oldest versions of dependencies."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import sicf

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Their oldest wheels are not to be had from every package index (torch, torchvision); a tool whose
# opinions change with each release, which tests nothing of ours (ruff).
NOT_PINNED = {"torch", "torchvision", "ruff"}
# What nobody installs to test: networks for benchmarks, and tools that make the documentation.
NOT_TESTED = {"benchmark", "docs"}


def declared():
    """Floors that pyproject.toml declares, by name."""
    extras = PROJECT["optional-dependencies"]
    lists = [PROJECT["dependencies"], *(extras[name] for name in extras if name not in NOT_TESTED)]
    for text in sorted({text for texts in lists for text in texts}):
        requirement = Requirement(text)
        if requirement.name.lower() not in NOT_PINNED | {"sicf"}:
            yield requirement


def pinned():
    lines = (ROOT / "requirements" / "oldest.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", pin) for pin in pins), pins
    return {name.lower(): Version(pin) for name, pin in (line.split("==") for line in pins)}


@pytest.mark.parametrize("requirement", list(declared()), ids=str)
def test_oldest_version_that_is_tested_is_the_one_declared(requirement):
    (floor,) = requirement.specifier
    assert floor.operator == ">="
    wanted, tested = Version(floor.version).release, pinned()[requirement.name.lower()].release
    # The first release of 4.9 may be called 4.9.0.80.
    assert tested[: len(wanted)] == wanted


def test_each_dependency_has_one_floor():
    names = [requirement.name.lower() for requirement in declared()]
    assert len(names) == len(set(names))
    assert len(names) > 20


def test_version_stands_in_one_place():
    assert PROJECT["dynamic"] == ["version"]
    assert "version" not in PROJECT
    text = (ROOT / "pyproject.toml").read_text()
    assert tomllib.loads(text)["tool"]["hatch"]["version"] == {"path": "sicf/__init__.py"}
    assert str(Version(sicf.__version__)) == sicf.__version__


def test_metadata_citation_and_changelog_have_that_version():
    assert version("sicf") == sicf.__version__
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [sicf.__version__]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert re.fullmatch(
        rf"{re.escape(sicf.__version__)} - (unreleased|\d{{4}}-\d\d-\d\d)", headings[0]
    )
