"""A nested evaluation of phantom patients on a cluster of dask, and the same on this machine.

    python examples/cluster.py [--scheduler tcp://ADDRESS:8786]

Without an address it starts two worker processes here. Everything inside ``parallel_config`` goes
to the cluster: the outer folds, and from each of them the subsets that its search scores. Needs
``pip install "dask[distributed]"``.
"""

import argparse
import time
from contextlib import contextmanager

import numpy as np
from dask.distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import make_pipeline

from sicf import (
    HistEqualize,
    LyrebirdSelector,
    QuadrantROI,
    SIFTBoVW,
    ThumbnailFeatures,
    evaluate,
    make_spine_phantoms,
)


def main():
    options = parse_options()
    data = make_spine_phantoms(
        options.patients, n_slices=2, sequences=("T2",), shape=(128, 128), random_state=0
    )
    with cluster(options.scheduler) as client:
        print(f"{sum(client.ncores().values())} cores on {len(client.ncores())} workers")
        on_cluster, seconds = timed(data)
    here, seconds_here = timed(data)
    print(f"\n{on_cluster.to_markdown()}\n")
    print(f"On the cluster {seconds:.0f} s, here {seconds_here:.0f} s.")
    for name, scores in here.scores.items():
        np.testing.assert_array_equal(scores, on_cluster.scores[name])
    print("All scores are the same, bit for bit.")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scheduler", help="address of a running scheduler")
    parser.add_argument("--patients", type=int, default=18)
    return parser.parse_args()


@contextmanager
def cluster(address):
    """A client of the cluster at an address, or of one that is started here, joblib included."""
    if address is None:
        address = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    with Client(address) as client, parallel_config("dask"):
        yield client
    if isinstance(address, LocalCluster):
        address.close()


def timed(data):
    """An evaluation, and its seconds: the code is the same on a cluster and without."""
    start = time.perf_counter()
    result = evaluate(
        systems(), data.images, data.target, groups=data.groups, outer=3, random_state=0
    )
    return result, time.perf_counter() - start


def systems():
    picture = QuadrantROI(size=64), HistEqualize()
    trees = ExtraTreesClassifier(100, random_state=0)
    search = LyrebirdSelector(
        ExtraTreesClassifier(25), population_size=6, max_iter=3, cv=3, mode="paper", random_state=0
    )
    return {
        "thumbnail, trees": make_pipeline(*picture, ThumbnailFeatures(16), trees),
        "SIFT words, Lyrebird, trees": make_pipeline(
            *picture, SIFTBoVW(32, random_state=0), search, trees
        ),
    }


if __name__ == "__main__":
    main()
