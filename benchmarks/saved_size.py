"""Size of a saved LO-RF pipeline at the paper's size: 512 + 4,096 columns, 100 trees of depth 20.

    python benchmarks/saved_size.py

The whole pipeline is fitted on small pictures, with 512 words and a seeded VGG16, whose weights are
never in the file. Then its selector and its forest are fitted again on rows of 4,608 columns of
220 and 350 patients whose classes are drawn by lot: nothing is harder to learn by heart, so no
trees are larger. The search is short; its history has a row for each generation, whatever the
columns. Wanted: under 5 MB.
"""

import tempfile
import time
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

import numpy as np

import sicf

COLUMNS = 512 + 4096
PATIENTS = (220, 350)
WANTED = 5_000_000
LARGEST = 3


def main():
    pipeline = fitted_on_pictures()
    print("| patients | nodes | bytes | wanted | save, s | load, s | the same answers | largest |")
    print("|---" * 8 + "|")
    for n_patients in PATIENTS:
        print(row(pipeline, n_patients), flush=True)


def fitted_on_pictures():
    data = sicf.make_spine_phantoms(
        24, n_slices=1, sequences=("T2",), shape=(96, 96), random_state=0
    )
    pipeline = sicf.make_sicf_lorf(weights=None, population_size=4, max_iter=2, random_state=0)
    return pipeline.set_params(roi__size=64).fit(data.images, data.target)


def row(pipeline, n_patients):
    rows, y = drawn(n_patients)
    selected = pipeline["selector"].fit(rows, y).transform(rows)
    forest = pipeline["forest"].fit(selected, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lorf.sicf"
        start = time.perf_counter()
        sicf.save(pipeline, path)
        saved = time.perf_counter()
        again = sicf.load(path)
        loaded = time.perf_counter()
        size, parts = path.stat().st_size, parts_of(path)
    same = np.array_equal(again[-2:].predict_proba(rows), pipeline[-2:].predict_proba(rows))
    nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
    verdict = "met" if size < WANTED else "missed"
    return (
        f"| {n_patients} | {nodes} | {size} | {verdict} | {saved - start:.1f} | "
        f"{loaded - saved:.1f} | {same} | {parts} |"
    )


def drawn(n_patients):
    rng = np.random.default_rng(n_patients)
    return rng.random((n_patients, COLUMNS), dtype=np.float32), rng.integers(0, 3, n_patients)


def parts_of(path):
    """Packed bytes by kind of member, the largest first."""
    sizes = defaultdict(int)
    with ZipFile(path) as archive:
        for info in archive.infolist():
            name = Path(info.filename)
            sizes[name.suffix if name.stem.isdigit() else name.name] += info.compress_size
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:LARGEST]
    return ", ".join(f"{name} {size}" for name, size in largest)


if __name__ == "__main__":
    main()
