import copy
import threading

import numpy as np
import pytest
import torch

from sicf.features import _winograd
from sicf.features._winograd import Winograd, quicken

pytestmark = pytest.mark.plain_python
WIDE = 128


def convolution(channels=5, filters=7, **options):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return torch.nn.Conv2d(channels, filters, 3, padding=1, **options).requires_grad_(False)


def normal(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [(4, 4), (8, 12), (7, 9), (1, 1), (2, 21), (17, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_equals_the_direct_convolution_in_double_precision(size, bias):
    direct, pictures = convolution(bias=bias), normal(3, 5, *size)
    expected = copy.deepcopy(direct).double()(pictures.double())
    rounding = expected.abs().max() * 5e-6
    assert (Winograd(direct)(pictures) - expected).abs().max() < rounding


def test_whole_numbers_come_out_whole():
    """An oracle by hand: each place is the sum of the nine about it."""
    direct = convolution(1, 1, bias=False)
    direct.weight.fill_(1)
    picture = torch.arange(35.0).reshape(1, 1, 5, 7)
    padded = np.pad(picture[0, 0].numpy(), 1)
    expected = sum(padded[i : i + 5, j : j + 7] for i in range(3) for j in range(3))
    np.testing.assert_allclose(Winograd(direct)(picture)[0, 0].numpy(), expected, rtol=1e-5)


def test_one_picture_without_a_batch_is_convolved_directly():
    direct, picture = convolution(), normal(5, 8, 8)
    assert torch.equal(Winograd(direct)(picture), direct(picture))


def test_memory_layout_of_the_pictures_does_not_matter():
    forward, pictures = Winograd(convolution()), normal(2, 5, 9, 8)
    expected = forward(pictures)
    assert expected.is_contiguous(memory_format=torch.channels_last)
    last = pictures.contiguous(memory_format=torch.channels_last)
    sliced = normal(4, 10, 9, 8)[::2, ::2]
    assert torch.equal(forward(last), expected)
    assert torch.equal(forward(sliced), forward(sliced.contiguous()))


@pytest.mark.parametrize("threads", [2, 3])
def test_number_of_threads_changes_no_bit_and_is_put_back(threads, monkeypatch):
    monkeypatch.setattr(_winograd, "TILES_AT_ONCE", 4)
    forward, pictures = Winograd(convolution()), normal(3, 5, 30, 14)
    before, seen = torch.get_num_threads(), []
    try:
        torch.set_num_threads(1)
        expected = forward(pictures)
        torch.set_num_threads(threads)
        assert torch.equal(forward(pictures), expected)
        assert torch.get_num_threads() == threads
        new = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
        new.start()
        new.join()
        assert seen == [threads]
    finally:
        torch.set_num_threads(before)


def test_only_convolutions_that_it_can_do_are_quickened():
    class Other(torch.nn.Conv2d):
        pass

    fit = [convolution(WIDE, WIDE), convolution(WIDE // 2, WIDE, bias=False)]
    unfit = [
        torch.nn.Conv2d(WIDE, WIDE, 3),
        torch.nn.Conv2d(WIDE, WIDE, 5, padding=2),
        torch.nn.Conv2d(WIDE, WIDE, 3, padding=1, stride=2),
        torch.nn.Conv2d(WIDE, WIDE, 3, padding=2, dilation=2),
        torch.nn.Conv2d(WIDE, WIDE, 3, padding=1, groups=2),
        torch.nn.Conv2d(WIDE, WIDE, 3, padding=1, padding_mode="reflect"),
        torch.nn.Conv2d(3, WIDE, 3, padding=1),
        torch.nn.Conv2d(WIDE // 2, WIDE // 2, 3, padding=1),
        torch.nn.Conv2d(WIDE, WIDE, 3, padding=1, dtype=torch.bfloat16),
        Other(WIDE, WIDE, 3, padding=1),
    ]
    network = quicken(torch.nn.Sequential(*fit, *unfit))
    quick = [isinstance(vars(module).get("forward"), Winograd) for module in network]
    assert quick == [True] * len(fit) + [False] * len(unfit)


def test_quickened_network_keeps_names_weights_and_numbers():
    network = torch.nn.Sequential(convolution(WIDE, WIDE), torch.nn.ReLU()).eval()
    quick = quicken(copy.deepcopy(network))
    assert list(quick.state_dict()) == list(network.state_dict())
    pictures = normal(2, WIDE, 10, 10)
    expected = network(pictures)
    assert (quick(pictures) - expected).abs().max() < expected.max() * 1e-5
