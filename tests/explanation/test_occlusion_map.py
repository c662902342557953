import numpy as np
import pytest

from sicf.explanation._occlusion_map import blur, occlusion_map


def test_map_is_high_where_the_probability_comes_from():
    image = np.zeros((64, 48), np.uint8)
    image[8:16, 36:48] = 200

    def brightness(pictures):
        return np.array([picture[8:16, 36:48].mean() / 255 for picture in pictures])

    found = occlusion_map(brightness, image, 8)
    assert found.shape == (8, 8)
    # Windows over the spot cover row 1 and columns 6 and 7, or touch them from a cell beside.
    assert np.unravel_index(found.argmax(), found.shape) in {(1, 6), (1, 7)}
    assert found[1, 6] > 0
    assert np.abs(found[3:]).max() == 0
    assert np.abs(found[:, :4]).max() == 0


def test_mean_over_the_windows_that_hold_a_cell():
    image = np.zeros((32, 32), np.uint8)
    image[:, :16] = 255
    changed = []

    def note(pictures):
        changed.extend((picture != pictures[0]).any() for picture in pictures)
        return np.arange(len(pictures), dtype=float)

    # 9 windows over 2 x 2 cells, in rows; prediction k is lost by k.
    found = occlusion_map(note, image, 2)
    windows = -np.arange(1, 10).reshape(3, 3)
    expected = [[windows[r : r + 2, c : c + 2].mean() for c in (0, 1)] for r in (0, 1)]
    np.testing.assert_allclose(found, expected)
    assert len(changed) == 10


def test_mask_and_dtype_stay():
    image = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    blurred = blur(image, mask=1)
    assert blurred.dtype == np.uint8
    np.testing.assert_array_equal(blurred[..., 1], image[..., 1])
    assert blurred[..., 0].std() < image[..., 0].std() / 3
    assert blur(image[..., 0].astype(float)).mean() == pytest.approx(image[..., 0].mean(), rel=0.05)
