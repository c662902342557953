"""Metrics of gradients: spatial frequency, average gradient and the edges kept (Qabf)."""

import numpy as np
from scipy.ndimage import sobel

# Xydeas and Petrovic: height, steepness and middle of both sigmoids.
STRENGTH = (0.9994, 15.0, 0.5)
ORIENTATION = (0.9879, 22.0, 0.8)


def spatial_frequency(fused):
    """Root of the mean squared differences along the rows and along the columns, added up."""
    along_rows = np.mean(np.diff(fused, axis=1) ** 2)
    along_columns = np.mean(np.diff(fused, axis=0) ** 2)
    return np.sqrt(along_rows + along_columns)


def average_gradient(fused, over_gaps=True):
    """Mean strength of the central differences.

    `over_gaps` divides by (H - 1)(W - 1), as the MATLAB toolbox does, though there are H x W.
    """
    down, right = np.gradient(fused)
    strengths = np.sqrt((right**2 + down**2) / 2)
    height, width = fused.shape
    return strengths.sum() / ((height - 1) * (width - 1) if over_gaps else strengths.size)


def edges_kept(first, second, fused, ties_by_strength=False):
    """Share of the sources' edges that the fused image keeps (Qabf).

    `ties_by_strength` takes for the ratio of two equal strengths the strength itself, as the
    published codes do. NaN where neither source has an edge.
    """
    strengths, kept = [], []
    edges_of_fused = _edges(fused)
    for source in (first, second):
        edges = _edges(source)
        strengths.append(edges[0])
        kept.append((_preserved(edges, edges_of_fused, ties_by_strength) * edges[0]).sum())
    total = strengths[0].sum() + strengths[1].sum()
    return sum(kept) / total if total > 0 else np.nan


def _edges(image):
    """Strength and angle of Sobel's gradients; beyond the border the image is 0."""
    right = sobel(image, axis=1, mode="constant")
    up = -sobel(image, axis=0, mode="constant")
    level = right == 0
    angle = np.where(level, np.pi / 2, np.arctan(up / np.where(level, 1, right)))
    return np.hypot(right, up), angle


def _preserved(edges, edges_of_fused, ties_by_strength):
    (strength, angle), (strength_of_fused, angle_of_fused) = edges, edges_of_fused
    lower = np.minimum(strength, strength_of_fused)
    higher = np.maximum(strength, strength_of_fused)
    ratio = np.divide(lower, higher, out=np.ones_like(lower), where=higher > 0)
    if ties_by_strength:
        ratio = np.where(strength == strength_of_fused, strength_of_fused, ratio)
    agreement = 1 - np.abs(angle - angle_of_fused) / (np.pi / 2)
    return _sigmoid(ratio, *STRENGTH) * _sigmoid(agreement, *ORIENTATION)


def _sigmoid(values, height, steepness, middle):
    return height / (1 + np.exp(-steepness * (values - middle)))
