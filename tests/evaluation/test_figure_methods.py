import matplotlib.pyplot as plt
import numpy as np
import pytest

from sicf import evaluation_from_scores
from sicf.evaluation import figures

METHODS = {
    "plot_roc": figures.plot_roc,
    "plot_pr": figures.plot_pr,
    "plot_confusion": figures.plot_confusion,
    "plot_calibration": figures.plot_calibration,
    "plot_decision_curve": figures.plot_decision_curve,
}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    likely = {
        name: np.clip(0.3 + shift * y + rng.normal(0, 0.2, 60), 0, 1)
        for name, shift in (("weak", 0.1), ("strong", 0.4))
    }
    scores = {name: np.column_stack([1 - p, p]) for name, p in likely.items()}
    return evaluation_from_scores(y, scores, n_bootstrap=50)


def drawn(ax):
    """Every line and every text of a figure."""
    lines = [line.get_xydata().tolist() for line in ax.lines]
    return repr(lines), [text.get_text() for text in ax.texts], ax.get_title()


@pytest.mark.parametrize("method", METHODS)
def test_method_draws_the_named_estimator_where_it_is_told(evaluation, method):
    _, (there, beside) = plt.subplots(1, 2)
    assert getattr(evaluation, method)("strong", ax=there) is there
    METHODS[method](evaluation, "strong", ax=beside)
    assert drawn(there) == drawn(beside)
    other = getattr(evaluation, method)("weak")
    assert other not in (there, beside)
    assert drawn(other) != drawn(there)


@pytest.mark.parametrize("method", METHODS)
def test_which_of_two_has_to_be_said(evaluation, method):
    with pytest.raises(ValueError, match=r"name must be one of \['weak', 'strong'\]. Got None"):
        getattr(evaluation, method)()


def test_intervals_of_all_are_drawn_side_by_side(evaluation):
    ax = evaluation.plot_forest_plot("accuracy")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["weak", "strong"]
    points = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    expected = [evaluation.metrics(name)["accuracy"].value for name in ("weak", "strong")]
    assert points[:2] == pytest.approx(expected)
