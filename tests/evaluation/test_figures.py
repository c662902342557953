import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve

from sicf import evaluate
from sicf.evaluation._figures import GRID, _curves, plot_confusion


@pytest.fixture(scope="module")
def result():
    X, y = load_iris(return_X_y=True)
    names = load_iris().target_names[y]
    noise = np.random.default_rng(0).normal(size=X.shape)
    return evaluate(LogisticRegression(max_iter=500), X + noise, names, random_state=0)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_confusion_shows_every_count(result):
    ax = result.plot_confusion()
    counts = [int(text.get_text().split("\n")[0]) for text in ax.texts]
    assert sum(counts) == 150
    right = sum(counts[::4])
    assert right / 150 == pytest.approx(result.metrics()["accuracy"].value)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(result.classes)


def test_roc_names_classes_and_areas(result):
    given = plt.subplots()[1]
    ax = result.plot_roc(ax=given)
    assert ax is given
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    areas = [float(label.split(": ")[1].split(" ")[0]) for label in labels]
    assert [label.split(":")[0] for label in labels] == list(result.classes)
    assert np.mean(areas) == pytest.approx(result.metrics()["AUC"].value, abs=0.006)


def test_curve_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    positive = rng.random(80) < 0.4
    score = np.round(rng.random(80) + 0.4 * positive, 1)
    curve = _curves(positive, score, np.ones((1, 80)))[0]
    false, true, _ = roc_curve(positive, score, drop_intermediate=False)
    inside = ~np.isin(GRID, false)
    np.testing.assert_allclose(curve[inside], np.interp(GRID[inside], false, true))


def test_two_classes_have_one_curve_with_true_steps():
    X, y = load_iris(return_X_y=True)
    two = y > 0
    noise = np.random.default_rng(0).normal(size=X[two].shape)
    binary = evaluate(LogisticRegression(), X[two] + noise, y[two], random_state=0)
    ax = binary.plot_roc()
    curves = [line for line in ax.lines if line.get_label()[0] != "_"]
    assert len(curves) == 1
    false, true, _ = roc_curve(y[two] == 2, binary.scores["LogisticRegression"][:, 1])
    drawn = curves[0].get_xydata()
    assert drawn[0].tolist() == [0, 0]
    assert {tuple(point) for point in zip(false, true, strict=True)} <= set(map(tuple, drawn))
    assert "two classes" in ax.get_title()


def test_long_names_are_wrapped(result):
    names = ["recurrent pilocytic astrocytoma of the cord", "b", "c"]
    ax = plot_confusion(np.arange(3), np.arange(3), names)
    assert max(len(line) for line in ax.get_yticklabels()[0].get_text().splitlines()) <= 18


def test_missing_matplotlib_names_the_extra(result, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install 'sicf\[plot\]'"):
        result.plot_confusion()


def test_class_names_of_any_form_are_in_the_legend():
    X, y = load_iris(return_X_y=True)
    result = evaluate(
        LogisticRegression(max_iter=500), X, np.where(y == 2, "_late", "a$b^"),
        n_bootstrap=5, random_state=0, positive_label="_late",
    )  # fmt: skip
    texts = [text.get_text() for text in result.plot_roc().get_legend().get_texts()]
    assert texts[0].startswith("_late: ")
