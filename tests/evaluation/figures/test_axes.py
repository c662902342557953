import pytest

from sicf.evaluation.figures import plot_calibration, plot_decision_curve, plot_pr, plot_roc


@pytest.mark.parametrize("draw", [plot_calibration, plot_decision_curve, plot_pr, plot_roc])
def test_names_hide_no_curve_and_stay_inside_the_figure(draw, make_evaluation):
    names = ("recurrent pilocytic astrocytoma of the cord", "ependymoma", "other")
    ax = draw(make_evaluation(names))
    ax.figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    assert not any(legend.overlaps(each.get_window_extent()) for each in [ax, *ax.child_axes])
    page = ax.figure.bbox
    assert page.y0 <= legend.y0
    assert legend.x1 <= page.x1
