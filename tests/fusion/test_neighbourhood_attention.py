"""Neighbourhood attention against loops over places, and against full attention."""

import numpy as np
import pytest
import torch

from sicf.fusion._neighbourhood_attention import NeighbourhoodAttention


def attend_by_loops(attention, places):
    """The paper's definition, place by place and head by head."""
    _, h, w, channels = places.shape
    heads, k, d = attention.heads, attention.window, channels // attention.heads
    qkv = attention.qkv(places[0]).reshape(h, w, 3, heads, d).detach().numpy()
    bias = attention.bias.detach().numpy()
    joined = np.zeros((h, w, heads, d))
    for i, j, n in np.ndindex(h, w, heads):
        top = min(max(i - k // 2, 0), h - k)
        left = min(max(j - k // 2, 0), w - k)
        square = [(y, x) for y in range(top, top + k) for x in range(left, left + k)]
        scores = np.array(
            [
                qkv[i, j, 0, n] @ qkv[y, x, 1, n] / np.sqrt(d)
                + bias[n, y - i + k - 1, x - j + k - 1]
                for y, x in square
            ]
        )
        weights = np.exp(scores - scores.max())
        values = np.array([qkv[y, x, 2, n] for y, x in square])
        joined[i, j, n] = weights @ values / weights.sum()
    joined = torch.from_numpy(joined.reshape(1, h, w, channels)).float()
    return attention.project(joined)


@pytest.mark.parametrize(("h", "w", "window"), [(5, 7, 3), (8, 6, 5), (7, 7, 7)])
def test_equals_its_definition(h, w, window):
    torch.manual_seed(0)
    attention = NeighbourhoodAttention(8, 2, window)
    torch.nn.init.normal_(attention.bias)
    places = torch.randn(1, h, w, 8)
    expected = attend_by_loops(attention, places)
    torch.testing.assert_close(attention(places), expected, rtol=1e-4, atol=1e-5)


def test_window_of_the_whole_map_is_full_attention():
    torch.manual_seed(1)
    attention = NeighbourhoodAttention(8, 2, 5)
    torch.nn.init.zeros_(attention.bias)
    places = torch.randn(3, 5, 5, 8)
    query, key, value = attention.qkv(places).reshape(3, 25, 3, 2, 4).permute(2, 0, 3, 1, 4)
    full = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    expected = attention.project(full.transpose(1, 2).reshape(3, 5, 5, 8))
    torch.testing.assert_close(attention(places), expected, rtol=1e-4, atol=1e-5)


def test_a_place_far_away_changes_nothing():
    torch.manual_seed(2)
    attention = NeighbourhoodAttention(4, 1, 3)
    places = torch.randn(1, 9, 9, 4)
    moved = places.clone()
    moved[0, 8, 8] += 1
    same = torch.isclose(attention(places), attention(moved)).all(-1)[0]
    assert same[:6, :6].all()
    assert not same[7:, 7:].any()


def test_map_smaller_than_the_window_is_refused():
    with pytest.raises(ValueError, match="at least 7 places a side.*Got 5 x 9"):
        NeighbourhoodAttention(4, 1, 7)(torch.zeros(1, 5, 9, 4))
