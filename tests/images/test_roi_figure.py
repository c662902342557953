import matplotlib.pyplot as plt
import numpy as np
import pytest

from sicf.images import plot_boxes


def test_box_and_outline_are_drawn_where_they_are(rng):
    X = rng.random((3, 40, 60, 2))
    X[..., 1] = 0
    X[0, 10:20, 10:20, 1] = 1
    figure = plot_boxes(X, [[5, 10, 25, 40]] * 3, titles=["a", "b", "c"], n_columns=2, mask=1)
    frame = figure.axes[0].patches[0]
    assert frame.get_xy() == (9.5, 4.5)
    assert (frame.get_width(), frame.get_height()) == (30, 20)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c", ""]
    plt.close(figure)


@pytest.mark.parametrize(
    ("boxes", "options", "message"),
    [
        ([[0, 0, 5, 5]], {}, r"shape \(2, 4\), one for each image. Got \(1, 4\)"),
        ([[0, 0, 5, 5]] * 3, {}, r"shape \(2, 4\), one for each image. Got \(3, 4\)"),
        ([[0, 0, 5, 5]] * 2, {"titles": ["a"]}, "titles must be 2, one for each image. Got 1"),
        ([[0, 0, 5, 5]] * 2, {"channel": 3}, r"one of the 2 channel\(s\) of X, 0 to 1. Got 3"),
        ([[0, 0, 5, 5]] * 2, {"channel": "T1"}, r"one of the 2 channel\(s\).*Got 'T1'"),
        ([[0, 0, 5, 5]] * 2, {"n_columns": 0}, "n_columns must be at least 1. Got 0"),
    ],
)
def test_what_does_not_fit_the_images_is_named(boxes, options, message):
    with pytest.raises(ValueError, match=message):
        plot_boxes(np.ones((2, 40, 60, 2)), boxes, **options)
    assert not plt.get_fignums()
