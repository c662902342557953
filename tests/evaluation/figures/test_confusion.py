import sys
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from sicf.evaluation.figures import plot_confusion


def counts(ax):
    return [float(text.get_text().split("\n")[0]) for text in ax.texts]


def test_counts_are_those_of_scikit_learn(make_evaluation):
    evaluation = make_evaluation()
    ax = plot_confusion(evaluation)
    expected = confusion_matrix(evaluation.target, evaluation.predicted["forest"][0])
    np.testing.assert_array_equal(np.reshape(counts(ax), (3, 3)), expected)
    shares = [text.get_text().split("\n")[1] for text in ax.texts]
    assert shares[0] == f"{expected[0, 0] / expected[0].sum():.0%}"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_the_fuller_cell_is_the_stronger(make_evaluation):
    ax = plot_confusion(make_evaluation())
    strength = [patch.get_alpha() for patch in ax.patches]
    shares = [float(text.get_text().split("\n")[1][:-1]) for text in ax.texts]
    assert np.argmax(strength) == np.argmax(shares)
    assert max(strength) <= 0.6


def test_of_several_repeats_the_mean_is_given(make_evaluation):
    evaluation = make_evaluation(n_repeats=2)
    expected = np.mean(
        [confusion_matrix(evaluation.target, said) for said in evaluation.predicted["forest"]],
        axis=0,
    )
    np.testing.assert_allclose(counts(plot_confusion(evaluation)), expected.ravel(), atol=0.051)


def test_samples_that_were_not_tested_are_left_out(make_evaluation, hold_out):
    assert sum(counts(plot_confusion(hold_out(make_evaluation(), 40)))) == 40


def test_long_names_are_wrapped(make_evaluation):
    names = ("recurrent pilocytic astrocytoma of the cord", "b", "c")
    label = plot_confusion(make_evaluation(names)).get_yticklabels()[0].get_text()
    assert max(len(line) for line in label.splitlines()) <= 18


def test_missing_matplotlib_names_the_extra(make_evaluation, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'sicf\[plot\]'"):
        plot_confusion(make_evaluation())


def test_long_names_do_not_overlap(make_evaluation):
    names = ("recurrent pilocytic astrocytoma of the cord", "recurrent ependymoma", "other")
    ax = plot_confusion(make_evaluation(names))
    ax.figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert not any(one.overlaps(other) for one, other in pairwise(boxes))


def test_title_says_out_of_fold_only_where_the_folds_show_it(make_evaluation):
    evaluation = make_evaluation()
    assert plot_confusion(evaluation).get_title() == "Confusion, out of fold"
    evaluation.fold[:] = 0
    assert plot_confusion(evaluation).get_title() == "Confusion, as given"
