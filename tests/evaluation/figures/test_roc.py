import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from sicf.evaluation.figures import plot_roc
from sicf.evaluation.figures._answers import Answers, Repeat
from sicf.evaluation.figures._roc import GRID, areas, sensitivities


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curve_holds_the_points_of_scikit_learn(make_evaluation):
    evaluation = make_evaluation(("benign", "malignant"))
    evaluation.scores["forest"] = np.round(evaluation.scores["forest"], 1)
    ax = plot_roc(evaluation)
    drawn = ax.lines[0].get_xydata()
    false, true, _ = roc_curve(
        evaluation.target == 1, evaluation.scores["forest"][0, :, 1], drop_intermediate=False
    )
    np.testing.assert_allclose(drawn, np.column_stack([false, true]))
    assert "two classes" in ax.get_title()


def test_areas_are_those_of_scikit_learn_with_ties_and_weights():
    rng = np.random.default_rng(0)
    target = np.arange(80) % 2
    scores = np.round(rng.random((80, 2)) + 0.4 * np.eye(2)[target], 1)
    weights = rng.multinomial(80, np.full(80, 1 / 80), size=3)
    repeat = Repeat(target, target, scores, np.arange(80))
    expected = [roc_auc_score(target, scores[:, 1], sample_weight=w) for w in weights]
    np.testing.assert_allclose(areas(repeat, weights, 1), expected)
    curves = sensitivities(repeat, weights, 1)
    for curve, weight in zip(curves, weights, strict=True):
        false, true, _ = roc_curve(target, scores[:, 1], sample_weight=weight)
        inside = ~np.isclose(GRID[:, np.newaxis], false).any(axis=1)
        np.testing.assert_allclose(curve[inside], np.interp(GRID[inside], false, true))


def test_legend_gives_area_and_interval_of_every_class(make_evaluation):
    evaluation = make_evaluation()
    given = plt.subplots()[1]
    ax = plot_roc(evaluation, "forest", ax=given)
    assert ax is given
    for k, words in enumerate(legend(ax)):
        name, area, low, high = words.replace(":", "").replace(",", "").split()
        expected = roc_auc_score(evaluation.target == k, evaluation.scores["forest"][0, :, k])
        assert name == evaluation.classes[k]
        assert float(area) == pytest.approx(expected, abs=0.0051)
        assert float(low[1:]) < expected < float(high[:-1])


def test_samples_of_one_patient_widen_the_band(make_evaluation):
    alike = make_evaluation(("no", "yes"), n_patients=30)
    # Both samples of a patient say the same, so half as many patients stand behind them.
    alike.scores["forest"][0, 1::2] = alike.scores["forest"][0, ::2]
    alone = make_evaluation(("no", "yes"), n_patients=30, groups=None)
    alone.scores = alike.scores
    found = [
        Answers(each).interval(lambda repeat, weights: areas(repeat, weights, 1))
        for each in (alike, alone)
    ]
    widths = [interval.high - interval.low for interval in found]
    assert found[0].value == found[1].value
    assert widths[0] > 1.2 * widths[1]


def test_several_repeats_are_averaged(make_evaluation):
    evaluation = make_evaluation(("no", "yes"), n_repeats=3)
    ax = plot_roc(evaluation)
    each = [
        roc_auc_score(evaluation.target == 1, scores[:, 1])
        for scores in evaluation.scores["forest"]
    ]
    assert float(legend(ax)[0].split(" ")[1]) == pytest.approx(np.mean(each), abs=0.0051)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), GRID)


def test_samples_that_were_not_tested_are_left_out(make_evaluation, hold_out):
    evaluation = hold_out(make_evaluation(("no", "yes")), 40)
    area = roc_auc_score(evaluation.target[:40] == 1, evaluation.scores["forest"][0, :40, 1])
    assert float(legend(plot_roc(evaluation))[0].split(" ")[1]) == pytest.approx(area, abs=0.0051)


def test_class_that_is_not_tested_has_no_curve(make_evaluation, hold_out):
    evaluation = make_evaluation()
    evaluation.target = np.repeat([0, 1, 0, 2], 30)
    ax = plot_roc(hold_out(evaluation, 60))
    assert legend(ax)[2] == "c: –"
    assert len(ax.lines[2].get_xdata()) == 0


def test_bca_intervals_are_had(make_evaluation):
    ax = plot_roc(make_evaluation(("no", "yes"), interval_method="bca"))
    percentile = plot_roc(make_evaluation(("no", "yes")))
    assert legend(ax)[0].split(" ")[:2] == legend(percentile)[0].split(" ")[:2]


def test_names_of_any_form_are_in_the_legend(make_evaluation):
    texts = legend(plot_roc(make_evaluation(("a$b^$", "_late"), positive=0)))
    assert texts[0].replace("\\", "").startswith("a$b^$: ")
    assert legend(plot_roc(make_evaluation(("a", "_late"))))[0].startswith("_late: ")


def test_name_must_be_known(make_evaluation):
    with pytest.raises(ValueError, match=r"name must be one of \['forest'\]. Got 'tree'"):
        plot_roc(make_evaluation(), "tree")
