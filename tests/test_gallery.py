"""The gallery: each example has a title, a picture and public names, and runs to its end."""

import ast
import itertools
import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import sicf

GALLERY = Path(__file__).parents[1] / "examples" / "gallery"
EXAMPLES = sorted(GALLERY.glob("*.py"))
LISTED = [
    "plot_01_first_pipeline",
    "plot_02_dicom_cohort",
    "plot_03_several_sequences",
    "plot_04_nested_grid_search",
    "plot_05_comparing_selectors",
    "plot_06_another_network",
    "plot_07_explaining",
    "plot_08_two_centres",
    "plot_09_dask",
    "plot_10_selection_leak",
]
# What an example needs beyond the library and what its tests need anyway.
NEEDS = {"plot_09_dask": "distributed"}
LONGEST_TITLE = 40
every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def test_examples_are_listed():
    assert [path.stem for path in EXAMPLES] == LISTED


@every_example
def test_title(path):
    """One heading of rst, underlined as long as it is, and words below it."""
    title, line, empty, *words = ast.get_docstring(parse(path)).splitlines()
    assert 0 < len(title) <= LONGEST_TITLE
    assert line == "=" * len(title)
    assert empty == ""
    assert words


@every_example
def test_headings_of_cells(path):
    """A line of hyphens in a cell's text is as long as the heading above it."""
    lines = path.read_text().splitlines()
    for above, line in itertools.pairwise(lines):
        if re.fullmatch(r"# -+", line):
            assert len(line) == len(above), above


@every_example
def test_public_names_alone(path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            assert not any(alias.name.split(".")[0] == "sicf" for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "sicf":
            room = sicf if node.module == "sicf" else getattr(sicf, node.module.split(".", 1)[1])
            assert {alias.name for alias in node.names} <= set(room.__all__)


@every_example
def test_names_in_the_text_are_public(path):
    for name in re.findall(r":(?:func|class):`sicf\.(\w+)`", path.read_text()):
        assert name in sicf.__all__


@every_example
def test_draws_at_its_end(path):
    assert "plt.show()" in path.read_text()


@pytest.mark.slow
@every_example
def test_runs_to_its_end(path):
    """Warnings are errors here, as everywhere in the tests."""
    pytest.importorskip(NEEDS.get(path.stem, "sicf"))
    runpy.run_path(str(path), run_name="__main__")
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert figures
    for figure in figures:
        figure.canvas.draw()
        assert all(ax.has_data() or not ax.axison for ax in figure.axes)


def parse(path):
    return ast.parse(path.read_text())
