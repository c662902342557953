import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from sicf.evaluation.figures import plot_calibration
from sicf.evaluation.figures._answers import Answers
from sicf.evaluation.figures._calibration import calibration_bins


def test_bins_are_those_of_scikit_learn(make_evaluation):
    evaluation = make_evaluation(("no", "yes"), n_patients=103)
    bins = calibration_bins(Answers(evaluation), 1)
    observed, predicted = calibration_curve(
        evaluation.target, evaluation.scores["forest"][0, :, 1], n_bins=10, strategy="quantile"
    )
    np.testing.assert_allclose(bins.observed, observed)
    np.testing.assert_allclose(bins.predicted, predicted)
    assert (bins.low <= bins.observed).all()
    assert (bins.high >= bins.observed).all()


def test_equal_probabilities_share_a_bin(make_evaluation):
    evaluation = make_evaluation(("no", "yes"), n_patients=20)
    evaluation.scores["forest"][0, :, 1] = np.repeat([0.2, 0.6], 20)
    evaluation.target = np.repeat([0, 0, 1, 1, 1, 0, 1, 1], 5)
    bins = calibration_bins(Answers(evaluation), 1)
    np.testing.assert_allclose(bins.predicted, [0.2, 0.6])
    np.testing.assert_allclose(bins.observed, [0.5, 0.75])


def test_figure_has_bins_and_a_histogram_beneath(make_evaluation):
    ax = plot_calibration(make_evaluation(("no", "yes"), n_patients=150))
    (below,) = ax.child_axes
    heights = below.patches[0].get_data().values
    assert heights.sum() == pytest.approx(1)
    assert len(ax.lines[0].get_xdata()) == 10


def test_few_patients_are_parted_into_few_bins(make_evaluation):
    ax = plot_calibration(make_evaluation(("no", "yes"), n_patients=60))
    assert len(ax.lines[0].get_xdata()) == 4


def test_legend_tells_a_slope_below_one_of_probabilities_too_extreme(make_evaluation):
    evaluation = make_evaluation(("no", "yes"), n_patients=300)
    logit = np.log(evaluation.scores["forest"][0, :, 1] / evaluation.scores["forest"][0, :, 0])
    slopes = []
    for factor in (1, 3):
        evaluation.scores["forest"][0, :, 1] = 1 / (1 + np.exp(-factor * logit))
        text = plot_calibration(evaluation).get_legend().get_texts()[0].get_text()
        slopes.append(float(text.split(": ")[1].split(",")[0]))
    assert slopes[1] == pytest.approx(slopes[0] / 3, abs=0.01)


def test_samples_that_were_not_tested_are_left_out(make_evaluation, hold_out):
    evaluation = hold_out(make_evaluation(("no", "yes")), 60)
    bins = calibration_bins(Answers(evaluation), 1)
    observed, _ = calibration_curve(
        evaluation.target[:60],
        evaluation.scores["forest"][0, :60, 1],
        n_bins=10,
        strategy="quantile",
    )
    np.testing.assert_allclose(bins.observed, observed)


def test_decision_function_is_refused(make_evaluation):
    evaluation = make_evaluation(is_probability={"forest": False})
    with pytest.raises(ValueError, match="A calibration curve needs probabilities. Scores of 'fo"):
        plot_calibration(evaluation)


def test_legend_has_the_brier_score(make_evaluation):
    evaluation = make_evaluation(("no", "yes"))
    text = plot_calibration(evaluation).get_legend().get_texts()[0].get_text()
    expected = brier_score_loss(evaluation.target, evaluation.scores["forest"][0, :, 1])
    assert float(text.rsplit(", ", 1)[1]) == pytest.approx(expected, abs=0.006)
