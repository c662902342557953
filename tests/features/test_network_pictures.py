import numpy as np
import pytest
import torch

from sicf._batch import check_images
from sicf.features._network_pictures import NetworkPictures


def test_equal_pictures_are_there_once(rng):
    one, other = rng.integers(0, 256, (2, 20, 24, 1), dtype=np.uint8)
    # Bytes of another shape or depth are another picture.
    turned = np.ascontiguousarray(one.reshape(24, 20, 1))
    batch = check_images([one, other, one.copy(), turned, one.astype(np.int16), other])
    pictures = NetworkPictures(batch, 16, as_channels=False)
    assert len(pictures) == 4
    assert pictures.place.tolist() == [0, 1, 0, 2, 3, 1]


def test_sequences_are_compared_one_by_one(rng):
    X = rng.integers(0, 256, (2, 20, 20, 3), dtype=np.uint8)
    X[1, :, :, 2] = X[0, :, :, 0]
    assert NetworkPictures(check_images(X), 16, False).place.tolist() == [0, 1, 2, 3, 4, 0]
    assert NetworkPictures(check_images(X), 16, True).place.tolist() == [0, 1]
    X[..., 2] = [[[0]], [[1]]]
    pictures = NetworkPictures(check_images(X[[0, 0]], mask=2), 16, False)
    assert pictures.place.tolist() == [0, 1, 0, 1]


def test_mask_alone_makes_no_other_picture(rng):
    X = np.repeat(rng.integers(0, 2, (1, 20, 20, 2), dtype=np.uint8), 2, axis=0)
    X[1, :, :, 1] = 0
    assert len(NetworkPictures(check_images(X, mask=1), 16, False)) == 1


@pytest.mark.parametrize("as_channels", [False, True])
@pytest.mark.parametrize("size", [32, 20, 45])
def test_tensor_is_torchvisions_resizing_and_normalisation(rng, as_channels, size):
    from torchvision.transforms.v2 import functional as F

    X = rng.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    pictures = NetworkPictures(check_images(X), size, as_channels)
    out = pictures.tensor(0, len(pictures))
    planes = torch.from_numpy(np.moveaxis(X, -1, 1).copy()).float() / 255
    if not as_channels:
        planes = planes.flatten(0, 1)[:, None].expand(-1, 3, -1, -1)
    expected = F.resize(planes, [size, size], antialias=True)
    expected = F.normalize(expected, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    torch.testing.assert_close(out, expected, rtol=1e-6, atol=1e-6)
    assert out.is_contiguous(memory_format=torch.channels_last)
