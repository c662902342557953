"""The house keeps its shape: names, lightness and the direction of imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sicf

HOUSE = Path(sicf.__file__).parent
MAY_IMPORT = {
    "_atomic_file": set(),
    "_augmented_fit": {
        "_joined_samples",
        "_number_checks",
        "_one_for_each",
        "_parted_copies",
        "images",
    },
    "_batch": set(),
    "_bgnet": {"classification", "features"},
    "_compiled": set(),
    "_drawing": set(),
    "_intensity": set(),
    "_joined_samples": set(),
    "_named_columns": set(),
    "_number_checks": set(),
    "_one_for_each": set(),
    "_parted_copies": set(),
    "_plain_state": set(),
    "_sealed_file": {"_atomic_file"},
    "_spread": {"_worker_threads"},
    "_without_columns": set(),
    "_worker_threads": set(),
    "images": {
        "_batch",
        "_drawing",
        "_intensity",
        "_number_checks",
        "_spread",
        "_without_columns",
        "_worker_threads",
    },
    "features": {
        "_atomic_file",
        "_batch",
        "_compiled",
        "_drawing",
        "_intensity",
        "_number_checks",
        "_one_for_each",
        "_plain_state",
        "_spread",
        "_without_columns",
        "_worker_threads",
    },
    "classification": {
        "_batch",
        "_intensity",
        "_joined_samples",
        "_number_checks",
        "_one_for_each",
        "_worker_threads",
        "features",
        "images",
        "selection",
    },
    "selection": {
        "_atomic_file",
        "_compiled",
        "_drawing",
        "_number_checks",
        "_one_for_each",
        "_plain_state",
        "_spread",
    },
    "evaluation": {"_drawing", "_number_checks", "_one_for_each", "_sealed_file", "_spread"},
    "datasets": {"images"},
    "explanation": {
        "_batch",
        "_drawing",
        "_number_checks",
        "_worker_threads",
        "features",
        "images",
    },
    "fusion": {
        "_batch",
        "_intensity",
        "_number_checks",
        "_without_columns",
        "_worker_threads",
        "features",
    },
    "_image_steps": {"features", "fusion", "images"},
    "persistence": {"_sealed_file", "features"},
    "_patch_resnet": {
        "_image_steps",
        "_named_columns",
        "_number_checks",
        "classification",
        "features",
        "selection",
    },
    "_pipelines": {"_image_steps", "features", "selection"},
    "_rivals": {"_image_steps", "features"},
    "_variants": {"_image_steps", "_pipelines", "features"},
}


def test_every_public_name_can_be_had():
    for name in sicf.__all__:
        assert getattr(sicf, name) is not None
    assert sicf.__all__ == sorted(sicf.__all__)
    assert set(sicf.__all__) <= set(dir(sicf))


@pytest.mark.parametrize("room", sicf._ROOMS)
def test_rooms_list_what_they_hold(room):
    package = getattr(sicf, room)
    assert len(package.__all__) == len(set(package.__all__))
    for name in package.__all__:
        assert getattr(package, name) is not None
    public = {
        name
        for name in sicf.__all__
        if getattr(getattr(sicf, name), "__module__", "").startswith(f"{package.__name__}.")
    }
    assert public <= set(package.__all__)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Sift'"):
        sicf.Sift  # noqa: B018


def test_import_is_light():
    heavy = {"torch", "numba", "matplotlib", "pandas", "sklearn", "cv2"}
    code = f"import sicf, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_features_load_no_torch_until_it_is_used():
    code = (
        "import sicf.features, sicf.fusion, sicf.images, sys; "
        "print({'torch', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_building_the_pipeline_loads_little_beside_scikit_learn():
    """benchmarks/import_time.py measures it; here, what once made it slow stays away."""
    heavy = {"cv2", "skimage", "torch", "numba", "urllib.request", "sklearn.cluster"}
    heavy |= {"sicf.images.files", "PIL", "pydicom", "nibabel", "sicf.evaluation"}
    known = "import sys, sklearn.pipeline, sklearn.ensemble, sklearn.model_selection"
    code = (
        f"{known}; before = set(sys.modules); from sicf import make_sicf_lorf; make_sicf_lorf();"
        f" print(sorted({heavy} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*.py")), ids=lambda path: path.stem)
def test_imports_point_downwards(path):
    room = path.relative_to(HOUSE).with_suffix("").parts[0]
    if room == "__init__":
        return
    for module in _imported_parts(path):
        assert module == room or module in MAY_IMPORT[room], f"{path} imports sicf.{module}"


def _imported_parts(path):
    """Rooms of sicf that a module imports at its top; `from sicf import __version__` is none."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "sicf" and parts[1] != "__version__":
                yield parts[1]
