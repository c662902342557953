import matplotlib.pyplot as plt

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
