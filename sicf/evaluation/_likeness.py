"""Pictures that look alike though their bytes differ: recompressed, resized, brightened, noisy."""

import numpy as np
from scipy.fft import dctn

# Measured on 360 slices of 72 patients (docs/evaluation.md): pictures of different patients come to
# 0.60 at most, JPEG of quality 30, half the size and noise of 15 grey levels to 0.98 at least.
MOST_BITS = 12
LEAST_CORRELATION = 0.9
SIDE = 64
ROWS_AT_ONCE = 1000


def alike(pictures):
    """Pairs of pictures that look alike.

    Parameters
    ----------
    pictures : iterable of ndarray of shape (H, W) or (H, W, M)

    Returns
    -------
    list of (int, int)
        The lower number first.

    Notes
    -----
    A pair differs in at most 12 of 64 signs of the discrete cosine transform (against the median),
    and details of 64 x 64 thumbnails, what a blur takes away, correlate by at least 0.9. The
    signs are the quick question, and alone take the heads of two patients for one. Flipped, turned,
    cropped and histogram-equalised copies are not found.
    """
    thumbnails = np.array([_thumbnail(picture) for picture in pictures])
    bits, details = _bits(thumbnails), _details(thumbnails)
    found = []
    for start in range(0, len(bits), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        agreeing = bits[rows] @ bits[start:].T  # 64 less twice the differing bits
        near = np.argwhere(np.triu(agreeing >= 64 - 2 * MOST_BITS, k=1)) + start
        likeness = np.einsum("ij,ij->i", details[near[:, 0]], details[near[:, 1]])
        found += near[likeness >= LEAST_CORRELATION].tolist()
    return [tuple(pair) for pair in found]


def _thumbnail(picture):
    import cv2

    grey = np.asarray(picture, dtype=np.float32)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _bits(thumbnails):
    waves = dctn(thumbnails, axes=(1, 2))[:, :8, :8].reshape(-1, 64)
    above = waves > np.median(waves[:, 1:], axis=1, keepdims=True)
    return np.where(above, np.float32(1), np.float32(-1))


def _details(thumbnails):
    import cv2

    sharp = [thumbnail - cv2.GaussianBlur(thumbnail, (0, 0), 2) for thumbnail in thumbnails]
    flat = np.reshape(sharp, (len(thumbnails), -1))
    flat = flat - flat.mean(axis=1, keepdims=True)
    size = np.linalg.norm(flat, axis=1, keepdims=True)
    # A picture without details is like nothing.
    return np.divide(flat, size, out=np.zeros_like(flat), where=size > 0)
