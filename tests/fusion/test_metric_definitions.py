"""Each metric against its definition, pixel by pixel, and against scikit-image."""

import math

import numpy as np
import pytest
import pywt
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from sicf import fusion_metrics
from tests.fusion.metric_loops import (
    ag,
    cc,
    central,
    en,
    fmi,
    gaussian,
    mi,
    psnr,
    qabf,
    scd,
    sd,
    sf,
    sobel,
    ssim,
    vif,
)

HEIGHT, WIDTH = 46, 43
UNIFORM = [[1 / 49] * 7] * 7


def both(measure, A, B, F, *options):
    return measure(A, F, *options) + measure(B, F, *options)


MATLAB = {
    "EN": lambda A, B, F: en(F),
    "SD": lambda A, B, F: sd(F),
    "SF": lambda A, B, F: sf(F),
    "AG": lambda A, B, F: ag(F, (HEIGHT - 1) * (WIDTH - 1)),
    "MI": mi,
    "SCD": scd,
    "CC": cc,
    "VIF": lambda A, B, F: both(vif, A, B, F),
    "Qabf": qabf,
    "SSIM": lambda A, B, F: both(ssim, A, B, F, gaussian(11, 1.5), 1, 255) / 2,
    "FMI": fmi,
    "PSNR": lambda A, B, F: psnr(A, B, F, 255),
}
CDDFUSE = {
    "AG": lambda A, B, F: ag(F, HEIGHT * WIDTH),
    "MI": lambda A, B, F: math.log(2) * mi(A, B, F),
    "SSIM": lambda A, B, F: both(ssim, A, B, F, UNIFORM, 49 / 48, 255),
    "PSNR": lambda A, B, F: psnr(A, B, F, max(map(max, F))),
}


def texture(seed, sigma):
    """A smooth random image between 0 and 255, with a black corner as medical images have."""
    image = gaussian_filter(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH)), sigma)
    image = 255 * (image - image.min()) / np.ptp(image)
    image[:9, :12] = 0
    return image


@pytest.fixture(scope="module")
def of_floats():
    A, B = texture(0, 1.2), texture(1, 2.5)
    return A, B, 0.7 * A + 0.3 * B


@pytest.fixture(scope="module")
def of_bytes(of_floats):
    return tuple(np.floor(image + 0.5).astype(np.uint8) for image in of_floats)


def listed(images):
    return [image.astype(float).tolist() for image in images]


@pytest.mark.parametrize("name", MATLAB)
@pytest.mark.parametrize("kind", ["of_floats", "of_bytes"])
def test_each_metric_equals_its_definition(name, kind, request):
    images = request.getfixturevalue(kind)
    found = fusion_metrics(*images, which=name)[name]
    assert found == pytest.approx(MATLAB[name](*listed(images)), abs=1e-6, rel=0)


@pytest.mark.parametrize("name", MATLAB)
def test_the_other_convention_differs_where_it_says(name, of_bytes):
    expected = CDDFUSE.get(name, MATLAB[name])(*listed(of_bytes))
    found = fusion_metrics(*of_bytes, which=name, convention="cddfuse")[name]
    assert found == pytest.approx(expected, abs=1e-6, rel=0)
    ours = fusion_metrics(*of_bytes, which=name)[name]
    assert (abs(found - ours) > 1e-3) == (name in CDDFUSE)


def test_similarity_is_that_of_scikit_image(of_floats):
    wang = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    for options, of_skimage, share in (
        ({}, {"data_range": 255, **wang}, 2),
        ({"convention": "cddfuse"}, {"data_range": 255}, 1),
        ({"convention": "cddfuse", "parity": True}, {"data_range": 2}, 1),
    ):
        expected = sum(
            structural_similarity(source, of_floats[2], **of_skimage) for source in of_floats[:2]
        )
        found = fusion_metrics(*of_floats, which="SSIM", **options)["SSIM"]
        assert found == pytest.approx(expected / share, abs=1e-9)


def test_parity_takes_equal_strengths_as_the_published_codes_do(of_bytes):
    A, B, F = (image // 40 for image in of_bytes)
    F = np.where(np.arange(WIDTH) < WIDTH // 2, A, F)
    for parity in (False, True):
        found = fusion_metrics(A, B, F, which="Qabf", parity=parity)["Qabf"]
        assert found == pytest.approx(qabf(*listed((A, B, F)), parity=parity), abs=1e-6)
    # It matters where the tied strength is small: here 0.4 of a grey level, inside the border.
    slope = np.tile(np.arange(40) * 0.05, (40, 1))
    right, wrong = (
        fusion_metrics(*[slope] * 3, which="Qabf", parity=p)["Qabf"] for p in (False, True)
    )
    assert right == pytest.approx(0.9748, abs=1e-4)
    assert wrong < right - 0.1


@pytest.mark.parametrize("feature", ["gradient", "dct", "wavelet", "edge"])
def test_windows_of_feature_maps(feature, of_bytes):
    images = [image.astype(float)[:20, :18] for image in of_bytes]
    maps = [MAPS[feature](image) for image in images]
    found = fusion_metrics(*images, which="FMI", fmi_feature=feature)["FMI"]
    assert found == pytest.approx(fmi(*listed(maps)), abs=1e-6)


def gradient_by_hand(image):
    return np.array([[central(row, k) for k in range(len(row))] for row in image.tolist()])


def cosines_by_hand(image):
    return cosines(image.shape[0]) @ image @ cosines(image.shape[1]).T


def cosines(n):
    """The matrix of the orthonormal cosine transform."""
    k, m = np.mgrid[:n, :n]
    matrix = np.cos(np.pi * k * (2 * m + 1) / (2 * n)) * np.sqrt(2 / n)
    matrix[0] /= np.sqrt(2)
    return matrix


def wavelet_by_hand(image):
    """Along the rows first, then each half along the columns."""
    halves = pywt.dwt(image, "dmey", axis=1)
    return np.block([list(pywt.dwt(half, "dmey", axis=0)) for half in halves])


def edges_by_hand(image):
    """Sobel on an image continued by its mirror."""
    padded = np.pad(image, 1, mode="symmetric").tolist()
    strengths = np.array(
        [
            [sobel(padded, i + 1, j + 1)[0] ** 2 for j in range(image.shape[1])]
            for i in range(image.shape[0])
        ]
    )
    return (strengths > 4 * strengths.mean()).astype(float)


MAPS = {
    "gradient": gradient_by_hand,
    "dct": cosines_by_hand,
    "wavelet": wavelet_by_hand,
    "edge": edges_by_hand,
}
