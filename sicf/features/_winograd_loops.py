"""The compiled loops of Winograd's convolution: pictures to tiles, and products to pictures.

All in one file, since numba's cache of a function does not notice a change in another file. Each
sum is a loop of its own over contiguous lines, which is what the compiler turns into vectors. The
matrices are Lavin's and Gray's (see `_winograd`), written out, since most entries are zero.
"""

import numpy as np

from sicf._compiled import compiled

# Products and sums may become one instruction; nothing else about the arithmetic changes.
line_loop = compiled(fastmath={"contract"})

TWO, FOUR, FIVE, EIGHT = (np.float32(number) for number in (2, 4, 5, 8))


@line_loop
def to_tiles(pictures, first, stop, tiles):
    """Write the transformed tiles of some rows of tiles.

    Tiles of 6 x 6 places overlap by two. They begin one place outside of the picture, where all
    is zero, as it is beyond its other edges.

    Parameters
    ----------
    pictures : ndarray of float32 of shape (n, H, W, C)
    first, stop : int
        Rows of tiles, counted through all pictures.
    tiles : ndarray of float32 of shape ((stop - first) * tiles in a row, 6, 6, C)
        Written to.
    """
    _, height, width, channels = pictures.shape
    rows_of_tiles, in_a_row = (height + 3) // 4, (width + 3) // 4
    inside = slice(channels, (width + 1) * channels)
    window = np.zeros((6, (4 * in_a_row + 2) * channels), np.float32)
    strip = np.empty_like(window)
    for row in range(first, stop):
        lines = pictures[row // rows_of_tiles].reshape(height, width * channels)
        top = 4 * (row % rows_of_tiles) - 1
        for i in range(6):
            if 0 <= top + i < height:
                window[i, inside] = lines[top + i]
            else:
                window[i, inside] = 0
        _six_sums(window, strip)
        for column in range(in_a_row):
            tile = tiles[(row - first) * in_a_row + column]
            places = slice(4 * column * channels, (4 * column + 6) * channels)
            for i in range(6):
                _six_sums(strip[i, places].reshape(6, channels), tile[i])


@line_loop
def from_tiles(products, first, stop, bias, pictures):
    """Write the 4 x 4 places that each tile of some rows of tiles stands for.

    Parameters
    ----------
    products : ndarray of float32 of shape ((stop - first) * tiles in a row, 6, 6, K)
    first, stop : int
        Rows of tiles, counted through all pictures.
    bias : ndarray of float32 of shape (K,)
    pictures : ndarray of float32 of shape (n, H, W, K)
        Written to.
    """
    _, height, width, n_filters = pictures.shape
    rows_of_tiles, in_a_row = (height + 3) // 4, (width + 3) // 4
    strip = np.empty((4, 6 * n_filters), np.float32)
    places = np.empty((4, n_filters), np.float32)
    for row in range(first, stop):
        picture, top = pictures[row // rows_of_tiles], 4 * (row % rows_of_tiles)
        for column in range(in_a_row):
            tile = products[(row - first) * in_a_row + column]
            _four_sums(tile.reshape(6, 6 * n_filters), strip)
            for i in range(min(4, height - top)):
                _four_sums(strip[i].reshape(6, n_filters), places)
                for j in range(min(4, width - 4 * column)):
                    _add(places[j], bias, picture[top + i, 4 * column + j])


@line_loop
def _six_sums(lines, sums):
    a, b, c, d, e, f = lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]
    s0, s1, s2, s3, s4, s5 = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    for k in range(a.size):
        s0[k] = FOUR * a[k] - FIVE * c[k] + e[k]
    for k in range(a.size):
        s1[k] = (d[k] + e[k]) - FOUR * (b[k] + c[k])
    for k in range(a.size):
        s2[k] = FOUR * (b[k] - c[k]) - (d[k] - e[k])
    for k in range(a.size):
        s3[k] = TWO * (d[k] - b[k]) + (e[k] - c[k])
    for k in range(a.size):
        s4[k] = TWO * (b[k] - d[k]) + (e[k] - c[k])
    for k in range(a.size):
        s5[k] = FOUR * b[k] - FIVE * d[k] + f[k]


@line_loop
def _four_sums(lines, sums):
    a, b, c, d, e, f = lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]
    s0, s1, s2, s3 = sums[0], sums[1], sums[2], sums[3]
    for k in range(a.size):
        s0[k] = a[k] + (b[k] + c[k]) + (d[k] + e[k])
    for k in range(a.size):
        s1[k] = (b[k] - c[k]) + TWO * (d[k] - e[k])
    for k in range(a.size):
        s2[k] = (b[k] + c[k]) + FOUR * (d[k] + e[k])
    for k in range(a.size):
        s3[k] = (b[k] - c[k]) + EIGHT * (d[k] - e[k]) + f[k]


@line_loop
def _add(a, b, out):
    for k in range(a.size):
        out[k] = a[k] + b[k]
