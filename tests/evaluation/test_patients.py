import numpy as np
import pytest

from sicf.evaluation import evaluation_from_scores

GROUPS = np.array(["p", "p", "p", "q", "q", "r"])
Y = np.array([1, 1, 1, 0, 0, 0])
SCORES = np.array([0.9, 0.4, 0.45, 0.6, 0.1, 0.2])


def judged(**options):
    return evaluation_from_scores(Y, SCORES, groups=GROUPS, **options)


def test_mean_is_that_of_the_slices():
    found = judged().by_patient()
    assert found.groups.tolist() == ["p", "q", "r"]
    assert found.target.tolist() == [1, 0, 0]
    np.testing.assert_allclose(found.scores["given"][0, :, 1], [1.75 / 3, 0.35, 0.2])
    assert found.predicted["given"].tolist() == [[1, 0, 0]]
    assert found.rows_are_independent
    assert found.metrics()["accuracy"].value == 1.0
    assert found.is_probability == {"given": True}


def test_majority_counts_votes_and_ties_go_to_the_higher_mean():
    found = judged().by_patient("majority")
    np.testing.assert_allclose(found.scores["given"][0, :, 1], [1 / 3, 1 / 2, 0])
    assert found.predicted["given"].tolist() == [[0, 0, 0]]
    assert found.is_probability == {"given": False}
    assert np.isnan(found.metrics()["Brier"].value)


def test_patients_of_several_labels_and_no_groups_are_errors():
    mixed = evaluation_from_scores(1 - Y[::-1], SCORES, groups=np.array(list("pqqqrr")))
    mixed.target[1] = 1 - mixed.target[2]
    with pytest.raises(ValueError, match="Patient 'q' has several"):
        mixed.by_patient()
    with pytest.raises(ValueError, match="need groups"):
        evaluation_from_scores(Y, SCORES).by_patient()
    with pytest.raises(ValueError, match="'mean' or 'majority'. Got 'median'"):
        judged().by_patient("median")
