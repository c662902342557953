"""What must hold for all images, and what is said of images that cannot be measured."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sicf import fusion_metrics

NAMES = ("EN", "SD", "SF", "AG", "MI", "SCD", "CC", "VIF", "Qabf", "SSIM", "FMI", "PSNR")
SMALL = tuple(name for name in NAMES if name != "VIF")


def pictures(n=1, side=48, seed=0):
    return np.random.default_rng(seed).integers(0, 256, size=(n, side, side), dtype=np.uint8)


def triple(n=1, side=48):
    return [pictures(n, side, seed) for seed in (0, 1, 2)]


def pixels(side=12):
    return arrays(np.uint8, (side, side), elements=st.integers(0, 255))


def test_one_image_fused_with_itself():
    A = pictures()[0]
    found = fusion_metrics(A, A, A)
    assert list(found) == list(NAMES)
    assert found["SSIM"] == pytest.approx(1, abs=1e-12)
    assert found["FMI"] == 1
    assert found["VIF"] == pytest.approx(2, abs=1e-6)
    assert found["CC"] == pytest.approx(1)
    assert found["MI"] == pytest.approx(2 * found["EN"])
    assert found["PSNR"] == math.inf
    assert math.isnan(found["SCD"])
    ceiling = 0.9994 / (1 + math.exp(-7.5)) * 0.9879 / (1 + math.exp(-4.4))
    assert found["Qabf"] == pytest.approx(ceiling, abs=1e-9)
    assert round(found["Qabf"], 3) == 0.975

    summed = fusion_metrics(A, A, A, convention="cddfuse")
    assert summed["SSIM"] == pytest.approx(2)
    assert summed["MI"] == pytest.approx(2 * math.log(2) * found["EN"])


def test_a_checkerboard_worked_by_hand():
    A = np.zeros((4, 4), dtype=np.uint8)
    A[::2, 1::2] = A[1::2, ::2] = 200
    B = np.full((4, 4), 100, dtype=np.uint8)
    found = fusion_metrics(A, B, A, which=("EN", "SD", "SF", "MI", "PSNR"))
    assert found["EN"] == pytest.approx(1)
    assert found["SD"] == pytest.approx(100)
    assert found["SF"] == pytest.approx(200 * math.sqrt(2))
    assert found["MI"] == pytest.approx(1)
    assert found["PSNR"] == pytest.approx(10 * math.log10(255**2 / 5000))


def test_a_constant_fused_image():
    A, B, _ = triple()
    found = fusion_metrics(A[0], B[0], np.full_like(A[0], 77))
    for name in ("EN", "SD", "SF", "AG", "MI"):
        assert found[name] == 0
    assert math.isnan(found["CC"])
    assert found["VIF"] == pytest.approx(0, abs=1e-9)
    # Only the border is left, beyond which an image counts as black.
    assert 0 < found["Qabf"] < 0.05
    assert -1 <= found["SSIM"] < 0.1
    assert math.isfinite(found["SCD"])
    assert math.isfinite(found["FMI"])
    assert math.isfinite(found["PSNR"])
    black = fusion_metrics(A[0], B[0], 0 * A[0], convention="cddfuse", which="PSNR")
    assert math.isnan(black["PSNR"])


@pytest.mark.parametrize("value", [0, 77, 255])
def test_everything_constant(value):
    A = np.full((48, 48), value, dtype=np.uint8)
    found = fusion_metrics(A, A, A)
    # Beyond the border an image counts as black, so that a bright one has an edge all round.
    undefined = {"SCD", "CC", "VIF"} | ({"Qabf"} if value == 0 else set())
    assert {name for name in NAMES if math.isnan(found[name])} == undefined
    assert found["SSIM"] == found["FMI"] == 1
    assert fusion_metrics(A, A, A, convention="cddfuse", parity=True, which="VIF")["VIF"] == 2


def test_a_stack_gives_what_its_images_give():
    A, B, F = triple(n=3)
    found = fusion_metrics(A, B, F)
    for index in range(3):
        for name, value in fusion_metrics(A[index], B[index], F[index]).items():
            assert isinstance(value, float)
            assert found[name].shape == (3,)
            assert found[name][index] == value


def test_a_list_of_several_sizes_gives_what_its_images_give():
    three = [triple(side=side) for side in (48, 60)]
    A, B, F = ([images[which][0] for images in three] for which in range(3))
    found = fusion_metrics(A, B, F, which=("MI", "SSIM"))
    for index in range(2):
        alone = fusion_metrics(A[index], B[index], F[index], which=("MI", "SSIM"))
        assert {name: values[index] for name, values in found.items()} == alone
    with pytest.raises(ValueError, match=r"A\[1\] .60, 60., B\[1\] .48, 48."):
        fusion_metrics(A, [B[0], B[0]], F)
    with pytest.raises(ValueError, match="as many images. Got 2, 1 and 2"):
        fusion_metrics(A, B[:1], F)
    with pytest.raises(ValueError, match="VIF needs images of at least 41 pixels a side. Got 40 x"):
        fusion_metrics(*[[image[:40, :40], image] for image in (A[0], B[0], F[0])])


@pytest.mark.parametrize("convention", ["matlab", "cddfuse"])
def test_data_range_and_dtypes_change_nothing(convention):
    A, B, F = triple()
    expected = fusion_metrics(A, B, F, convention=convention)
    shares = [image / 255 for image in (A, B, F)]
    deep = [image.astype(np.uint16) * 257 for image in (A, B, F)]
    for found in (
        fusion_metrics(*shares, convention=convention, data_range=1),
        fusion_metrics(*deep, convention=convention, data_range=65535),
        fusion_metrics(A, B.astype(np.float32), F.astype(float), convention=convention),
    ):
        for name in NAMES:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-6)


def test_which_chooses_and_orders():
    A, B, F = triple(side=12)
    assert list(fusion_metrics(A, B, F, which=["SF", "EN"])) == ["SF", "EN"]
    assert list(fusion_metrics(A, B, F, which="EN")) == ["EN"]


@settings(max_examples=25, deadline=None)
@given(pixels(), pixels(), pixels(), st.sampled_from(["matlab", "cddfuse"]))
def test_sources_may_change_places(A, B, F, convention):
    one = fusion_metrics(A, B, F, which=SMALL, convention=convention)
    other = fusion_metrics(B, A, F, which=SMALL, convention=convention)
    for name in SMALL:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(pixels(), pixels(), pixels())
def test_rows_and_columns_may_change_places(A, B, F):
    """Not so for FMI, whose windows are read column by column."""
    names = tuple(name for name in SMALL if name not in ("FMI", "Qabf"))
    one = fusion_metrics(A, B, F, which=names)
    other = fusion_metrics(A.T, B.T, F.T, which=names)
    for name in names:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(pixels(), pixels(), pixels())
def test_ranges(A, B, F):
    found = fusion_metrics(A, B, F, which=SMALL)
    assert 0 <= found["EN"] <= 8
    assert 0 <= found["SD"] <= 127.5
    assert 0 <= found["MI"] <= 2 * found["EN"] + 1e-9
    assert -1 <= found["SSIM"] <= 1 + 1e-12
    assert not abs(found["CC"]) > 1 + 1e-9
    assert not abs(found["SCD"]) > 2 + 1e-9
    assert not found["Qabf"] > 0.975
    assert min(found["SF"], found["AG"], found["PSNR"]) >= 0


@settings(max_examples=25, deadline=None)
@given(pixels(), pixels(), pixels())
def test_no_image_has_a_higher_ratio_to_noise_than_the_mean(A, B, F):
    mean = (A.astype(float) + B) / 2
    best = fusion_metrics(A, B, mean, which="PSNR", data_range=255)["PSNR"]
    assert fusion_metrics(A, B, F, which="PSNR")["PSNR"] <= best + 1e-9


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, (12, 12), elements=st.integers(0, 120)), st.integers(1, 60))
def test_brightness_changes_no_contrast(F, offset):
    names = ("EN", "SD", "SF", "AG")
    one = fusion_metrics(F, F, F, which=names)
    other = fusion_metrics(F, F, F + np.uint8(offset), which=names)
    for name in names:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9)


def test_shapes_that_differ():
    A, B, F = triple()
    with pytest.raises(ValueError, match=r"one shape. Got A\[0\] .48, 48., B\[0\] .48, 47., F"):
        fusion_metrics(A, B[:, :, 1:], F)
    with pytest.raises(ValueError, match=r"or be a list of \(H, W\). Got \(1, 48, 48, 3\)"):
        fusion_metrics(*[np.stack([image] * 3, axis=-1) for image in (A, B, F)])
    with pytest.raises(ValueError, match="A must hold pixels"):
        fusion_metrics(A[:0], B[:0], F[:0])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_pixels_that_are_not_finite(value):
    A, B, F = (image.astype(float) for image in triple(n=2))
    F[1, 3, 4] = value
    with pytest.raises(ValueError, match=r"must be finite. F\[1\] holds NaN or infinity"):
        fusion_metrics(A, B, F)
    with pytest.raises(ValueError, match="must be finite. F holds"):
        fusion_metrics(A[1], B[1], F[1])


def test_ranges_that_are_not_known():
    A, B, F = triple()
    with pytest.raises(ValueError, match=r"A\[0\] must be uint8 or of a float type .* Got int64"):
        fusion_metrics(A.astype(np.int64), B, F)
    for three in ((A / 255, B / 255, F), (A, B / 255, F), (A.astype(float), B, F / 255)):
        with pytest.raises(ValueError, match=r"highest value of [ABF] is 1. Set data_range=1"):
            fusion_metrics(*three)
    with pytest.raises(ValueError, match=r"between 0 and 255. F\[0\] lies between -1 and 254"):
        fusion_metrics(A, B, F - 1.0)
    with pytest.raises(ValueError, match=r"between 0 and 100. A\[0\] lies between 0 and 255"):
        fusion_metrics(A, B, F, data_range=100)
    with pytest.raises(ValueError, match="data_range must be above 0 and finite. Got 0"):
        fusion_metrics(A, B, F, data_range=0)
    with pytest.raises(TypeError, match="data_range must be a number or None. Got 'uint8'"):
        fusion_metrics(A, B, F, data_range="uint8")
    with pytest.raises(TypeError, match=r"B\[0\] must hold real numbers. Got dtype bool"):
        fusion_metrics(A, B > 9, F)


def test_images_too_small_for_a_metric():
    A, B, F = triple(side=40)
    with pytest.raises(ValueError, match="VIF needs images of at least 41 pixels a side. Got 40 x"):
        fusion_metrics(A, B, F)
    fusion_metrics(*triple(side=41), which="VIF")
    with pytest.raises(ValueError, match="SSIM needs images of at least 11"):
        fusion_metrics(A[:, :10], B[:, :10], F[:, :10], which=("EN", "SSIM"))


def test_names_that_are_not_known():
    A, B, F = triple()
    with pytest.raises(ValueError, match=r"which must name some of .* Got \('EN', 'NMI'\)"):
        fusion_metrics(A, B, F, which=("EN", "NMI"))
    with pytest.raises(ValueError, match="which must name some of"):
        fusion_metrics(A, B, F, which=())
    with pytest.raises(ValueError, match="convention must be one of"):
        fusion_metrics(A, B, F, convention="python")
    with pytest.raises(ValueError, match="fmi_feature must be one of"):
        fusion_metrics(A, B, F, fmi_feature="sobel")
    with pytest.raises(TypeError, match="parity must be True or False"):
        fusion_metrics(A, B, F, parity=1)
