import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedShuffleSplit

from sicf import evaluate
from sicf.evaluation import LeaveOneSiteOut, PaperHoldOut, RepeatedFolds
from sicf.evaluation._schemes import Cohort


def cohort(n_patients=60, n_slices=2, n_classes=3):
    groups = np.repeat(np.arange(n_patients), n_slices)
    return Cohort(groups % n_classes, np.arange(n_classes), groups, groups % 4)


def rows(cohort):
    return np.random.default_rng(0).normal(size=(len(cohort.target), 3))


def run(outer, cohort, **options):
    return evaluate(
        DummyClassifier(),
        rows(cohort),
        cohort.target,
        groups=cohort.groups,
        outer=outer,
        random_state=0,
        **options,
    )


def test_repeats_test_everybody_once_each_and_differ():
    people = cohort()
    found = run(RepeatedFolds(4, n_repeats=3), people)
    assert found.fold.shape == (3, 120)
    assert found.scores["DummyClassifier"].shape == (3, 120, 3)
    for fold in found.fold:
        assert sorted(np.unique(fold)) == [0, 1, 2, 3]
        assert all(len(np.unique(fold[people.groups == group])) == 1 for group in range(60))
    assert (found.fold[0] != found.fold[1]).any()
    assert len(found.fit_seconds["DummyClassifier"]) == 12


def test_paper_hold_out_parts_every_class_by_patients():
    people = cohort()
    ((repeat, train, test, validation, chooses),) = PaperHoldOut().splits(
        people, np.random.RandomState(0)
    )
    assert (repeat, chooses) == (0, False)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test, validation])), range(120))
    parts = [set(people.groups[part]) for part in (train, validation, test)]
    assert [len(part) for part in parts] == [42, 9, 9]
    assert len(set.union(*parts)) == 60
    for part in (train, validation, test):
        counts = np.bincount(people.target[part])
        assert counts.min() == counts.max()


def test_hold_out_judges_the_tested_alone():
    people = cohort()
    found = run(PaperHoldOut(), people)
    tested = found.fold[0] >= 0
    assert tested.sum() == 18
    assert found.n_patients == 9
    assert np.isnan(found.scores["DummyClassifier"][0, ~tested]).all()
    assert (found.predicted["DummyClassifier"][0] >= 0).tolist() == tested.tolist()
    assert found.metrics()["accuracy"].value == pytest.approx(1 / 3)
    assert found.about["DummyClassifier"][0]["validation patients"] == 9


def test_each_site_is_left_out_once():
    people = cohort()
    for outer in ("site", LeaveOneSiteOut()):
        found = run(outer, people, sites=people.sites)
        np.testing.assert_array_equal(found.fold[0], people.sites)


def test_splitters_that_repeat_and_that_split_once_work():
    people = cohort(n_slices=1)._replace(groups=None)
    repeated = RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)
    found = run(repeated, people)
    expected = np.full((2, 60), -1)
    for number, (_, test) in enumerate(repeated.split(rows(people), people.target)):
        expected[number // 3, test] = number % 3
    np.testing.assert_array_equal(found.fold, expected)
    once = StratifiedShuffleSplit(1, test_size=15, random_state=0)
    assert (run(once, people).fold >= 0).sum() == 15


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RepeatedFolds(1), "n_folds must be an integer of at least 2. Got 1"),
        (lambda: RepeatedFolds(5, n_repeats=0), "n_repeats must be .* at least 1. Got 0"),
        (lambda: PaperHoldOut(test=0.6, validation=0.4), "below 1 together. Got 0.6 and 0.4"),
        (lambda: PaperHoldOut(choose_by="hand"), "'nested' or 'validation'. Got 'hand'"),
        (lambda: run("hospital", cohort()), "outer must be \"site\" .* Got 'hospital'"),
        (lambda: run("site", cohort()), "needs sites"),
        (lambda: run("site", cohort(), sites=np.zeros(120)), "at least 2 sites. Got 1"),
        (lambda: run(PaperHoldOut(), cohort(6)), "Three parts need at least 3 patient"),
    ],
)
def test_schemes_that_cannot_be_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_patient_at_two_sites_is_an_error():
    people = cohort()
    with pytest.raises(ValueError, match="A patient must stand on one side of a split. 0 stands"):
        run("site", people, sites=np.arange(120) % 2)
