"""DenseFuse, and through it what every fuser does with images, weights and bad input."""

import numpy as np
import pytest
import torch
from safetensors.torch import load
from skimage.metrics import structural_similarity
from sklearn.exceptions import NotFittedError

from sicf import CachedRows, DenseFuse
from sicf.fusion._fuser_weights import network_of

SMALL = {"base_channels": 4, "patch_size": 16, "epochs": 1, "batch_size": 4}


@pytest.fixture
def fitted(pairs):
    return DenseFuse(**SMALL).fit(pairs)


def test_learns_to_give_back_what_it_is_given(pairs):
    training = {"patch_size": 32, "epochs": 40, "batch_size": 4, "learning_rate": 3e-3}
    fuser = DenseFuse(4, **training).fit(pairs)
    again = fuser.reconstruct(pairs)
    assert again.shape == pairs.shape
    likeness = structural_similarity(pairs[0, ..., 0] / 255, again[0, ..., 0], data_range=1)
    assert likeness > 0.8
    losses = fuser.loss_curve_["loss"]
    assert losses.iloc[-1] < losses.iloc[0] / 4


def test_pair_of_one_picture_is_its_reconstruction(fitted, pairs):
    twice = pairs[..., [0, 0]]
    np.testing.assert_allclose(
        fitted.transform(twice), fitted.reconstruct(twice)[..., 0], atol=1e-6
    )


def test_three_sequences_are_fused_in_turn(pairs):
    three = np.concatenate([pairs, pairs[:, ::-1, :, :1]], axis=3)
    fuser = DenseFuse(**SMALL).fit(three)
    network = network_of(fuser)
    planes = torch.from_numpy(three.astype(np.float32) / 255).movedim(3, 0)[:, :, None]
    with torch.no_grad():
        expected = network.fuse(network.fuse(planes[0], planes[1]), planes[2])
    np.testing.assert_allclose(fuser.transform(three), expected[:, 0], atol=1e-6)


def test_mask_comes_through_as_it_was(fitted, pairs):
    mask = np.zeros((4, 32, 40, 1), np.uint8)
    mask[:, 5:9, 5:20] = 3
    with_mask = np.concatenate([mask, pairs], axis=3)
    fused = DenseFuse(**SMALL, mask=0).fit(with_mask).transform(with_mask)
    assert fused.shape == (4, 32, 40, 2)
    np.testing.assert_array_equal(fused[..., 0], fitted.transform(pairs))
    np.testing.assert_array_equal(fused[..., 1], mask[..., 0])


def test_weights_go_to_a_file_and_back(fitted, pairs, tmp_path):
    expected = fitted.transform(pairs)
    safe, torchs = tmp_path / "fuser.safetensors", tmp_path / "fuser.pth"
    safe.write_bytes(fitted.weights_)
    torch.save(load(fitted.weights_), torchs)
    for path in (safe, torchs):
        fuser = DenseFuse(**SMALL, weights=path).fit(pairs[:1])
        np.testing.assert_array_equal(fuser.transform(pairs), expected)
        assert not hasattr(fuser, "weights_")
    torchs.write_bytes(b"")
    with pytest.raises(ValueError, match="The weights must be those that fit saw"):
        fuser.transform(pairs)


def test_fuser_with_weights_is_frozen_and_can_be_cached(fitted, pairs, tmp_path):
    path = tmp_path / "fuser.safetensors"
    path.write_bytes(fitted.weights_)
    cached = CachedRows(DenseFuse(**SMALL, weights=path), tmp_path / "rows").fit(pairs)
    for _ in range(2):
        np.testing.assert_array_equal(cached.transform(pairs), fitted.transform(pairs))
    with pytest.raises(TypeError, match="takes a frozen transformer"):
        CachedRows(DenseFuse(**SMALL), tmp_path / "rows").fit(pairs)


