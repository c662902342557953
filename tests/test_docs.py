"""The pages: every name has a place, every page is reached, and what is code is true."""

import ast
import doctest
import inspect
import re
from pathlib import Path

import pytest

import sicf

ROOT = Path(sicf.__file__).parent.parent
DOCS = ROOT / "docs"
BUILT = {"_build", "gallery", "generated"}
PAGES = sorted(
    path
    for path in [*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")]
    if path.relative_to(DOCS).parts[0] not in BUILT and "_templates" not in path.parts
)
READ = [*(path for path in PAGES if path.suffix == ".md"), ROOT / "README.md"]
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<!`)`((?:make_|load_)?\w+)\(([^`]*)\)`(?!`)")

pytestmark = pytest.mark.skipif(
    not (DOCS / "conf.py").is_file(), reason="the pages are not beside an installed package"
)


def named(paths):
    return pytest.mark.parametrize("page", paths, ids=lambda path: path.name)


def test_the_reference_has_every_public_name():
    lines = {line.strip() for line in (DOCS / "api.rst").read_text().splitlines()}
    names = {name for name in sicf.__all__ if not inspect.ismodule(getattr(sicf, name))}
    rooms = [name for name in sicf.__all__ if inspect.ismodule(getattr(sicf, name))]
    assert "images" in rooms
    for room in rooms:
        public = set(getattr(sicf, room).__all__) - set(sicf.__all__)
        names |= {f"{room}.{name}" for name in public}
    assert names - lines == set()


def test_the_reference_names_every_room():
    text = (DOCS / "api.rst").read_text()
    rooms = [name for name in sicf.__all__ if inspect.ismodule(getattr(sicf, name))]
    assert [room for room in rooms if f"``sicf.{room}``" not in text] == []


def test_every_page_is_reached_from_the_first_one():
    reached, ahead = set(), ["index"]
    while ahead:
        name = ahead.pop()
        reached.add(name)
        # The gallery is made of the examples when the pages are built.
        ahead += [entry for entry in entries(name) if entry not in reached]
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES}
    assert pages - reached == set()
    assert reached - pages == {"gallery/index"}


def entries(name):
    """What the toctrees of a page list."""
    path = DOCS / f"{name}.md"
    if not path.is_file():
        return []
    found = []
    for body in re.findall(r"^```\{toctree\}\n(.*?)^```$", path.read_text(), re.M | re.DOTALL):
        lines = [line.strip() for line in body.splitlines()]
        # "Title <page>" or "page"
        found += [re.sub(r".*<(.*)>", r"\1", line) for line in lines if line[:1] not in ("", ":")]
    return found


@named([page for page in READ if ">>> " in page.read_text() and page.name != "README.md"])
def test_sessions_run_as_they_are_written(page, tmp_path, monkeypatch):
    """All sessions of a page, in order, in one namespace; of the README pytest sees to that."""
    sessions = [code for _, code in BLOCK.findall(page.read_text()) if ">>> " in code]
    text = "\n".join(sessions)
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert test.examples
    monkeypatch.chdir(tmp_path)  # what a session writes
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test, out=report.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(report)


@named([page for page in READ if "```python" in page.read_text()])
def test_other_code_is_python_and_calls_what_there_is(page):
    blocks = [code for _, code in BLOCK.findall(page.read_text()) if ">>> " not in code]
    for block in blocks:
        tree = ast.parse(inspect.cleandoc("\n" + block))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "sicf":
                assert {alias.name for alias in node.names} <= set(sicf.__all__)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                check_keywords(node, block)


@named(READ)
def test_calls_in_running_text_name_parameters_that_there_are(page):
    for name, arguments in CALL.findall(page.read_text()):
        # `n_jobs=` and `n_jobs=...` name a parameter as well as `n_jobs=2` does.
        arguments = re.sub(r"=(\.\.\.)?(?=\s*(,|$))", "=0", arguments)
        if name in sicf.__all__ and "..." not in arguments:
            call = f"{name}({arguments})"
            check_keywords(ast.parse(call, mode="eval").body, call)


def check_keywords(call, text):
    """Whether a call of one of our own names gives it parameters that it has."""
    if call.func.id not in sicf.__all__:
        return
    parameters = inspect.signature(getattr(sicf, call.func.id)).parameters
    takes = set(parameters)
    if any(kind.kind is kind.VAR_KEYWORD for kind in parameters.values()):
        takes |= set(inspect.signature(sicf.make_sicf_lorf).parameters)
    given = {keyword.arg for keyword in call.keywords}
    assert given <= takes, text


def test_every_contradiction_of_the_paper_has_a_row():
    rows = re.findall(r"^\| (C\d+) \|", (DOCS / "paper.md").read_text(), re.MULTILINE)
    assert rows == [f"C{number}" for number in range(1, 21)]


@named(READ)
def test_relative_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?://|#)([^)\s#]+)(?:#[^)]*)?\)", page.read_text())
    built = [link for link in links if link.startswith(("gallery/", "generated/"))]
    missing = [link for link in links if link not in built and not (page.parent / link).exists()]
    assert missing == []
