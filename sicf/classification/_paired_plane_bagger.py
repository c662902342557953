"""PairedPlaneBagger: a patient is what most pairs of an axial and a sagittal crop are."""

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from sicf._number_checks import check_number, check_whole_number
from sicf._one_for_each import one_for_each
from sicf.classification._pair_votes import (
    keep_highest,
    shares_by_decade,
    shares_of_votes,
    with_age,
)
from sicf.classification._paired_planes import check_patients

LARGEST_SEED = np.iinfo(np.int32).max


class PairedPlaneBagger(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classify patients by the votes of all pairs of an axial and a sagittal crop, as BgNet [1]_.

    Parameters
    ----------
    estimator : classifier
        Of images, with `predict_proba`; often a whole pipeline. It is cloned.
    weight_clinical : float, default=0.4
        Weight, in [0, 1], of the classes' shares among the training patients of the same decade of
        age in what a pair is said to be. Patients without an age go by their pictures alone.
    top_fraction : float or None, default=None
        Only this share of a patient's pairs votes, those with the highest scores of the second
        class; two classes only. None lets all vote.
    min_top : int, default=300
        So many pairs vote in any case.
    n_visits : int, default=8
        Pairs of each patient that `fit` draws, different ones as long as there are some.
    max_pairs : int or None, default=None
        Pairs of a patient that are predicted, drawn by chance where there are more. None is all.
    flip : bool, default=True
        In `fit`, turn each crop up and down, left and right, or not, a third each.
    height, width : int, default=112, 224
        Pixels of a resized crop; a pair is twice as high, the axial crop on top.
    random_state : int, RandomState instance or None, default=None
        Draws pairs and flips. The estimator keeps its own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    estimator_ : classifier
        The fitted clone.
    age_shares_ : dict of int to ndarray of shape (n_classes,)
        Share of each class among the training patients of a decade of age, 6 for 60 to 69; empty
        where no age is known.
    source_ : ndarray of int of shape (n_patients * n_visits,)
        The patient of each pair that the estimator was fitted on.
    n_channels_in_ : int
        Sequences of a crop.

    See Also
    --------
    make_bgnet : With BgNet's network.
    ResNetSTClassifier : That network.

    Notes
    -----
    X is a list of patients, each a dict: under "axial" and "sagittal" images of shape (H, W) or
    (H, W, M) that may differ in size, at least one each, and under "age" the years, which may be
    missing or None. A list can be split by scikit-learn's cross-validation and by :func:`evaluate`.
    Crops of other than eight bits are stretched to them, each by itself.

    With two classes, a pair votes for the second, in sorted order, where its score is above one
    half, and a patient's score is the share of such votes. More classes are ours: a pair votes for
    the likeliest.

    `fit` hands the patient's number to estimators that ask for `groups`, or the groups it is given,
    so that pairs of one patient are on one side of every split inside. The published training draws
    new pairs in every epoch; here they are drawn once, `n_visits` for each patient.

    References
    ----------
    .. [1] H. Liu et al., "BgNet: classification of benign and malignant tumors with MRI multi-plane
       attention learning", Frontiers in Oncology 12, 2022. :doi:`10.3389/fonc.2022.971871`

    Examples
    --------
    >>> import numpy as np
    >>> from sicf import PairedPlaneBagger, make_thumbnail_forest
    >>> rng = np.random.default_rng(0)
    >>> X = [
    ...     {"axial": rng.integers(0, 200 + 50 * (i % 2), size=(2, 32, 32), dtype=np.uint8),
    ...      "sagittal": rng.integers(0, 255, size=(3, 40, 24), dtype=np.uint8), "age": 40 + i}
    ...     for i in range(6)
    ... ]
    >>> model = PairedPlaneBagger(make_thumbnail_forest(random_state=0), random_state=0)
    >>> model.fit(X, [0, 1, 0, 1, 0, 1]).predict_proba(X).shape
    (6, 2)
    >>> model.edge_proba(X[:1])[0].shape
    (6, 2)
    """

    # Asked for by itself, so that groups arrive here when routing is switched on around.
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(
        self,
        estimator,
        *,
        weight_clinical=0.4,
        top_fraction=None,
        min_top=300,
        n_visits=8,
        max_pairs=None,
        flip=True,
        height=112,
        width=224,
        random_state=None,
    ):
        self.estimator = estimator
        self.weight_clinical = weight_clinical
        self.top_fraction = top_fraction
        self.min_top = min_top
        self.n_visits = n_visits
        self.max_pairs = max_pairs
        self.flip = flip
        self.height = height
        self.width = width
        self.random_state = random_state

    def fit(self, X, y, *, groups=None):
        """Draw pairs of each patient, and fit the estimator on them.

        Parameters
        ----------
        X : list of dict
            See the notes.
        y : array-like of shape (n_patients,)
        groups : array-like of shape (n_patients,), default=None
            Such as the site; for splits inside the estimator. None is the patient.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            A patient is no dict, or the estimator has no `predict_proba`.
        ValueError
            A patient's crops are no images, which is said of whom, or a parameter is out of range.
        """
        self._check_parameters()
        patients = check_patients(X, self.height, self.width)
        y = one_for_each(y, "y")
        groups = np.arange(len(y)) if groups is None else one_for_each(groups, "groups")
        check_consistent_length(patients, y, groups)
        check_classification_targets(y)
        self.classes_, target = np.unique(y, return_inverse=True)
        self._check_classes()
        ages = np.array([patient.age for patient in patients])
        self.age_shares_ = shares_by_decade(ages, target, len(self.classes_))
        self.n_channels_in_ = 1 if patients[0].axial.ndim == 3 else patients[0].axial.shape[3]
        self.seed_ = int(check_random_state(self.random_state).randint(LARGEST_SEED))
        pairs = [self._draw_pairs(patient, number) for number, patient in enumerate(patients)]
        self.source_ = np.repeat(np.arange(len(y)), self.n_visits)
        self.estimator_ = _fit(
            self.estimator, np.concatenate(pairs), y[self.source_], groups[self.source_]
        )
        return self

    def predict(self, X):
        """Let the pairs of each patient vote.

        Parameters
        ----------
        X : list of dict

        Returns
        -------
        ndarray of shape (n_patients,)
            Of classes with equally many votes the first.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X):
        """Share of the pairs that vote for each class.

        Parameters
        ----------
        X : list of dict

        Returns
        -------
        ndarray of shape (n_patients, n_classes)
        """
        return np.stack(
            [
                shares_of_votes(keep_highest(proba, self.top_fraction, self.min_top))
                for proba in self.edge_proba(X)
            ]
        )

    def edge_proba(self, X):
        """What each pair of each patient is said to be, with the patient's age.

        Parameters
        ----------
        X : list of dict

        Returns
        -------
        list of ndarray of shape (n_pairs, n_classes)
            All pairs of the first axial crop come first; at most `max_pairs`, in that order.
        """
        check_is_fitted(self)
        patients = check_patients(X, self.height, self.width, self.n_channels_in_)
        return [
            with_age(self._proba(patient), patient.age, self.age_shares_, self.weight_clinical)
            for patient in patients
        ]

    def _draw_pairs(self, patient, number):
        """Pictures of `n_visits` pairs: every pair comes once before any comes again."""
        rng = np.random.default_rng([self.seed_, number])
        rounds = -(-self.n_visits // patient.n_edges)
        edges = np.concatenate([rng.permutation(patient.n_edges) for _ in range(rounds)])
        return patient.pairs(edges[: self.n_visits], rng if self.flip else None)

    def _proba(self, patient):
        edges = np.arange(patient.n_edges)
        if self.max_pairs is not None and self.max_pairs < patient.n_edges:
            # The same pairs whenever and among whomever the patient is predicted.
            rng = np.random.default_rng(self.seed_)
            edges = np.sort(rng.choice(patient.n_edges, self.max_pairs, replace=False))
        proba = self.estimator_.predict_proba(patient.pairs(edges))
        return np.asarray(proba, dtype=float)

    def _check_classes(self):
        n_classes = len(self.classes_)
        if n_classes < 2:
            raise ValueError(
                f"y must hold at least 2 classes. Got {n_classes} class: {self.classes_.tolist()}."
            )
        if self.top_fraction is not None and n_classes > 2:
            raise ValueError(
                "top_fraction must be None with more than 2 classes, since it keeps the highest "
                f"scores of the second. Got {self.top_fraction} and {n_classes} classes."
            )

    def _check_parameters(self):
        if not hasattr(self.estimator, "predict_proba"):
            raise TypeError(
                "estimator must have predict_proba, for pairs are scored. "
                f"Got {self.estimator!r} instead."
            )
        for name in ("min_top", "n_visits", "height", "width"):
            check_whole_number(name, getattr(self, name))
        if self.max_pairs is not None:
            check_whole_number("max_pairs", self.max_pairs)
        shares = {"weight_clinical": self.weight_clinical}
        if self.top_fraction is not None:
            shares["top_fraction"] = self.top_fraction
        for name, value in shares.items():
            check_number(name, value)
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must lie in 0 to 1. Got {value} instead.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags


def _fit(estimator, pairs, y, groups):
    """A fitted clone, which gets the patients' numbers if it asks for groups."""
    if not get_routing_for_object(estimator).consumes("fit", ["groups"]):
        return clone(estimator).fit(pairs, y)
    with config_context(enable_metadata_routing=True):
        return clone(estimator).fit(pairs, y, groups=groups)
