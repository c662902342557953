"""The compiled loops of Winograd's convolution: pictures to tiles, and products to pictures.

All in one file, since numba's cache of a function does not notice a change in another file. Each
sum is a loop of its own over contiguous lines, which is what the compiler turns into vectors.
Tiles of 6 x 6 places overlap by two and give 4 x 4 places each. The matrices are Lavin's and Gray's
(see `_winograd`), written out, since most of their entries are zero.
"""

import numpy as np

from sicf._compiled import compiled

# Products and sums may become one instruction; nothing else about the arithmetic changes.
line_loop = compiled(fastmath={"contract"})

TWO, FOUR, FIVE, EIGHT = (np.float32(number) for number in (2, 4, 5, 8))


@line_loop
def to_tiles(pictures, first, stop, tiles, strip):
    """Write the transformed tiles of some rows of tiles.

    Parameters
    ----------
    pictures : ndarray of float32 of shape (n, H, W, C)
    first, stop : int
        Rows of tiles, counted through all pictures.
    tiles : ndarray of float32 of shape (6, 6, rows * tiles in a row, C)
        Written to.
    strip : ndarray of float32 of shape (6, (4 * tiles in a row + 2) * C)
        Scratch; its first C numbers, and those past the picture's last column, are zero.
    """
    _, height, width, channels = pictures.shape
    rows_of_tiles = (height + 3) // 4
    in_a_row = tiles.shape[2] // (stop - first)
    outside = np.zeros(width * channels, np.float32)
    inside = slice(channels, channels + width * channels)
    for row in range(first, stop):
        lines = pictures[row // rows_of_tiles].reshape(height, width * channels)
        top = 4 * (row % rows_of_tiles) - 1
        _six_sums(
            lines[top] if top >= 0 else outside,
            lines[top + 1],
            lines[top + 2] if top + 2 < height else outside,
            lines[top + 3] if top + 3 < height else outside,
            lines[top + 4] if top + 4 < height else outside,
            lines[top + 5] if top + 5 < height else outside,
            strip[0, inside],
            strip[1, inside],
            strip[2, inside],
            strip[3, inside],
            strip[4, inside],
            strip[5, inside],
        )
        for column in range(in_a_row):
            tile = (row - first) * in_a_row + column
            for i in range(6):
                line = strip[i, 4 * column * channels : (4 * column + 6) * channels]
                _six_sums(
                    line[:channels],
                    line[channels : 2 * channels],
                    line[2 * channels : 3 * channels],
                    line[3 * channels : 4 * channels],
                    line[4 * channels : 5 * channels],
                    line[5 * channels :],
                    tiles[i, 0, tile],
                    tiles[i, 1, tile],
                    tiles[i, 2, tile],
                    tiles[i, 3, tile],
                    tiles[i, 4, tile],
                    tiles[i, 5, tile],
                )


@line_loop
def from_tiles(products, first, stop, bias, pictures, scratch):
    """Write the places that some rows of tiles stand for.

    Parameters
    ----------
    products : ndarray of float32 of shape (6, 6, rows * tiles in a row, K)
    first, stop : int
        Rows of tiles, counted through all pictures.
    bias : ndarray of float32 of shape (K,)
    pictures : ndarray of float32 of shape (n, H, W, K)
        Written to.
    scratch : ndarray of float32 of shape (7, 4, K)
    """
    _, height, width, _ = pictures.shape
    rows_of_tiles = (height + 3) // 4
    in_a_row = products.shape[2] // (stop - first)
    halfway, line = scratch[:6], scratch[6]
    for row in range(first, stop):
        picture, top = pictures[row // rows_of_tiles], 4 * (row % rows_of_tiles)
        for column in range(in_a_row):
            tile = (row - first) * in_a_row + column
            for j in range(6):
                _four_sums(
                    products[0, j, tile],
                    products[1, j, tile],
                    products[2, j, tile],
                    products[3, j, tile],
                    products[4, j, tile],
                    products[5, j, tile],
                    halfway[j],
                )
            for i in range(min(4, height - top)):
                _four_sums(
                    halfway[0, i],
                    halfway[1, i],
                    halfway[2, i],
                    halfway[3, i],
                    halfway[4, i],
                    halfway[5, i],
                    line,
                )
                for j in range(min(4, width - 4 * column)):
                    _add(line[j], bias, picture[top + i, 4 * column + j])


@line_loop
def _six_sums(a, b, c, d, e, f, out0, out1, out2, out3, out4, out5):
    for k in range(a.size):
        out0[k] = FOUR * a[k] - FIVE * c[k] + e[k]
    for k in range(a.size):
        out1[k] = (d[k] + e[k]) - FOUR * (b[k] + c[k])
    for k in range(a.size):
        out2[k] = FOUR * (b[k] - c[k]) - (d[k] - e[k])
    for k in range(a.size):
        out3[k] = TWO * (d[k] - b[k]) + (e[k] - c[k])
    for k in range(a.size):
        out4[k] = TWO * (b[k] - d[k]) + (e[k] - c[k])
    for k in range(a.size):
        out5[k] = FOUR * b[k] - FIVE * d[k] + f[k]


@line_loop
def _four_sums(a, b, c, d, e, f, out):
    out0, out1, out2, out3 = out[0], out[1], out[2], out[3]
    for k in range(a.size):
        out0[k] = a[k] + (b[k] + c[k]) + (d[k] + e[k])
    for k in range(a.size):
        out1[k] = (b[k] - c[k]) + TWO * (d[k] - e[k])
    for k in range(a.size):
        out2[k] = (b[k] + c[k]) + FOUR * (d[k] + e[k])
    for k in range(a.size):
        out3[k] = (b[k] - c[k]) + EIGHT * (d[k] - e[k]) + f[k]


@line_loop
def _add(a, b, out):
    for k in range(a.size):
        out[k] = a[k] + b[k]
