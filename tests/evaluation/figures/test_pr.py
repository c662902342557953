import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from sicf.evaluation.figures import plot_pr
from sicf.evaluation.figures._answers import Repeat
from sicf.evaluation.figures._pr import average_precisions, precisions
from sicf.evaluation.figures._roc import GRID


def test_curve_holds_the_points_of_scikit_learn(make_evaluation):
    evaluation = make_evaluation(("benign", "malignant"))
    score = np.round(evaluation.scores["forest"][0, :, 1], 1)
    evaluation.scores["forest"][0, :, 1] = score
    drawn = plot_pr(evaluation).lines[0].get_xydata()
    precision, recall, _ = precision_recall_curve(evaluation.target == 1, score)
    # Theirs goes from recall 1 down to an end of its own.
    np.testing.assert_allclose(drawn[1:], np.column_stack([recall, precision])[-2::-1])


def test_average_precision_is_that_of_scikit_learn_with_ties_and_weights():
    rng = np.random.default_rng(1)
    target = np.arange(70) % 2
    scores = np.round(rng.random((70, 2)) + 0.3 * np.eye(2)[target], 1)
    weights = rng.multinomial(70, np.full(70, 1 / 70), size=4)
    repeat = Repeat(target, target, scores, np.arange(70))
    expected = [average_precision_score(target, scores[:, 1], sample_weight=w) for w in weights]
    np.testing.assert_allclose(average_precisions(repeat, weights, 1), expected)


def test_precision_at_a_recall_is_that_of_the_first_threshold_that_reaches_it():
    target = np.array([1, 0, 1, 0, 1, 0])
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    repeat = Repeat(target, target, np.column_stack([-score, score]), np.arange(6))
    curve = precisions(repeat, np.ones((1, 6)), 1)[0]
    assert curve[GRID == 0] == 1
    assert curve[33] == 1
    assert curve[34] == curve[66] == pytest.approx(2 / 3)
    assert curve[67] == curve[100] == pytest.approx(3 / 5)


def test_dotted_lines_are_the_shares_of_the_classes(make_evaluation):
    ax = plot_pr(make_evaluation())
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert [line.get_ydata()[0] for line in dotted] == pytest.approx([1 / 3] * 3)


def test_class_that_is_not_tested_has_no_curve(make_evaluation, hold_out):
    evaluation = make_evaluation()
    evaluation.target = np.repeat([0, 1, 0, 2], 30)
    texts = plot_pr(hold_out(evaluation, 60)).get_legend().get_texts()
    assert texts[2].get_text() == "c: –"


def test_recall_that_is_reached_exactly_is_not_passed():
    target = np.repeat([1, 0], [180, 60])
    score = np.linspace(1, 0, 240)[np.random.default_rng(0).permutation(240)]
    repeat = Repeat(target, target, np.column_stack([-score, score]), np.arange(240))
    found = precisions(repeat, np.ones((1, 240)), 1)[0, 5:101:5]
    order = np.argsort(-score)
    true = np.cumsum(target[order])
    # In whole numbers: 5 % of 180 are 9.
    first = [np.flatnonzero(true == 9 * n)[0] for n in range(1, 21)]
    np.testing.assert_allclose(found, true[first] / (np.array(first) + 1))
