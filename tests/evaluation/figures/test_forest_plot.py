import numpy as np
import pytest

from sicf.evaluation.figures import plot_forest
from sicf.evaluation.statistics import Interval


@pytest.fixture
def evaluation(make_evaluation):
    found = {
        "forest": Interval(0.81, 0.7, 0.9, 200),
        "an estimator with a name that goes on and on": Interval(0.6, 0.5, 0.72, 200),
        "svm": Interval(np.nan, np.nan, np.nan, 0),
    }
    made = make_evaluation()
    made.scores = dict.fromkeys(found)
    made.metrics = lambda name: {"AUC": found[name], "Brier": found["svm"]}
    return made


def test_every_estimator_has_its_interval(evaluation):
    ax = plot_forest(evaluation)
    drawn = [line.get_xdata().tolist() for line in ax.lines]
    assert drawn[:4] == [[0.7, 0.9], [0.81], [0.5, 0.72], [0.6]]
    (beside,) = ax.child_axes
    ax.figure.canvas.draw()
    said = [label.get_text() for label in beside.get_yticklabels()]
    assert said == ["0.81 [0.70, 0.90]", "0.60 [0.50, 0.72]", "not defined"]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "forest"
    assert len(names[1]) == 28


def test_unknown_metric_is_refused(evaluation):
    with pytest.raises(ValueError, match=r"metric must be one of \['AUC', 'Brier'\]. Got 'auc'"):
        plot_forest(evaluation, "auc")
