"""IterativeMajorityVoting: the best member, or the best few by their majority."""

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils import (
    assert_all_finite,
    check_random_state,
    column_or_1d,
    get_tags,
    indexable,
)
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted

from sicf._joined_samples import take_samples
from sicf._number_checks import check_whole_number
from sicf._one_for_each import one_for_each
from sicf.classification._majority_vote import hold_election, vote
from sicf.selection._folds import draw_folds

RANKINGS = ("inner_cv", "reported")
LARGEST_SEED = np.iinfo(np.int32).max
# Added to the winner's count where several classes have as many votes.
HAIR = 1e-6


class IterativeMajorityVoting(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Rank classifiers, let the best m of them vote for every m, and keep what was best.

    Parameters
    ----------
    estimators : list of (str, classifier)
        The members. They are cloned.
    ranking : {"inner_cv", "reported"}, default="inner_cv"
        On what members are ranked and votes compared. "inner_cv" is on folds of the samples that
        `fit` was given. "reported" is as published, on the very samples whose accuracy is then
        told: :meth:`score` takes their labels to choose by, and is too high for that reason, and
        there is no :meth:`predict`.
    cv : int, splitter or None, default=5
        The folds of "inner_cv". An integer is shuffled and stratified, and with `groups` keeps the
        samples of a group together.
    min_votes : int, default=3
        Fewest members that vote.
    n_jobs : int, default=None
        Members, and folds, at the same time, in threads unless joblib is told otherwise: a table of
        a hundred thousand columns is slower to hand to another process than to select from.
    random_state : int, RandomState instance or None, default=None
        Draws the folds. Members keep their own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    ranking_ : list of str
        The members, the most accurate first; of equal ones the first given. Here and in what
        follows, "inner_cv" only.
    accuracies_ : dict of str to float
        Of each member, out of fold.
    vote_accuracies_ : dict of int to float
        Of the vote of the best m members, out of fold, by m.
    n_members_ : int
        How many of the best members decide; 1 means that no vote was more accurate.
    best_score_ : float
        The accuracy by which they were chosen, optimistic for that reason.
    estimators_ : list of classifier
        The members that decide, fitted, the best first; by "reported" all of them, as given.

    See Also
    --------
    make_patch_resnet : Eighteen members.
    sklearn.ensemble.VotingClassifier : A vote of all members.

    Notes
    -----
    Candidates are each member and the votes of the best 3, 4 and so on to all [1]_. Of votes that
    are equally accurate the one with the fewest members is taken. Within a vote, where classes have
    equally many, that of the best-ranked member wins among them. Only members that decide are
    fitted on all samples.

    `fit` asks for `groups` by itself where metadata routing is switched on, and hands them to those
    members that ask as well.

    References
    ----------
    .. [1] T. Muezzinoglu et al., "PatchResNet: multiple patch division-based deep feature fusion
       framework for brain tumor classification using MRI images", Journal of Digital Imaging 36,
       2023. :doi:`10.1007/s10278-023-00789-x`

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sicf import IterativeMajorityVoting
    >>> X, y = load_iris(return_X_y=True)
    >>> members = [(f"k{k}", KNeighborsClassifier(k)) for k in (1, 5, 9, 15)]
    >>> model = IterativeMajorityVoting(members, random_state=0).fit(X, y)
    >>> sorted(model.vote_accuracies_)
    [3, 4]
    """

    # Asked for by itself, so that groups reach the folds.
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def __init__(
        self,
        estimators,
        *,
        ranking="inner_cv",
        cv=5,
        min_votes=3,
        n_jobs=None,
        random_state=None,
    ):
        self.estimators = estimators
        self.ranking = ranking
        self.cv = cv
        self.min_votes = min_votes
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y, *, groups=None):
        """Rank the members, choose who decides, and fit those.

        Parameters
        ----------
        X : array, DataFrame or list of n samples
            What the members take.
        y : array-like of shape (n,)
        groups : array-like of shape (n,), default=None
            Such as patients, each on one side of every split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Members that are none or share a name, or classes or groups too few for the folds.
        """
        self._check_parameters()
        if y is None:
            raise ValueError("This estimator requires y to be passed, but the target y is None.")
        y = column_or_1d(y, warn=True)
        groups = None if groups is None else one_for_each(groups, "groups")
        X, y, groups = indexable(X, y, groups)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        self.classes_, target = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                "y must hold at least 2 classes. "
                f"Got {len(self.classes_)} class(es): {self.classes_.tolist()}."
            )
        deciding = range(len(self.estimators))
        if self.ranking == "inner_cv":
            election = self._elect(X, y, groups, target)
            self._keep(election)
            deciding = election.members
        members = [self.estimators[number][1] for number in deciding]
        self.estimators_ = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(_fit)(member, X, y, groups) for member in members
        )
        return self

    def predict(self, X):
        """Let those vote who decide.

        Parameters
        ----------
        X : array, DataFrame or list of n samples

        Returns
        -------
        ndarray of shape (n,)
        """
        winner, _ = self._vote(X)
        return self.classes_[winner]

    def predict_proba(self, X):
        """Shares of the votes; where one member decides, 0 and 1.

        Parameters
        ----------
        X : array, DataFrame or list of n samples

        Returns
        -------
        ndarray of shape (n, n_classes)
            Where classes have equally many votes, the answer's share is larger by a hair.
        """
        winner, shares = self._vote(X)
        shares[np.arange(len(shares)), winner] += HAIR
        return shares / shares.sum(axis=1, keepdims=True)

    def score(self, X, y, sample_weight=None):
        """Accuracy; by ``ranking="reported"`` that of the candidate which these labels choose.

        Parameters
        ----------
        X : array, DataFrame or list of n samples
        y : array-like of shape (n,)
        sample_weight : array-like of shape (n,), default=None
            Of "inner_cv" only.

        Returns
        -------
        float
        """
        check_is_fitted(self)
        if self.ranking == "inner_cv":
            return accuracy_score(y, self.predict(X), sample_weight=sample_weight)
        if sample_weight is not None:
            raise ValueError("ranking='reported' knows no sample_weight. Got one instead of None.")
        labels = self._labels(X)
        # A label that fit has not seen is nobody's answer.
        target = np.array([self._number_of.get(label, -1) for label in np.asarray(y).tolist()])
        return hold_election(labels, target, len(self.classes_), self.min_votes).accuracy

    def get_params(self, deep=True):
        """Parameters, with `deep` also the members by name, and theirs.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        dict
        """
        found = super().get_params(deep=False)
        if deep:
            for name, member in self._named():
                found[name] = member
                inner = member.get_params(deep=True).items()
                found |= {f"{name}__{key}": value for key, value in inner}
        return found

    def set_params(self, **params):
        """Set parameters; a member's name sets that member.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self
        """
        if "estimators" in params:
            self.estimators = params.pop("estimators")
        new = {name: params.pop(name) for name, _ in self._named() if name in params}
        if new:
            self.estimators = [(name, new.get(name, member)) for name, member in self.estimators]
        return super().set_params(**params)

    @property
    def n_features_in_(self):
        """Number of columns seen in `fit`, where X is a table."""
        return self.estimators_[0].n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the columns seen in `fit`, where they have names."""
        return self.estimators_[0].feature_names_in_

    def _named(self):
        """The members; none where `estimators` is something else, which `fit` will say."""
        given = self.estimators if isinstance(self.estimators, (list, tuple)) else []
        return given if all(isinstance(pair, tuple) and len(pair) == 2 for pair in given) else []

    @property
    def _number_of(self):
        return {label: number for number, label in enumerate(self.classes_.tolist())}

    def _elect(self, X, y, groups, target):
        seed = check_random_state(self.random_state).randint(LARGEST_SEED)
        folds = draw_folds(self.cv, y, groups, classifier=True, seed=seed)
        said = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(_answer)(member, X, y, groups, fold)
            for _, member in self.estimators
            for fold in folds
        )
        labels = np.zeros((len(y), len(self.estimators)), dtype=int)
        tested = np.zeros(len(y), dtype=bool)
        for number, answers in enumerate(said):
            member, fold = divmod(number, len(folds))
            labels[folds[fold][1], member] = np.searchsorted(self.classes_, answers)
            tested[folds[fold][1]] = True
        return hold_election(labels[tested], target[tested], len(self.classes_), self.min_votes)

    def _keep(self, election):
        names = [name for name, _ in self.estimators]
        self.ranking_ = [names[number] for number in election.ranking]
        self.accuracies_ = dict(zip(names, election.accuracies.tolist(), strict=True))
        self.vote_accuracies_ = election.vote_accuracies
        self.n_members_ = election.n_members
        self.best_score_ = election.accuracy

    def _vote(self, X):
        check_is_fitted(self)
        if self.ranking == "reported":
            raise ValueError(
                "ranking must be 'inner_cv' to predict. 'reported' chooses by the labels of the "
                "samples that are asked for; score takes them."
            )
        return vote(self._labels(X), len(self.classes_))

    def _labels(self, X):
        """Numbers of the classes that each fitted member says, shape (n, members)."""
        said = [np.searchsorted(self.classes_, member.predict(X)) for member in self.estimators_]
        return np.column_stack(said)

    def _check_parameters(self):
        if self.ranking not in RANKINGS:
            raise ValueError(f"ranking must be one of {RANKINGS}. Got {self.ranking!r} instead.")
        check_whole_number("min_votes", self.min_votes, least=2)
        if isinstance(self.cv, str):
            raise ValueError(f"cv must be folds or a splitter. Got {self.cv!r} instead.")
        if not self._named():
            raise ValueError(
                "estimators must be a list of at least 1 pair of name and classifier. "
                f"Got {self.estimators!r} instead."
            )
        names = [name for name, _ in self.estimators]
        if len(set(names)) != len(names):
            raise ValueError(f"estimators must have names of their own. Got {names} instead.")
        for name, member in self.estimators:
            if not is_classifier(member):
                raise TypeError(f"estimators must be classifiers. {name!r} is {member!r} instead.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self._named():
            inputs = [get_tags(member).input_tags for _, member in self.estimators]
            tags.input_tags = inputs[0]
            tags.input_tags.sparse = all(each.sparse for each in inputs)
        return tags


def _answer(member, X, y, groups, fold):
    train, test = fold
    inner = None if groups is None else groups[train]
    return _fit(member, take_samples(X, train), y[train], inner).predict(take_samples(X, test))


def _fit(member, X, y, groups):
    """A fitted clone, which gets groups if it asks for them."""
    asks = groups is not None and get_routing_for_object(member).consumes("fit", ["groups"])
    if not asks:
        return clone(member).fit(X, y)
    with config_context(enable_metadata_routing=True):
        return clone(member).fit(X, y, groups=groups)