def test_fuser_with_weights_needs_no_fit(fitted, pairs, tmp_path):
    path = tmp_path / "fuser.safetensors"
    path.write_bytes(fitted.weights_)
    frozen = DenseFuse(**SMALL, weights=path)
    np.testing.assert_array_equal(frozen.transform(pairs), fitted.transform(pairs))
    assert frozen.rows_depend_on()["weights"] == fitted.weights_fingerprint_
    with pytest.raises(ValueError, match="DenseFuse fuses 2 sequences or more"):
        frozen.transform(pairs[..., :1])
    with pytest.raises(NotFittedError):
        DenseFuse(**SMALL).transform(pairs)


def test_other_weights_are_refused(fitted, pairs, tmp_path):
    path = tmp_path / "fuser.safetensors"
    path.write_bytes(fitted.weights_)
    with pytest.raises(ValueError, match="must be those of DenseFuse with base_channels=8"):
        DenseFuse(8, weights=path).fit(pairs)
    fitted.weights_ = fitted.weights_[:-1] + b"\0"
    fitted.weights_fingerprint_ = "0" * 64
    with pytest.raises(ValueError, match="weights_ must be what fit learnt"):
        fitted.transform(pairs)


def test_sizes_may_differ_and_be_odd(fitted, rng):
    images = [rng.random((side, 21, 2)) for side in (16, 17, 40)]
    fused = fitted.transform(images)
    assert [picture.shape for picture in fused] == [(16, 21), (17, 21), (40, 21)]


def test_images_smaller_than_a_patch_are_trained_on(rng):
    X = rng.random((2, 16, 20, 2))
    assert DenseFuse(**SMALL | {"patch_size": 48}).fit_transform(X).shape == (2, 16, 20)


def test_constant_images_are_fused(fitted, pairs):
    X = np.zeros((2, 32, 40, 2))
    X[1] = 7
    fused = fitted.transform(X)
    assert np.isfinite(fused).all()
    np.testing.assert_array_equal(fused[0], fused[1])
    constant = DenseFuse(**SMALL).fit(X)
    assert np.isfinite(constant.transform(pairs)).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"base_channels": 0}, ValueError, "base_channels must be at least 1. Got 0"),
        ({"strategy": "min"}, ValueError, "strategy must be one of .*. Got 'min'"),
        ({"l1_window": 2}, ValueError, "l1_window must be odd. Got 2"),
        ({"ssim_weight": -1}, ValueError, "ssim_weight must be at least 0. Got -1"),
        ({"ssim_kind": "luma"}, ValueError, "ssim_kind must be one of .*. Got 'luma'"),
        ({"patch_size": 8}, ValueError, "patch_size must be at least 16. Got 8"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1. Got 0"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be above 0. Got 0"),
        ({"device": "tpu9"}, ValueError, "device must be None or a device of this machine"),
        ({"weights": "IMAGENET1K_V1"}, ValueError, "weights must be None or a file"),
        ({"weights": "none.pth"}, FileNotFoundError, "weights must name a file that exists"),
        ({"checkpoint": 3}, TypeError, "checkpoint must be None or the name of a folder. Got 3"),
    ],
)
def test_bad_parameters_are_named(pairs, change, error, message):
    with pytest.raises(error, match=message):
        DenseFuse(**SMALL | change).fit(pairs)


def test_bad_images_are_named(pairs, rng):
    nan = pairs.astype(float)
    nan[2, 3, 3, 1] = np.nan
    ragged = [[rng.random((20, 20)), rng.random((20, 24))]]
    for bad, message in [
        (pairs[..., 0], "DenseFuse fuses 2 sequences or more, .n, H, W, 2.. Got 1"),
        (nan, "Image 2 has 1 non-finite"),
        (ragged, "must lie on one grid. Image 0"),
        (pairs[:, :8], "at least 16 pixels a side"),
    ]:
        with pytest.raises(ValueError, match=message):
            DenseFuse(**SMALL).fit(bad)


def test_cuda_gives_what_the_cpu_gives(pairs):
    """A CUDA device gives what the CPU gives, as far as rounding goes."""
    if not torch.cuda.is_available():
        pytest.skip("this machine has no CUDA device")
    on_cpu = DenseFuse(**SMALL, device="cpu").fit(pairs)
    on_gpu = DenseFuse(**SMALL, device="cuda").fit(pairs)
    np.testing.assert_allclose(on_gpu.transform(pairs), on_cpu.transform(pairs), atol=1e-2)
