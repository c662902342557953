import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sicf import QuadrantROI, explain
from tests.explanation.conftest import chain, union


@pytest.fixture
def explanation(pictures):
    X, y = pictures
    y = np.char.replace(y, "a", "<a & b>")
    pipeline = chain(union("concat", ("T1", "T2")), before=[("roi", QuadrantROI(32))]).fit(X, y)
    return explain(pipeline, X[:3], occlusion=True, occlusion_grid=2)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_plot_shows_every_map_and_every_contribution(explanation):
    figure = explanation.plot(0, channel=1)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[:5] == ["T2", "all evidence", "sift", "net", "occlusion"]
    image = explanation[0]
    assert titles[5] == f"probability of {image.target}"
    texts = [text.get_text() for text in figure.axes[5].texts]
    steps = [f"{step:+.3f}" for step in image.contributions]
    assert texts == [f"{image.base_value:.3f}", *steps, f"{image.probability:.3f}"]
    ends = [bar.get_x() + bar.get_width() for bar in figure.axes[5].patches]
    np.testing.assert_allclose(ends[-2:], image.probability, atol=1e-6)


def test_gallery_has_a_panel_an_image(explanation):
    figure = explanation.plot_gallery(titles=["one", "two", "three"], n_columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["one", "two", "three", ""]


def test_page_needs_no_other_file(explanation, tmp_path):
    path = explanation.to_html(tmp_path / "page.html", titles=["p<1>", "p2", "p3"])
    page = path.read_text()
    assert page.count("<section") == 3
    sources = re.findall(r'src="([^"]{0,40})', page)
    assert len(sources) == 3 * 5
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    # Any four letters may come up in the pictures themselves.
    assert "http" not in re.sub(r'src="[^"]*"', "", page)
    assert "p&lt;1&gt;" in page
    assert "<a & b>" not in page
    assert f"{explanation[0].contributions.iloc[0]:+.3f}" in page


@pytest.mark.parametrize("draw", ["plot_gallery", "to_html"])
def test_titles_must_be_one_for_each(explanation, draw, tmp_path):
    path = [tmp_path / "page.html"] if draw == "to_html" else []
    with pytest.raises(ValueError, match="titles must be 3, one for each image. Got 1"):
        getattr(explanation, draw)(*path, titles=["one"])


def test_unknown_sequence(explanation):
    with pytest.raises(ValueError, match=r"one of the 2 sequence\(s\), 0 to 1. Got 2 instead"):
        explanation.plot(channel=2)


def test_peak_is_the_highest_place(explanation):
    image = explanation[1]
    heat = image.heat_map(["net"])
    assert heat[image.peak(["net"])] == heat.max()
    assert repr(explanation).startswith("Explanation(3 images, parts: sift: T1")
