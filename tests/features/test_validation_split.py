import numpy as np
import pytest

from sicf.features._validation_split import split_validation


@pytest.mark.parametrize(("share", "expected"), [(0.15, 1 / 7), (0.2, 1 / 5), (0.5, 1 / 2), (0, 0)])
def test_share_and_classes(share, expected):
    target = np.repeat([0, 1, 2], [70, 140, 70])
    training, validation = split_validation(share, target, None, 0)
    assert np.array_equal(np.sort(np.r_[training, validation]), np.arange(280))
    for label, count in enumerate([70, 140, 70]):
        assert (target[validation] == label).sum() == pytest.approx(expected * count, abs=1)


def test_groups_stay_together_and_every_class_is_on_both_sides():
    rng = np.random.default_rng(0)
    groups = rng.permutation(np.repeat(np.arange(20), 5))
    target = groups % 3
    training, validation = split_validation(0.15, target, groups, 1)
    assert not set(groups[training]) & set(groups[validation])
    for rows in (training, validation):
        assert set(target[rows]) == {0, 1, 2}
    assert 0.05 < len(validation) / 100 < 0.3


def test_few_patients_get_a_larger_share():
    """Two patients of a class: one of them validates, whatever the share."""
    groups = np.repeat(np.arange(12), 3)
    target = np.where(groups < 2, 0, 1)
    training, validation = split_validation(0.1, target, groups, 0)
    for rows in (training, validation):
        assert len(set(groups[rows][target[rows] == 0])) == 1


def test_seed_decides():
    target = np.arange(60) % 2
    first, again, other = (split_validation(0.2, target, None, seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_class_of_one_patient_is_named():
    groups = np.repeat(np.arange(6), 2)
    with pytest.raises(ValueError, match="2 patients of every class. Class number 1 has 1"):
        split_validation(0.2, (groups == 3).astype(int), groups, 0)
