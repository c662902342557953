import numpy as np
import pytest

from sicf.evaluation.report._thumbnail import thumbnail


def test_large_image_is_averaged_down():
    image = np.kron(np.arange(16).reshape(4, 4), np.ones((100, 100)))
    small = thumbnail(image, 0)
    assert small.shape == (133, 133)
    assert small.dtype == np.uint8
    assert (small.min(), small.max()) == (0, 255)
    # Blocks keep their order, and grey goes by intensity.
    centres = small[16::34, 16::34].ravel().astype(int)
    assert (np.diff(centres) > 0).all()


def test_averages_are_means_of_squares():
    image = np.zeros((320, 320))
    image[0, 0], image[2, 2] = 4, 8
    small = thumbnail(image, 0)
    assert small.shape == (160, 160)
    assert small[0, 0] == 127
    assert small[1, 1] == 255


def test_sequences_stand_side_by_side():
    image = np.random.default_rng(0).random((20, 30, 6))
    small = thumbnail(image, 0)
    assert small.shape == (20, 120)
    np.testing.assert_array_equal(small[:, 30:60], thumbnail(image[..., 1], 0))


@pytest.mark.parametrize("value", [0, 7.5, True])
def test_flat_image_is_black(value):
    assert thumbnail(np.full((16, 16), value), 0).max() == 0


@pytest.mark.parametrize("image", [np.zeros(5), np.zeros((0, 4)), np.full((3, 3), "a")])
def test_what_is_no_image_is_named(image):
    with pytest.raises(ValueError, match="images must hold arrays of numbers .* Image 7 has"):
        thumbnail(image, 7)
