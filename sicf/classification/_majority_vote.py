"""Iterative hard majority voting on labels: who votes, and what comes out."""

from typing import NamedTuple

import numpy as np


class Election(NamedTuple):
    """Which members decide.

    Parameters
    ----------
    ranking : ndarray of int of shape (M,)
        The members, the most accurate first; of equal ones the first given.
    accuracies : ndarray of shape (M,)
        Of the members, as given.
    vote_accuracies : dict of int to float
        Of the vote of the best m members, by m.
    n_members : int
        How many of the best members decide: 1, or one of the keys of `vote_accuracies`.
    """

    ranking: np.ndarray
    accuracies: np.ndarray
    vote_accuracies: dict
    n_members: int

    @property
    def accuracy(self):
        """Accuracy of the winner, on the labels that made it the winner."""
        if self.n_members == 1:
            return float(self.accuracies[self.ranking[0]])
        return self.vote_accuracies[self.n_members]

    @property
    def members(self):
        """The members that decide, the best first."""
        return self.ranking[: self.n_members]


def hold_election(labels, target, n_classes, least=3):
    """Rank members, let the best m of them vote for every m, and take the most accurate.

    Parameters
    ----------
    labels : ndarray of int of shape (n, M)
        What each member says, classes numbered from 0.
    target : ndarray of int of shape (n,)
        What is true.
    n_classes : int
    least : int, default=3
        Smallest vote.

    Returns
    -------
    Election
        Of candidates that are equally accurate the one with the fewest members wins.
    """
    accuracies = (labels == target[:, np.newaxis]).mean(axis=0)
    ranking = np.argsort(-accuracies, kind="stable")
    votes = {
        m: float((vote(labels[:, ranking[:m]], n_classes)[0] == target).mean())
        for m in range(least, labels.shape[1] + 1)
    }
    candidates = {1: float(accuracies[ranking[0]])} | votes
    return Election(ranking, accuracies, votes, max(candidates, key=candidates.get))


def vote(labels, n_classes):
    """Count votes; of classes with equally many, that of the best-ranked member wins.

    Parameters
    ----------
    labels : ndarray of int of shape (n, m)
        Members in the order of their rank.
    n_classes : int

    Returns
    -------
    winner : ndarray of int of shape (n,)
    shares : ndarray of shape (n, n_classes)
        Of the votes.
    """
    counts = (labels[:, :, np.newaxis] == np.arange(n_classes)).sum(axis=1)
    leads = counts == counts.max(axis=1, keepdims=True)
    first = np.take_along_axis(leads, labels, axis=1).argmax(axis=1)
    winner = labels[np.arange(len(labels)), first]
    return winner, counts / labels.shape[1]
