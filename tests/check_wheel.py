"""Build sdist and wheel, look at what they hold, install the wheel in an empty environment, use it.

    python tests/check_wheel.py            # dependencies are lent by this environment: seconds
    python tests/check_wheel.py --full     # they are installed too: minutes, and a package index

The new environment sees the dependencies through a `.pth` file, and this checkout not at all.
"""

import argparse
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MUST_HOLD = (
    "sicf/evaluation/published_tables.json",
    "sicf/evaluation/report/claim_2024.json",
    "sicf/evaluation/report/page.html",
    "sicf/evaluation/report/style.css",
    "sicf/evaluation/report/tripod_ai.json",
)
# Run outside of the checkout, by the new environment's Python, which must not find the checkout.
USE = """
import importlib.metadata, inspect, sys
from pathlib import Path
import sicf

where, version = Path(sicf.__file__).resolve(), sys.argv[1]
assert where.is_relative_to(Path(sys.prefix).resolve()), where
assert sicf.__version__ == version == importlib.metadata.version("sicf")
for name in sicf.__all__:
    thing = getattr(sicf, name)
    if inspect.ismodule(thing):
        assert all(getattr(thing, public) is not None for public in thing.__all__)
assert sicf.published_tables()
data = sicf.make_spine_phantoms(6, n_slices=1, sequences=("T2",), random_state=0)
model = sicf.make_thumbnail_forest(size=16, random_state=0).fit(data.images, data.target)
assert (model.predict(data.images) == data.target).mean() > 0.5
words = sicf.SIFTBoVW(8, random_state=0).fit_transform(data.images)
assert words.shape == (6, 8)
print(f"sicf {version} works from {where.parent}")
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="install the dependencies too")
    full = parser.parse_args().full
    with tempfile.TemporaryDirectory() as folder:
        sdist, wheel = build(Path(folder) / "dist")
        check_sdist(sdist)
        check_wheel(wheel)
        print(install_and_use(wheel, Path(folder) / "environment", full))


def build(folder):
    """The sdist, and the wheel made from it, as `python -m build` makes them.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    (Path, Path)
    """
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def check_sdist(path):
    """Raise where the source distribution lacks a part of the package, its licence or its tests."""
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {*modules(), *MUST_HOLD, "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"}
    wanted |= {"tests/conftest.py", "requirements/oldest.txt", "Makefile"}
    complain("The sdist lacks", wanted - held)


def check_wheel(path):
    """Raise where the wheel lacks a file of the package, or holds one that is none of it."""
    with zipfile.ZipFile(path) as archive:
        held = set(archive.namelist())
        (metadata,) = (name for name in held if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode()
    info = metadata.rpartition("/")[0]
    wanted = {*modules(), *MUST_HOLD, f"{info}/licenses/LICENSE"}
    complain("The wheel lacks", wanted - held)
    complain("The wheel holds", {name for name in held - wanted if not name.startswith(info)})
    if f"\nVersion: {version()}\n" not in text or "License-Expression: BSD-3-Clause" not in text:
        raise SystemExit("The wheel's metadata lacks the version or the licence.")


def modules():
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / "sicf").rglob("*.py")}


def version():
    """The version, read from its one place without an import."""
    lines = (ROOT / "sicf" / "__init__.py").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("__version__ = "))
    return line.split('"')[1]


def install_and_use(wheel, folder, full):
    """Install the wheel in a new environment and use it there.

    Parameters
    ----------
    wheel : Path
    folder : Path
        Of the environment.
    full : bool
        Whether the dependencies are installed too, and not lent.

    Returns
    -------
    str
        What it printed.
    """
    venv.create(folder, with_pip=full)
    python = folder / "bin" / "python"
    if full:
        run(python, "-m", "pip", "install", "--quiet", wheel)
    else:
        # The new environment has no pip: this one's installs into it.
        pip = [sys.executable, "-m", "pip", "--python", python]
        run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
        lend_dependencies(folder)
    return run(python, "-I", "-c", USE, version(), cwd=folder)


def lend_dependencies(folder):
    """Put this environment's packages behind those of the new one, which finds its own first.

    A `.pth` file adds a folder; it does not read the `.pth` files there, so an editable
    installation of this checkout is not found.
    """
    own = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    Path(own, "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")


def complain(what, names):
    if names:
        raise SystemExit(f"{what} {', '.join(sorted(names))}.")


def run(*command, cwd=None):
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}{command} ended with {done.returncode}.")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
