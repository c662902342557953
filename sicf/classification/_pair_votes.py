"""From what pairs are said to be to what the patient is: age, the highest scores, votes."""

import numpy as np


def shares_by_decade(ages, target, n_classes):
    """Share of each class among the patients of each decade of age.

    Parameters
    ----------
    ages : ndarray of shape (n,)
        Years; nan where they are not known.
    target : ndarray of int of shape (n,)
        Classes, numbered from 0.
    n_classes : int

    Returns
    -------
    dict of int to ndarray of shape (n_classes,)
        By decade, 6 for 60 to 69; empty where no age is known.
    """
    decades = np.floor(ages / 10)
    known = np.unique(decades[~np.isnan(decades)])
    return {
        int(decade): np.bincount(target[decades == decade], minlength=n_classes)
        / np.count_nonzero(decades == decade)
        for decade in known
    }


def with_age(proba, age, shares, weight):
    """Mix probabilities of pairs with the shares of the patient's decade.

    Parameters
    ----------
    proba : ndarray of shape (n_edges, n_classes)
    age : float
        nan changes nothing, nor does a decade that `shares` lacks.
    shares : dict of int to ndarray
    weight : float

    Returns
    -------
    ndarray of shape (n_edges, n_classes)
    """
    decade = None if np.isnan(age) else int(age // 10)
    if decade not in shares:
        return proba
    return (1 - weight) * proba + weight * shares[decade]


def keep_highest(proba, fraction, least):
    """Keep the pairs with the highest scores of the second class.

    Parameters
    ----------
    proba : ndarray of shape (n_edges, 2)
    fraction : float or None
        None keeps all.
    least : int
        So many are kept in any case.

    Returns
    -------
    ndarray of shape (n_kept, 2)
    """
    if fraction is None:
        return proba
    n_kept = max(int(fraction * len(proba)), least)
    return proba[np.argsort(-proba[:, 1], kind="stable")[:n_kept]]


def shares_of_votes(proba):
    """Share of the pairs that vote for each class: the likeliest one, the first of equal ones."""
    votes = proba.argmax(axis=1)
    return np.bincount(votes, minlength=proba.shape[1]) / len(votes)
