import numpy as np
import pytest

from sicf.evaluation.figures import plot_decision_curve


def test_net_benefit_is_that_worked_by_hand(make_evaluation):
    evaluation = make_evaluation(("no", "yes"), n_patients=5)
    evaluation.target = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    said = np.array([0.9, 0.8, 0.3, 0.7, 0.4, 0.2, 0.2, 0.1, 0.1, 0.1])
    evaluation.scores["forest"] = np.column_stack([1 - said, said])[np.newaxis]
    ax = plot_decision_curve(evaluation)
    model, everybody = (line.get_ydata() for line in ax.lines[:2])
    # At 0.5 two of ten are rightly treated and one wrongly; odds are 1.
    assert model[49] == pytest.approx((2 - 1) / 10)
    # At 0.25 three rightly and two wrongly; odds are 1 to 3.
    assert model[24] == pytest.approx((3 - 2 / 3) / 10)
    assert everybody[24] == pytest.approx((3 - 7 / 3) / 10)
    assert everybody[49] == pytest.approx((3 - 7) / 10)


def test_legend_names_all_three_ways(make_evaluation):
    texts = plot_decision_curve(make_evaluation()).get_legend().get_texts()
    assert [text.get_text() for text in texts] == ["a", "b", "c", "treat all", "treat none"]


def test_decision_function_is_refused(make_evaluation):
    evaluation = make_evaluation(is_probability={"forest": False})
    with pytest.raises(ValueError, match="A decision curve needs probabilities"):
        plot_decision_curve(evaluation)
