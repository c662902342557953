import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sicf.evaluation import evaluation_from_scores

Y = np.array(["a", "b", "b", "a"])


def test_one_column_is_the_second_label():
    score = [0.1, 0.7, 0.2, 0.3]
    found = evaluation_from_scores(Y, score)
    assert found.metrics()["AUC"].value == roc_auc_score(Y == "b", score)
    assert found.predicted["given"].tolist() == [[0, 1, 0, 0]]
    turned = evaluation_from_scores(Y, score, positive_label="a")
    assert turned.metrics()["sensitivity"].value == found.metrics()["specificity"].value


def test_labels_of_their_own_are_taken():
    found = evaluation_from_scores(
        Y, {"x": [3.0, 2.0, -1.0, 0.5]}, predicted=list("abab"), is_probability=False
    )
    assert found.predicted["x"].tolist() == [[0, 1, 0, 1]]
    assert np.isnan(found.metrics()["log loss"].value)


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ([0.1, 0.2, 0.3], {}, r"must have shape \(4, 2\). Got \(3, 2\)"),
        ([0.1, np.nan, 0.3, 0.2], {}, "Scores must be finite. Sample 1 of 'given'"),
        ([0.1, 1.2, 0.3, 0.2], {}, "Probabilities must lie in .* Sample 1 of 'given'"),
        ([[0.5, 0.4]] * 4, {}, "sum to 1"),
        ([0.1] * 4, {"predicted": list("abcc")}, r"must be of \['a', 'b'\]. Got \['c'\]"),
        ([0.1] * 4, {"predicted": list("ab")}, "inconsistent numbers of samples"),
    ],
)
def test_scores_that_cannot_be_are_named(scores, options, message):
    with pytest.raises(ValueError, match=message):
        evaluation_from_scores(Y, scores, **options)
