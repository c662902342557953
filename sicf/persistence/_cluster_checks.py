"""Clusters: centres as wide as the samples, and what else compiled code takes on trust."""

import os

import numpy as np

from sicf.persistence._persistence_error import PersistenceError
from sicf.persistence._width import width_of


def check_centres(model):
    """Check the centres of k-means, and bound its threads by those of this machine.

    OpenMP ends the process where it cannot start as many threads as it is told to.

    Parameters
    ----------
    model : KMeans, MiniBatchKMeans or BisectingKMeans
    """
    centres, counts, width = model.cluster_centers_, vars(model).get("_counts"), width_of(model)
    if not len(centres) or centres.shape != (len(centres), width):
        raise PersistenceError(
            f"Centres of clusters must have {width} columns. Got {centres.shape}."
        )
    if counts is not None and counts.shape != centres.shape[:1]:
        raise PersistenceError(
            f"Each of {len(centres)} clusters must have a count. Got {counts.shape}."
        )
    model._n_threads = max(1, min(model._n_threads, os.cpu_count() or 1))


def check_norms(model):
    """Check that each subcluster has its norm.

    Parameters
    ----------
    model : Birch
    """
    centres, norms = model.subcluster_centers_, model._subcluster_norms
    if norms.shape != centres.shape[:1]:
        raise PersistenceError(
            f"Each of {len(centres)} subclusters must have a norm. Got {norms.shape}."
        )


def check_linkage(model):
    """Check that each node of the hierarchy joins two earlier ones.

    Parameters
    ----------
    model : HDBSCAN
    """
    tree = model._single_linkage_tree_
    own = len(tree) + 1 + np.arange(len(tree))
    sides = tree["left_node"], tree["right_node"]
    if not all(((side >= 0) & (side < own)).all() for side in sides):
        raise PersistenceError("Each node of a hierarchy must join two earlier ones.")
