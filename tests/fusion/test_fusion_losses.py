"""Losses against scikit-image, scipy and hand-worked pictures."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage.metrics import structural_similarity

from sicf.fusion._fusion_losses import laplacian, sobel_strength, ssim, total_variation


@pytest.fixture
def pictures(rng):
    """Two noisy versions of one scene, 40 x 50."""
    scene = ndimage.gaussian_filter(rng.random((40, 50)), 2)
    scene = (scene - scene.min()) / np.ptp(scene)
    return [np.clip(scene + rng.normal(0, sigma, scene.shape), 0, 1) for sigma in (0.05, 0.2)]


def as_tensors(pictures):
    return [torch.from_numpy(picture)[None, None] for picture in pictures]


def test_ssim_is_that_of_scikit_image(pictures):
    _, everywhere = structural_similarity(
        *pictures,
        data_range=1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    # Windows of 11 that lie wholly inside the picture.
    expected = everywhere[5:-5, 5:-5].mean()
    assert ssim(*as_tensors(pictures)).item() == pytest.approx(expected, abs=1e-4)


def test_contrast_and_structure_ignore_a_shift_of_brightness(pictures):
    first, _ = as_tensors(pictures)
    assert ssim(first, first + 0.3, "cs").item() == pytest.approx(1)
    assert ssim(first, first + 0.3).item() < 0.95


def test_constant_pictures_have_an_ssim():
    grey, black = torch.full((1, 1, 16, 16), 0.5), torch.zeros(1, 1, 16, 16)
    assert ssim(grey, grey).item() == pytest.approx(1)
    assert 0 < ssim(grey, black).item() < 0.01


def test_sobel_and_laplace_are_those_of_scipy(pictures):
    first, _ = as_tensors(pictures)
    strength = sum(abs(ndimage.sobel(pictures[0], axis, mode="nearest")) for axis in (0, 1))
    np.testing.assert_allclose(sobel_strength(first)[0, 0], strength, atol=1e-6)
    expected = ndimage.laplace(pictures[0], mode="nearest")
    np.testing.assert_allclose(laplacian(first)[0, 0], expected, atol=1e-6)


def test_total_variation_of_a_ramp():
    ramp = torch.arange(5.0).repeat(4, 1)[None, None] * 0.1
    assert total_variation(ramp).item() == pytest.approx(0.01)
