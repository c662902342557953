"""A piece of work that `soak.py` disturbs, in a process of its own.

    python benchmarks/soak_work.py WORK FOLDER OUTPUT [--bytes N] [--file-bytes N] [--user N]

Numbers go to OUTPUT, an npz file, at the very end. What the library warns of and refuses goes to
standard error, a line each, and the process ends with 3 where it refuses.
"""

import argparse
import os
import resource
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from small_network import small_network

from sicf import (
    CachedRows,
    HistEqualize,
    LyrebirdSelector,
    QuadrantROI,
    SIFTBoVW,
    TorchEmbedder,
    evaluate,
    load_evaluation,
    make_spine_phantoms,
)

REFUSED = 3
N_PATIENTS = 18
N_WORDS = 16


def phantoms():
    """Images, classes and patients."""
    data = make_spine_phantoms(N_PATIENTS, n_slices=2, shape=(96, 96), random_state=0)
    return data.images, data.target, data.groups


def features(cache=None):
    """From images to rows, through the cache where one is given."""
    parts = [
        ("sift", SIFTBoVW(N_WORDS, cache=cache, random_state=0)),
        ("network", embedder(cache)),
    ]
    return Pipeline(
        [("roi", QuadrantROI(64)), ("equalize", HistEqualize()), ("features", FeatureUnion(parts))]
    )


def embedder(cache=None):
    """A small network without weights of its own, hence seeded."""
    network = TorchEmbedder(small_network, "pool", input_size=64, batch_size=4)
    return network if cache is None else CachedRows(network, cache)


def embed(folder):
    """Rows of all images, kept in a cache."""
    images, _, _ = phantoms()
    return {"rows": features(folder).fit_transform(images)}


def search(folder):
    """A search for columns that keeps where it is."""
    X, y = make_classification(90, 120, n_informative=8, random_state=0)
    selector = LyrebirdSelector(
        RandomForestClassifier(20),
        population_size=8,
        max_iter=40,
        cv=3,
        random_state=0,
        checkpoint=folder,
    ).fit(X, y)
    return {
        "support": selector.get_support(),
        "score": selector.best_score_,
        "masks": selector.top_masks_,
        "evaluations": selector.n_evaluations_,
    }


def judge(folder):
    """A nested evaluation of two pipelines that keeps every finished fit."""
    images, y, groups = phantoms()
    forest = RandomForestClassifier(20, random_state=0)
    chosen = LyrebirdSelector(
        forest, population_size=4, max_iter=3, cv=3, reserve=0, random_state=0
    )
    found = evaluate(
        {
            "all": Pipeline([*features().steps, ("forest", forest)]),
            "chosen": Pipeline([*features().steps, ("select", chosen), ("forest", forest)]),
        },
        images,
        y,
        groups=groups,
        outer=3,
        checkpoint=folder,
        random_state=0,
    )
    return dict(found.scores)


def save(folder):
    """Save an evaluation over the one that is there, and read what is there then."""
    X, y = make_classification(200, random_state=0)
    found = evaluate(RandomForestClassifier(5, random_state=0), X, y, random_state=0)
    path = Path(folder) / "kept.sicf"
    try:
        found.save(path)
    finally:
        if path.exists():
            load_evaluation(path)
    return dict(found.scores)


WORKS = {work.__name__: work for work in (embed, search, judge, save)}


def main():
    options = parse_options()
    if options.user:
        # Somebody else may not read the interpreter's folder: import what is imported late now.
        features().fit_transform(phantoms()[0][:4])
    limit(options)
    warnings.simplefilter("always")
    warnings.showwarning = tell_warning
    try:
        numbers = WORKS[options.work](options.folder)
    except KeyboardInterrupt:
        raise
    except Exception as exc:
        print(f"{type(exc).__name__}: {' '.join(str(exc).split())}", file=sys.stderr)
        sys.exit(REFUSED)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    write(options.output, numbers)


def limit(options):
    """Take rights and means away, once all that is needed has been imported."""
    if options.bytes:
        resource.setrlimit(resource.RLIMIT_AS, (in_use() + options.bytes, resource.RLIM_INFINITY))
    if options.file_bytes is not None:
        bound = (options.file_bytes, resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, bound)
    if options.user:
        os.setuid(options.user)


def in_use():
    """Bytes of address space that this process has already."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def tell_warning(message, category, *_, **__):
    print(f"{category.__name__}: {' '.join(str(message).split())}", file=sys.stderr)


def write(path, numbers):
    """Write all, or nothing that anyone takes for the whole."""
    part = f"{path}.part"
    with open(part, "wb") as file:
        np.savez(file, **numbers)
    os.replace(part, path)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", choices=list(WORKS))
    parser.add_argument("folder")
    parser.add_argument("output")
    parser.add_argument("--bytes", type=int, help="of memory beyond those in use at the start")
    parser.add_argument("--file-bytes", type=int, help="that one file may have")
    parser.add_argument("--user", type=int, help="to become, by number")
    return parser.parse_args()


if __name__ == "__main__":
    main()
